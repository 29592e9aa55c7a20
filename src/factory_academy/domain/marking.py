"""Marks that people give: who marks what, when a task is decided, and what becomes of its score."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from factory_academy.domain.course import TaskKind
from factory_academy.domain.grade import Cause, GradingOutcome, TaskScore, Verdict
from factory_academy.domain.rubric import Rubric
from factory_academy.domain.submission import SubmissionState


class MarkKind(StrEnum):
    """What a mark is: one of up to two independent ones, the third that settles a difference, or an appeal's answer."""

    INDEPENDENT = "independent"
    MODERATION = "moderation"
    APPEAL = "appeal"


class Stage(StrEnum):
    """What a task waits for: a ``first`` mark, a ``second`` by someone else, ``moderation``, or nothing."""

    FIRST = "first"
    SECOND = "second"
    MODERATION = "moderation"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Mark:
    """What one person gave one task, for ever. ``levels`` are (criterion, level) of the rubric of that version."""

    submission_id: str
    task_id: str
    marker_id: str
    kind: MarkKind
    earned: float
    possible: float
    at: datetime
    comment: str = ""
    levels: tuple[tuple[str, str], ...] = ()
    rubric_version: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.earned) and 0 <= self.earned <= self.possible):
            raise ValueError(f"{self.task_id}: expected 0 to {self.possible:g} points, got {self.earned:g}")


