"""An autograder that gives what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Task
from factory_academy.domain.grade import Cause, GradingOutcome, TaskScore, Verdict
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import BadCourse

Grading = Callable[[AssignmentBundle, bytes, int], GradingOutcome]


class FixedAutograder:
    """Implements ``Autograder``: every task earns ``fraction`` of its points.

    ``faults`` are raised first, one a call; ``does`` replaces the grading; ``graded`` remembers each archive taken,
    ``tried`` which tasks alone were asked for.
    """

    def __init__(self, fraction: float = 1.0, *, faults: list[Exception] | None = None, does: Grading | None = None):
        self.fraction = fraction
        self.faults = list(faults or [])
        self.does = does
        self.graded: list[bytes] = []
        self.tried: list[frozenset[str] | None] = []
        self.reference_fails = ""

    def grade(
        self, bundle: AssignmentBundle, archive: bytes, seed: int, only: frozenset[str] | None = None
    ) -> GradingOutcome:
        self.graded.append(archive)
        self.tried.append(only)
        if self.faults:
            raise self.faults.pop(0)
        outcome = self.does(bundle, archive, seed) if self.does else outcome_of(bundle.tasks, self.fraction, seed)
        return replace(outcome, tasks=tuple(t for t in outcome.tasks if only is None or t.task_id in only))

    def record_contract(self, bundle: AssignmentBundle) -> AssignmentBundle:
        if self.reference_fails:
            raise BadCourse(self.reference_fails)
        return replace(bundle, files={**bundle.files, "contract.json": b"{}"})


def outcome_of(tasks: tuple[Task, ...], fraction: float = 1.0, seed: int = 0) -> GradingOutcome:
    """Graded, every task with this fraction of its points."""
    scores = tuple(_score(task, fraction) for task in tasks)
    return GradingOutcome(SubmissionState.GRADED, "Every task has its verdict.", scores, environment="fake", seed=seed)


def _score(task: Task, fraction: float) -> TaskScore:
    verdict = Verdict.PASSED if fraction == 1 else Verdict.PARTLY if fraction else Verdict.FAILED
    cause = Cause.NONE if fraction == 1 else Cause.ASSERTION
    return TaskScore(task.id, task.points * fraction, task.points, task.kind, verdict, cause, title=task.title)
