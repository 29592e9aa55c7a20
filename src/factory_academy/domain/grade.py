"""Scores, verdicts and the append-only history of a grade."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from factory_academy.domain.course import Task, TaskKind
from factory_academy.domain.submission import SubmissionState


class Verdict(StrEnum):
    """What became of one task.

    ``passed``: full points. ``failed``: no points, the test says why. ``partly``: some of the points.
    ``not_judged``: the judge refused to form a verdict; a person looks. ``not_run``: never reached.
    ``manual``: a person marks it.
    """

    PASSED = "passed"
    FAILED = "failed"
    PARTLY = "partly"
    NOT_JUDGED = "not_judged"
    NOT_RUN = "not_run"
    MANUAL = "manual"


class Cause(StrEnum):
    """Why a task has its verdict.

    ``none``: nothing went wrong. ``assertion``: a check did not hold. ``exception``: an error was raised.
    ``time``: a limit of time. ``memory``: a limit of memory. ``contract``: outside what the reference does.
    ``missing_name``: the answer does not define what the task asks for. ``ended``: the process was gone.
    """

    NONE = "none"
    ASSERTION = "assertion"
    EXCEPTION = "exception"
    TIME = "time"
    MEMORY = "memory"
    CONTRACT = "contract"
    MISSING_NAME = "missing_name"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class TaskScore:
    """What one task earned, out of what it could, and what to tell the trainee.

    ``expected``, ``got`` and ``next_step`` are plain text, never markup; ``code`` is a misconception code. With
    ``by_hand`` a person decided. Where it is not ``protected``, its points do not certify.
    """

    task_id: str
    earned: float
    possible: float
    kind: TaskKind
    verdict: Verdict
    cause: Cause = Cause.NONE
    title: str = ""
    message: str = ""
    expected: str = ""
    got: str = ""
    next_step: str = ""
    code: str = ""
    by_hand: bool = False
    protected: bool = True

    def __post_init__(self) -> None:
        if not (math.isfinite(self.earned) and 0 <= self.earned <= self.possible):
            raise ValueError(f"{self.task_id}: {self.earned} of {self.possible}")


@dataclass(frozen=True, slots=True)
class CellRun:
    """One cell as it ran: what was asked, plain-text output within caps, and the error if it raised one.

    ``pictures`` are PNG files that we made from pixels, as base64 text.
    """

    label: str
    seconds: float
    output: str = ""
    error: str = ""
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GradingOutcome:
    """All that a run says about a submission: a terminal state with its reason, and the task scores."""

    state: SubmissionState
    reason: str
    tasks: tuple[TaskScore, ...] = ()
    cells: tuple[CellRun, ...] = ()
    notes: tuple[str, ...] = ()
    environment: str = ""
    seed: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if not self.state.is_terminal:
            raise ValueError(f"an outcome must be terminal, got {self.state}")

    @property
    def earned(self) -> float:
        """Points earned over all tasks."""
        return total_earned(self.tasks)

    @property
    def possible(self) -> float:
        """Points to be had over all tasks."""
        return total_possible(self.tasks)


@dataclass(frozen=True, slots=True)
class GradeEvent:
    """One line of the history: who set what, when and why. ``actor`` is ``autograder`` or a person's id.

    ``reason`` is for trainees too and names nobody; ``asked_by`` is who wanted it graded again, if anyone.
    """

    submission_id: str
    actor: str
    at: datetime
    reason: str
    old_earned: float | None
    new_earned: float
    possible: float
    assignment_version: str
    environment: str
    seed: int
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """The present result of one submission, derived from its last event. Points are before lateness.

    ``assignment_version`` judged it last; empty where that is not known. It is no part of what makes grades equal.
    """

    submission_id: str
    earned: float
    possible: float
    tasks: tuple[TaskScore, ...] = ()
    assignment_version: str = field(default="", compare=False)

    @property
    def fraction(self) -> float:
        """Share of all points, 0–1."""
        return self.earned / self.possible if self.possible else 0.0

    @property
    def automatic_fraction(self) -> float:
        """Share of the points that tests decide, 0–1; 0 where there are none."""
        return _share([task for task in self.tasks if task.kind is not TaskKind.MANUAL])

    @property
    def certifying_fraction(self) -> float:
        """Share of the points that protected tests decide, 0–1; 0 where there are none."""
        return _share([task for task in self.tasks if task.kind is not TaskKind.MANUAL and task.protected])


def _share(tasks: Sequence[TaskScore]) -> float:
    possible = math.fsum(task.possible for task in tasks)
    return math.fsum(task.earned for task in tasks) / possible if possible else 0.0


def with_every_task(outcome: GradingOutcome, tasks: Sequence[Task]) -> GradingOutcome:
    """The outcome with one score for each task of the assignment, in its order.

    A task that has none was not run and earns nothing: silence is never success. A score for no task of the
    assignment does not count, and of two scores for one task the lesser does.
    """
    scores: dict[str, TaskScore] = {}
    for score in outcome.tasks:
        known = scores.get(score.task_id)
        scores[score.task_id] = score if known is None else min(known, score, key=lambda s: s.earned)
    return replace(outcome, tasks=tuple(_of_task(scores.get(task.id), task) for task in tasks))


def _of_task(score: TaskScore | None, task: Task) -> TaskScore:
    score = score or _without_score(task)
    return score if score.protected is task.protected else replace(score, protected=task.protected)


def _without_score(task: Task) -> TaskScore:
    verdict = Verdict.MANUAL if task.kind is TaskKind.MANUAL else Verdict.NOT_RUN
    return TaskScore(task.id, 0.0, task.points, task.kind, verdict, title=task.title)


def total_earned(tasks: Sequence[TaskScore]) -> float:
    """Points earned over all tasks, rounded to a millionth so that sums print as people expect."""
    return round(math.fsum(task.earned for task in tasks), 6)


def total_possible(tasks: Sequence[TaskScore]) -> float:
    """Points to be had over all tasks, rounded like ``total_earned``: so whoever earned all has all of it."""
    return round(math.fsum(task.possible for task in tasks), 6)