@dataclass(frozen=True, slots=True)
class MarkingPolicy:
    """How people mark an assignment.

    ``second_fraction`` (0–1) of the work is marked twice; two marks agree if they differ by at most
    ``tolerance_fraction`` of the points. With ``release_together`` trainees see marks once all are published. An appeal
    is open for ``appeal_time`` after a verdict, and is to be answered within ``answer_time``.
    """

    second_fraction: float = 0.0
    tolerance_fraction: float = 0.0
    release_together: bool = False
    appeal_time: timedelta = timedelta(days=14)
    answer_time: timedelta = timedelta(days=10)

    def __post_init__(self) -> None:
        for name in ("second_fraction", "tolerance_fraction"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie in 0 to 1, got {getattr(self, name)}")
        if self.appeal_time < timedelta(0) or self.answer_time < timedelta(0):
            raise ValueError("the times for appeals must not be negative")


@dataclass(frozen=True, slots=True)
class Claim:
    """A marker's hold on one task of one submission, so that two people do not do the same work at once."""

    submission_id: str
    task_id: str
    marker_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Remark:
    """A general comment on a submission, plain text; of one person's the last counts."""

    submission_id: str
    person_id: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Snippet:
    """A comment that an instructor keeps to use again."""

    id: str
    owner_id: str
    course_id: str
    text: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """The points that marks come to, and the marks that they come from, the deciding one last."""

    earned: float
    marks: tuple[Mark, ...]

    @property
    def actor(self) -> str:
        """Who decided: whoever gave the last of the marks."""
        return self.marks[-1].marker_id


def independent(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """The independent marks that count: the last of each of the first two markers, in the order in which they began."""
    last = {mark.marker_id: mark for mark in marks if mark.kind is MarkKind.INDEPENDENT}
    return tuple(last.values())[:2]


def decision_of(marks: Sequence[Mark], doubled: bool, tolerance_fraction: float = 0.0) -> Decision | None:
    """What the marks of one task come to, in the order in which they were given; None while it is open.

    An appeal's answer outranks a moderation, which outranks independent marks. Two marks that agree come to their mean.
    """
    for kind in (MarkKind.APPEAL, MarkKind.MODERATION):
        settled = [mark for mark in marks if mark.kind is kind]
        if settled:
            return Decision(settled[-1].earned, (settled[-1],))
    given = independent(marks)
    if not given or len(given) < 1 + doubled:
        return None
    if not doubled:
        return Decision(given[0].earned, given[:1])
    one, other = given
    if abs(one.earned - other.earned) > tolerance_fraction * one.possible + 1e-9:
        return None
    return Decision(round((one.earned + other.earned) / 2, 6), given)


def stage_of(marks: Sequence[Mark], doubled: bool, tolerance_fraction: float = 0.0) -> Stage:
    """What the task waits for now."""
    if decision_of(marks, doubled, tolerance_fraction) is not None:
        return Stage.DECIDED
    return (Stage.FIRST, Stage.SECOND, Stage.MODERATION)[len(independent(marks))]


def is_waiting(score: TaskScore) -> bool:
    """Whether a person still has to decide about this task."""
    return score.verdict in (Verdict.MANUAL, Verdict.NOT_JUDGED)


def marked(score: TaskScore, decision: Decision, rubric: Rubric | None = None) -> TaskScore:
    """The score that a decision gives a task, with what the markers said as the message, in plain text."""
    earned = at_scale(decision.earned, decision.marks[-1].possible, score.possible)
    plain = replace(score, cause=Cause.NONE, expected="", got="", by_hand=True)
    said = message_of(decision.marks, rubric)
    return replace(plain, earned=earned, verdict=_verdict(earned, score.possible), message=said)


def message_of(marks: Sequence[Mark], rubric: Rubric | None = None) -> str:
    """What the marks say to the trainee: levels reached with their sentences, then the comments, each once."""
    lines: list[str] = []
    for mark in marks:
        if rubric is not None and mark.rubric_version == rubric.version:
            chosen = rubric.chosen(dict(mark.levels))
            lines += [f"{criterion.title}: {level.title}. {level.description}" for criterion, level in chosen]
        lines += [mark.comment.strip()] if mark.comment.strip() else []
    return "\n".join(dict.fromkeys(lines))


def with_scores(outcome: GradingOutcome, scores: Mapping[str, TaskScore]) -> GradingOutcome:
    """The outcome with these scores in place of its own; once nobody has to decide any more it is graded.

    A state that says how the run ended early stays: marks change the points, not what happened.
    """
    tasks = tuple(scores.get(task.task_id, task) for task in outcome.tasks)
    waiting = sum(is_waiting(task) for task in tasks)
    if outcome.state is not SubmissionState.NEEDS_REVIEW:
        return replace(outcome, tasks=tasks)
    if waiting:
        count = f"{waiting} task{'s wait' if waiting > 1 else ' waits'}"
        return replace(outcome, tasks=tasks, reason=f"{count} for a person; all others have their verdict.")
    return replace(outcome, tasks=tasks, state=SubmissionState.GRADED, reason="Every task has its verdict.")


def carried_over(before: GradingOutcome | None, after: GradingOutcome) -> GradingOutcome:
    """The outcome of a new run with what people had decided before: a machine never takes that back.

    On a task that tests judge, their new verdict counts where it gives more. Where a task's points changed, a person's
    share of them is kept.
    """
    by_hand = {task.task_id: task for task in (before.tasks if before else ()) if task.by_hand}
    kept = {
        task.task_id: _at_scale(by_hand[task.task_id], task)
        for task in after.tasks
        if task.task_id in by_hand and not _is_better(task, by_hand[task.task_id])
    }
    return with_scores(after, kept) if kept else after


def at_scale(earned: float, of: float, possible: float) -> float:
    """Points earned of so many, as the same share of another number of points."""
    if of == possible:
        return earned
    return min(round(earned / of * possible, 6), possible) if of else 0.0


def _is_better(fresh: TaskScore, held: TaskScore) -> bool:
    if fresh.kind is TaskKind.MANUAL or is_waiting(fresh):
        return False
    return fresh.earned > _at_scale(held, fresh).earned


def _at_scale(held: TaskScore, fresh: TaskScore) -> TaskScore:
    earned = at_scale(held.earned, held.possible, fresh.possible)
    return replace(held, earned=earned, possible=fresh.possible, kind=fresh.kind, title=fresh.title)


def _verdict(earned: float, possible: float) -> Verdict:
    if earned >= possible:
        return Verdict.PASSED
    return Verdict.PARTLY if earned else Verdict.FAILED
