"""The tests of our own assignments, tried in the real sandbox by the real judge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from factory_academy.curriculum.bundling.notebooks import notebook_bytes, read_notebook
from factory_academy.curriculum.bundling.variants import Variant, answered, read_variants
from factory_academy.curriculum.catalogue import read_course
from factory_academy.domain.bundle import AssignmentBundle, zip_bytes
from factory_academy.domain.course import TaskKind
from factory_academy.domain.grade import GradingOutcome, TaskScore, Verdict
from factory_academy.grading.autograder import SandboxAutograder

COURSES = Path(__file__).parents[2] / "courses"
FOLDERS = {path.name: path for path in sorted(COURSES.glob("*/source/*"))}
MUTANTS = [(name, variant) for name, folder in FOLDERS.items() for variant in read_variants(folder)]
SEEDS = (1, 2, 3)


class Bench:
    """One warm autograder and each assignment hardened once."""

    def __init__(self, folder: Path) -> None:
        self._autograder = SandboxAutograder(folder)
        self._hardened: dict[str, AssignmentBundle] = {}

    def bundle(self, name: str) -> AssignmentBundle:
        """The assignment with the contract of its reference."""
        if name not in self._hardened:
            _, bundles = read_course(FOLDERS[name].parents[1])
            bundle = next(bundle for bundle in bundles if bundle.name == name)
            self._hardened[name] = self._autograder.record_contract(bundle)
        return self._hardened[name]

    def grade(self, name: str, notebook: bytes, seed: int) -> GradingOutcome:
        """The outcome of handing in this notebook."""
        return self._autograder.grade(self.bundle(name), zip_bytes({f"{name}.ipynb": notebook}), seed)

    def close(self) -> None:
        """End the warm processes."""
        self._autograder.close()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("bench"))
    yield bench
    bench.close()


def automatic(outcome: GradingOutcome) -> list[TaskScore]:
    return [score for score in outcome.tasks if score.kind is not TaskKind.MANUAL]


def lost(outcome: GradingOutcome) -> dict[str, TaskScore]:
    return {score.task_id: score for score in automatic(outcome) if score.earned < score.possible}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FOLDERS)
def test_the_reference_earns_every_automatic_point(bench: Bench, name: str, seed: int):
    outcome = bench.grade(name, bench.bundle(name).files[f"source/{name}.ipynb"], seed)
    assert not lost(outcome)
    assert len(outcome.tasks) == len(bench.bundle(name).tasks)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FOLDERS)
def test_a_second_right_solution_earns_every_automatic_point(bench: Bench, name: str, seed: int):
    outcome = bench.grade(name, bench.bundle(name).files[f"references/reference2/{name}.ipynb"], seed)
    assert not lost(outcome)


@pytest.mark.parametrize("name", FOLDERS)
def test_the_empty_release_earns_nothing(bench: Bench, name: str):
    outcome = bench.grade(name, bench.bundle(name).files[f"release/{name}.ipynb"], SEEDS[0])
    assert sum(score.earned for score in automatic(outcome)) == 0
    assert automatic(outcome)


@pytest.mark.parametrize(("name", "mutant"), MUTANTS, ids=[f"{name}-{mutant.name}" for name, mutant in MUTANTS])
def test_a_wrong_solution_loses_exactly_what_it_should_and_is_told_why(bench: Bench, name: str, mutant: Variant):
    source = read_notebook(FOLDERS[name] / f"{name}.py")
    outcome = bench.grade(name, notebook_bytes(answered({name: source}, mutant)[name]), SEEDS[0])
    assert set(lost(outcome)) == set(mutant.loses)
    hidden = lost(outcome)[mutant.loses[0]]
    assert hidden.verdict is Verdict.FAILED
    assert hidden.code == mutant.code
    assert hidden.message
    assert hidden.next_step


@pytest.mark.parametrize("name", FOLDERS)
def test_the_same_work_gets_the_same_verdicts_again(bench: Bench, name: str):
    notebook = bench.bundle(name).files[f"release/{name}.ipynb"]
    first, second = (bench.grade(name, notebook, SEEDS[0]) for _ in range(2))
    assert first.tasks == second.tasks


@pytest.mark.parametrize("name", FOLDERS)
def test_feedback_quotes_no_line_of_a_hidden_check(bench: Bench, name: str):
    bundle = bench.bundle(name)
    outcome = bench.grade(name, bundle.files[f"release/{name}.ipynb"], SEEDS[1])
    words = "\n".join(f"{s.message}\n{s.expected}\n{s.got}\n{s.next_step}" for s in outcome.tasks)
    words += "\n".join(f"{cell.output}\n{cell.error}" for cell in outcome.cells)
    hidden = [data.decode() for path, data in bundle.files.items() if path.startswith("grader/")]
    lines = {line.strip() for text in hidden for line in text.splitlines() if "(" in line and len(line.strip()) > 15}
    assert not [line for line in lines if line in words]
