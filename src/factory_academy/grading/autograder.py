"""The autograder: handed-in bytes in, an outcome with exactly one terminal state out."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from factory_academy.domain.allowance import allowances_from_bytes
from factory_academy.domain.bundle import AssignmentBundle, zip_bytes
from factory_academy.domain.course import Task, TaskKind
from factory_academy.domain.grade import GradingOutcome, TaskScore
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import BadArchive, BadCourse, BadNotebook, CannotIsolate, InfrastructureFault, TooLarge
from factory_academy.grading.contract import Contract, TestContract, merged_contracts, widened_contract
from factory_academy.grading.intake import open_archive
from factory_academy.grading.outcomes import Part, part_of_trial, part_without_trial, state_of
from factory_academy.grading.trials import parcel, sandboxes
from factory_academy.grading.trials.trial import Forks, Trial
from factory_academy.grading.trials.unsandboxed import UnsandboxedForks
from factory_academy.grading.trials.zygotes import MakeZygote, Zygotes, environment_digest, worth_importing
from factory_academy.grading.work import names
from factory_academy.grading.work.notebook import read_notebook
from factory_academy.grading.work.parts import find_notebook, is_allowed, references_of, released, tasks_of
from factory_academy.grading.work.plan import Plan, plan
from factory_academy.grading.work.selection import only_these
from factory_academy.isolation.slots import UidSlots

RECORD_SEED = 20_240_229


@dataclass(frozen=True, slots=True)
class _Mode:
    """How tests are tried: ``record`` watches the reference, ``enforce`` holds work to its contract.

    ``only``: the tasks to give scores of; None for all.
    """

    name: str
    without_given: frozenset[str] = frozenset()
    only: frozenset[str] | None = None


class SandboxAutograder:
    """Runs work in a sandbox and lets the judge decide. ``folder`` holds logs and locks of this machine.

    ``allow_unsandboxed``: run work without a sandbox where none can be had. Names a risk. ``make_zygote`` makes the
    warm processes; the cellar's by default.
    """

    def __init__(self, folder: Path, *, allow_unsandboxed: bool = False, make_zygote: MakeZygote | None = None) -> None:
        self._folder, self._allow_unsandboxed = folder, allow_unsandboxed
        self._zygotes = Zygotes(folder / "zygotes", make_zygote)
        self._unsandboxed = Zygotes(folder / "unsandboxed", lambda python, preload, folder: UnsandboxedForks(folder))

    def close(self) -> None:
        """End the warm processes and all that they forked."""
        self._zygotes.close()
        self._unsandboxed.close()

    def warm(self, bundle: AssignmentBundle) -> bool:
        """Start the process from which runs of this assignment are forked; False where no more are kept.

        Raises:
            InfrastructureFault, CannotIsolate: it could not be started.
        """
        ours = [read_notebook(bundle.files[f"source/{name}.ipynb"]) for name in bundle.notebooks]
        sources = [cell.source for notebook in ours for cell in notebook.cells if cell.kind == "code"]
        return self._zygotes.warm(_modules(bundle, frozenset().union(*map(names.imported_modules, sources))))

    def grade(
        self, bundle: AssignmentBundle, archive: bytes, seed: int, only: frozenset[str] | None = None
    ) -> GradingOutcome:
        """Grade one submission; whatever is in it, it gets an outcome.

        ``only``: try these tasks and what they stand on, run no cell after them, and give no other scores.

        Raises:
            InfrastructureFault: the fault is ours; try again later.
            CannotIsolate: this machine cannot give the work a sandbox.
        """
        began = time.monotonic()
        try:
            files = open_archive(archive)
        except TooLarge as error:
            return self._outcome(bundle, [_whole(bundle, SubmissionState.TOO_LARGE, str(error), only)], seed, began)
        except BadArchive as error:
            return self._outcome(bundle, [_whole(bundle, SubmissionState.UNREADABLE, str(error), only)], seed, began)
        mode = _Mode("enforce", only=only)
        wanted = [name for name in bundle.notebooks if only is None or _wanted(tasks_of(bundle, name), only)]
        parts = [self._grade_notebook(bundle, name, files, seed, mode)[0] for name in wanted]
        return self._outcome(bundle, parts, seed, began)

    def record_contract(self, bundle: AssignmentBundle) -> AssignmentBundle:
        """The bundle with the contract of all its reference solutions, each of which must earn every automatic point.

        Raises:
            BadCourse: one does not; the message names it and the tasks.
        """
        recorded = [self._record(bundle, files, frozenset()) for files in references_of(bundle).values()]
        apart = frozenset(score.task_id for _, failed in recorded for score in failed)
        if apart:
            recorded = [self._record(bundle, files, apart) for files in references_of(bundle).values()]
        for name, (_, failed) in zip(references_of(bundle), recorded, strict=True):
            if failed:
                words = "; ".join(f"{score.task_id}: {_why(score)}" for score in failed)
                raise BadCourse(
                    f"{bundle.course_id}/{bundle.name}: {name} does not earn every point. {words}",
                    "Run that notebook from top to bottom, mend the solution or the test, and release again.",
                )
        contract = merged_contracts([contract for contract, _ in recorded])
        contract = widened_contract(contract, allowances_from_bytes(bundle.files.get("allow.json", b"[]")))
        return replace(bundle, files={**bundle.files, "contract.json": contract.to_bytes()})

    def _record(
        self, bundle: AssignmentBundle, files: Mapping[str, bytes], without_given: frozenset[str]
    ) -> tuple[Contract, list[TaskScore]]:
        bare = replace(bundle, files={k: v for k, v in bundle.files.items() if k != "contract.json"})
        seen, parts = [], []
        for name in bundle.notebooks:
            part, trial = self._grade_notebook(bare, name, files, RECORD_SEED, _Mode("record", without_given))
            parts.append(part)
            seen += [_recorded(line) for line in (trial.lines if trial else ()) if line["t"] == "contract"]
        failed = [s for s in _scores(bundle, parts) if s.kind is not TaskKind.MANUAL and s.earned < s.possible]
        return merged_contracts(seen), failed

    def _grade_notebook(
        self, bundle: AssignmentBundle, name: str, files: Mapping[str, bytes], seed: int, mode: _Mode
    ) -> tuple[Part, Trial | None]:
        tasks = tasks_of(bundle, name)
        by_id = _wanted(tasks, mode.only)
        path = find_notebook(files, name)
        if path is None:
            reason = f"{name}.ipynb is not in what was handed in; do not rename the notebook."
            return part_without_trial(by_id, SubmissionState.MISSING, reason), None
        try:
            theirs = read_notebook(files[path])
        except BadNotebook as error:
            reason = f"{name}.ipynb: {error}. {error.next_step}"
            return part_without_trial(by_id, SubmissionState.UNREADABLE, reason), None
        planned = plan(read_notebook(bundle.files[f"source/{name}.ipynb"]), released(bundle, name), theirs, tasks)
        if mode.only is not None:
            planned = only_these(planned, mode.only)
        trial = self._try(bundle, planned, files, seed, mode)
        if trial.is_broken_off:
            trial = self._try(bundle, planned, files, seed, mode)
        if trial.is_broken_off:
            raise InfrastructureFault(
                f"the judge ended before its work did ({trial.judge_ending})", "It is tried again."
            )
        return part_of_trial(trial, by_id, planned.manual, planned.notes), trial

    def _try(
        self, bundle: AssignmentBundle, planned: Plan, files: Mapping[str, bytes], seed: int, mode: _Mode
    ) -> Trial:
        data = bundle.release_files()
        data = {path: content for path, content in data.items() if not path.endswith(".ipynb")}
        graders = {path: content for path, content in bundle.files.items() if path.startswith("grader/")}
        extra = {path: content for path, content in files.items() if is_allowed(bundle, path)}
        asked_for = {path: extra[path] for path in extra if path in bundle.extra_files}
        answers_parcel = parcel.pack(_answers_order(bundle, seed), {**extra, **data, **asked_for})
        judge_parcel = parcel.pack(_judge_order(bundle, planned, seed, mode), {**data, **graders})
        modules = _modules(bundle, planned.modules)
        alone = mode.name == "record"
        try:
            return self._hold(bundle, self._zygotes.with_imports(modules, alone=alone), answers_parcel, judge_parcel)
        except CannotIsolate:
            if not self._allow_unsandboxed:
                raise
            return self._hold(bundle, self._unsandboxed.with_imports(()), answers_parcel, judge_parcel)

    def _hold(
        self,
        bundle: AssignmentBundle,
        warm: AbstractContextManager[Forks],
        answers_parcel: bytes,
        judge_parcel: bytes,
    ) -> Trial:
        slots, limits = UidSlots(self._folder / "uids"), bundle.limits
        with slots.take() as answers, slots.take() as judge, warm as zygote:
            specs = (sandboxes.answers_spec(answers.uid, limits), sandboxes.judge_spec(judge.uid))
            boxes = (sandboxes.answers_limits(limits), sandboxes.judge_limits(limits))
            trial = Trial(zygote, specs, boxes, limits)
            trial.run(answers_parcel, judge_parcel)
        return trial

    def _outcome(self, bundle: AssignmentBundle, parts: list[Part], seed: int, began: float) -> GradingOutcome:
        scores = _scores(bundle, parts)
        state, reason = state_of(parts, scores)
        return GradingOutcome(
            state=state,
            reason=reason,
            tasks=scores,
            cells=tuple(cell for part in parts for cell in part.cells),
            notes=tuple(note for part in parts for note in part.notes),
            environment=environment_digest(),
            seed=seed,
            seconds=round(time.monotonic() - began, 3),
        )


def _recorded(line: Mapping[str, Any]) -> Contract:
    tests = {task_id: TestContract.from_json(test) for task_id, test in line["tests"].items()}
    return Contract(tests, tuple(sorted(worth_importing(set(line["modules"])))))


def _scores(bundle: AssignmentBundle, parts: list[Part]) -> tuple[TaskScore, ...]:
    known = {task_id: score for part in parts for task_id, score in part.scores.items()}
    return tuple(known[task.id] for task in bundle.tasks if task.id in known)


def _whole(bundle: AssignmentBundle, state: SubmissionState, reason: str, only: frozenset[str] | None) -> Part:
    return part_without_trial(_wanted({task.id: task for task in bundle.tasks}, only), state, reason)


def _wanted(tasks: Mapping[str, Task], only: frozenset[str] | None) -> dict[str, Task]:
    """By task id, those to be scored."""
    return {task.id: task for task in tasks.values() if only is None or task.id in only}


def _answers_order(bundle: AssignmentBundle, seed: int) -> dict[str, Any]:
    """The seed follows from the run's, and does not lead back to it: what the judge draws stays the judge's."""
    own = int.from_bytes(hashlib.sha256(f"answers {seed}".encode()).digest()[:4])
    return {"seed": own, "output_characters": min(bundle.limits.output_bytes, 1 << 20)}


def _judge_order(bundle: AssignmentBundle, planned: Plan, seed: int, mode: _Mode) -> dict[str, Any]:
    contracts = {}
    if bundle.is_hardened and mode.name == "enforce":
        contracts = json.loads(bundle.files["contract.json"])["tests"]
    return {
        **planned.as_order(),
        "seed": seed,
        "cell_seconds": bundle.limits.cell_seconds,
        "mode": mode.name,
        "without_given": sorted(mode.without_given),
        "contracts": contracts,
        "hints": json.loads(bundle.files.get("hints.json", b"{}")),
    }


def _modules(bundle: AssignmentBundle, imported: frozenset[str]) -> set[str]:
    return {*bundle.preload, *worth_importing(imported), *_known_modules(bundle)}


def _known_modules(bundle: AssignmentBundle) -> frozenset[str]:
    if not bundle.is_hardened:
        return frozenset()
    return worth_importing(Contract.from_bytes(bundle.files["contract.json"]).preload)


def _why(score: TaskScore) -> str:
    return score.message or score.verdict.value


def pack_submission(files: Mapping[str, bytes]) -> bytes:
    """An archive of files, as the exchange sends it."""
    return zip_bytes(files)
