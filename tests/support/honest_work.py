"""Honest solutions of many shapes to many tasks, tried in few runs; and what plain execution says of each."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from factory_academy.curriculum.bundling.notebooks import notebook_bytes, read_notebook
from factory_academy.curriculum.bundling.variants import Variant, answered, read_variant
from factory_academy.domain.bundle import AssignmentBundle, GradingLimits, zip_bytes
from factory_academy.domain.grade import GradingOutcome, TaskScore, Verdict
from tests.support.grading_work import answer, answers, assignment, check, given

DATA = Path(__file__).parents[1] / "grading" / "honest"
COURSES = Path(__file__).parents[2] / "courses"
LIMITS = GradingLimits(cell_seconds=20, total_seconds=120, memory_bytes=2 << 30)
_PART = re.compile(r"^#### (.+)\n", re.MULTILINE)
_PLAIN = """
import contextlib, io, json, sys, warnings
warnings.simplefilter("ignore")
failed = []
for name, cells in json.load(sys.stdin):
    space = {"__name__": "__main__"}
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for cell in cells:
                exec(cell, space)
    except BaseException as error:
        failed.append(f"{name}: {type(error).__name__}: {error}")
print(json.dumps(failed))
"""


@dataclass(frozen=True, slots=True)
class HonestTask:
    """One task: what is given, the reference, the test, and other right solutions by what is special in them."""

    name: str
    given: str
    reference: str
    test: str
    solutions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one honest solution to one task."""

    task: str
    solution: str
    score: TaskScore

    @property
    def refused(self) -> bool:
        """Whether no verdict was formed."""
        return self.score.verdict in (Verdict.NOT_JUDGED, Verdict.NOT_RUN)

    @property
    def lost(self) -> float:
        """Points lost."""
        return self.score.possible - self.score.earned

    def __str__(self) -> str:
        told = f"{self.score.verdict} ({self.score.cause}) {self.score.message} {self.score.expected} {self.score.got}"
        return f"{self.task}, {self.solution}: {told}"


def honest_tasks() -> tuple[HonestTask, ...]:
    """The small tasks, each in a file of its own."""
    return tuple(_task(path) for path in sorted((DATA / "tasks").glob("*.txt")))


def _task(path: Path) -> HonestTask:
    _, *rest = _PART.split(path.read_text())
    parts = dict(zip(rest[::2], rest[1::2], strict=True))
    fixed = parts.pop("given", ""), parts.pop("reference"), parts.pop("test")
    return HonestTask(path.stem, *fixed, parts)


def one_notebook(tasks: tuple[HonestTask, ...]) -> AssignmentBundle:
    """All tasks in one assignment."""
    cells = []
    for task in tasks:
        lines = "\n".join(f"    {line}" for line in task.reference.splitlines())
        cells += [given(task.given)] if task.given else []
        cells += [answer(f"{task.name}-answer", f"if True:\n    ### BEGIN SOLUTION\n{lines}\n    ### END SOLUTION")]
        cells += [check(task.name, task.test)]
    return assignment(*cells, limits=LIMITS)


def hands(tasks: tuple[HonestTask, ...]) -> Iterator[dict[str, str]]:
    """For each submission the name of its solution to each task; every solution is in one of them."""
    for number in range(max(len(task.solutions) for task in tasks)):
        yield {t.name: list(t.solutions)[number] for t in tasks if number < len(t.solutions)}


def handed_in(bundle: AssignmentBundle, tasks: tuple[HonestTask, ...], hand: dict[str, str]) -> bytes:
    """The submission of a hand."""
    sources = {f"{t.name}-answer".replace("-", "_"): t.solutions[hand[t.name]] for t in tasks if t.name in hand}
    return answers(bundle, **sources)


def failures_in_plain_python(tasks: tuple[HonestTask, ...]) -> list[str]:
    """Which of the solutions fail where nothing stands between them and the test."""
    runs = [
        (f"{t.name}, {name}", [t.given, source, t.test])
        for t in tasks
        for name, source in {"reference": t.reference, **t.solutions}.items()
    ]
    command = [sys.executable, "-c", _PLAIN]
    done = subprocess.run(command, input=json.dumps(runs), capture_output=True, text=True, check=True)
    failed: list[str] = json.loads(done.stdout)
    return failed


def variants(name: str) -> tuple[Variant, ...]:
    """Honest solutions to an assignment of ours."""
    return tuple(read_variant(path) for path in sorted((DATA / name).glob("*.txt")))


def with_variant(name: str, variant: Variant) -> bytes:
    """The submission of a variant."""
    [source] = COURSES.glob(f"*/source/{name}/{name}.py")
    return zip_bytes({f"{name}.ipynb": notebook_bytes(answered({name: read_notebook(source)}, variant)[name])})


def results(outcome: GradingOutcome, hand: dict[str, str]) -> list[Result]:
    """What became of each task of a hand."""
    return [Result(score.task_id, hand[score.task_id], score) for score in outcome.tasks if score.task_id in hand]
