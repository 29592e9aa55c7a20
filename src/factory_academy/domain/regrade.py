"""Grading again after a correction: what must be tried anew, what changes for whom, and what may be published."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from factory_academy.domain.course import RegradePolicy, Task, TaskKind
from factory_academy.domain.grade import (
    Cause,
    Grade,
    GradingOutcome,
    TaskScore,
    Verdict,
    total_earned,
    total_possible,
    with_every_task,
)
from factory_academy.domain.submission import SubmissionState

_WHOLE = (SubmissionState.GRADED, SubmissionState.NEEDS_REVIEW)
_BY_CHANCE = (Cause.TIME, Cause.MEMORY, Cause.ENDED)


class RegradeState(StrEnum):
    """Where a regrade is.

    ``planned``: nothing runs yet. ``running``: workers try what must be tried; it can be published once nothing is
    left. ``published``: the new grades count. ``dropped``: nothing changed, and nothing will.
    """

    PLANNED = "planned"
    RUNNING = "running"
    PUBLISHED = "published"
    DROPPED = "dropped"

    @property
    def is_open(self) -> bool:
        """Whether it can still be published or dropped."""
        return self in (RegradeState.PLANNED, RegradeState.RUNNING)


class Decision(StrEnum):
    """What publishing did with one submission.

    ``pending``: nothing yet. ``published``: a new event. ``kept``: the old grade is better and stands. ``same``: the
    result is what it was. ``outdated``: the grade changed meanwhile, so this result is too old. ``failed``: it could
    not be tried, so the old grade stands.
    """

    PENDING = "pending"
    PUBLISHED = "published"
    KEPT = "kept"
    SAME = "same"
    OUTDATED = "outdated"
    FAILED = "failed"


class Direction(StrEnum):
    """Whether a total goes up, goes down or stays."""

    UP = "up"
    DOWN = "down"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Standing:
    """The present grade of a submission: its last event's number, what judged it and what each task earned."""

    submission_id: str
    event_number: int
    assignment_version: str
    environment: str
    tasks: tuple[TaskScore, ...]


@dataclass(frozen=True, slots=True)
class Regrade:
    """One asking to grade an assignment's submissions again with a version, and all who had a hand in it.

    ``changed`` are the tasks that differ for at least one submission; ``untouched`` counts submissions for which
    nothing does; ``cached`` counts scores that need not be tried. ``environment`` is what was installed when it was
    planned, as a digest. ``decided_by`` published or dropped it. ``seconds_each`` is how long one run took before.
    """

    id: str
    course_id: str
    assignment_name: str
    version: str
    environment: str
    policy: RegradePolicy
    reason: str
    planned_by: str
    planned_at: datetime
    state: RegradeState = RegradeState.PLANNED
    changed: tuple[str, ...] = ()
    untouched: int = 0
    cached: int = 0
    seconds_each: float = 0.0
    started_by: str = ""
    started_at: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegradeUnit:
    """One thing to try: the same answers and tasks are tried once for all who handed them in.

    ``content`` is the archive of one of them; ``tasks`` are to be tried; ``known`` are scores from the cache.
    """

    number: int
    content: str
    answers: str
    tasks: tuple[str, ...]
    known: tuple[TaskScore, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitClaim:
    """A worker's claim on one unit of a regrade. ``attempt`` counts from 1."""

    regrade_id: str
    version: str
    unit: RegradeUnit
    worker_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class RegradeItem:
    """One submission of a regrade, the event that was its last when planned, and the unit that tries it."""

    submission_id: str
    trainee_id: str
    event_number: int
    unit: int
    decision: Decision = Decision.PENDING


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What became of a unit: its outcome, or why there is none; neither while it waits."""

    outcome: GradingOutcome | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RegradeProgress:
    """How many units there are, how many are done and of how many nothing can be said."""

    units: int
    done: int
    failed: int
    tasks_to_try: int

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to try."""
        return self.done + self.failed == self.units


@dataclass(frozen=True, slots=True)
class TaskChange:
    """One task before and after; None where that version has no such task."""

    task_id: str
    title: str
    old: TaskScore | None
    new: TaskScore | None

    @property
    def is_change(self) -> bool:
        """Whether points, verdict or what may certify differ."""
        return _shown(self.old) != _shown(self.new)


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """One submission before and after; ``pass_fraction`` is where its certificate begins, if there is one."""

    submission_id: str
    trainee_id: str
    old: Grade
    new: Grade
    pass_fraction: float | None = None

    @property
    def tasks(self) -> tuple[TaskChange, ...]:
        """Every task of either version that changed, in the new order."""
        old, new = ({t.task_id: t for t in grade.tasks} for grade in (self.old, self.new))
        changes = (
            TaskChange(i, (new.get(i) or old[i]).title, old.get(i), new.get(i)) for i in dict.fromkeys([*new, *old])
        )
        return tuple(change for change in changes if change.is_change)

    @property
    def direction(self) -> Direction:
        """Whether the share of all points goes up or down."""
        difference = round(self.new.fraction - self.old.fraction, 9)
        return Direction.UP if difference > 0 else Direction.DOWN if difference < 0 else Direction.SAME

    @property
    def crossing(self) -> Direction:
        """Whether this submission comes to pass (up), no longer passes (down), or neither."""
        if self.pass_fraction is None:
            return Direction.SAME
        before, after = (grade.certifying_fraction >= self.pass_fraction for grade in (self.old, self.new))
        return Direction.SAME if before == after else Direction.UP if after else Direction.DOWN

    @property
    def refused(self) -> tuple[str, ...]:
        """Tasks that could not be judged now but were before: each waits for a person."""
        return tuple(
            change.task_id
            for change in self.tasks
            if change.new is not None
            and change.new.verdict is Verdict.NOT_JUDGED
            and (change.old is None or change.old.verdict is not Verdict.NOT_JUDGED)
        )


def cache_key(task_hash: str, answers: str) -> str:
    """Where the score of a task for some answers is kept."""
    return hashlib.sha256(f"{task_hash}\n{answers}".encode()).hexdigest()


def seed_of(answers: str) -> int:
    """The seed for these answers (their hash): the same answers draw the same luck."""
    return int(answers[:8], 16)


def keepable(outcome: GradingOutcome) -> tuple[TaskScore, ...]:
    """The scores that the same answers would earn again: not those of limits met, nor of a run that broke off."""
    if outcome.state not in _WHOLE:
        return ()
    return tuple(
        score
        for score in outcome.tasks
        if score.kind is not TaskKind.MANUAL
        and score.cause not in _BY_CHANCE
        and score.verdict is not Verdict.NOT_RUN
        and not score.by_hand
    )


def to_try(
    standing: Standing,
    state: SubmissionState,
    tasks: Sequence[Task],
    old_hashes: Mapping[str, str],
    new_hashes: Mapping[str, str],
) -> frozenset[str]:
    """The tasks that must be tried anew; of the others the present score stands.

    What a person decided is never tried. A run that did not come to its end is repeated whole.
    """
    scores = {score.task_id: score for score in standing.tasks}

    def stands(task: Task) -> bool:
        score = scores.get(task.id)
        if score is None:
            return False
        if score.by_hand or task.kind is TaskKind.MANUAL:
            return True
        same = task.id in old_hashes and old_hashes[task.id] == new_hashes.get(task.id)
        return same and state in _WHOLE and score.verdict is not Verdict.NOT_RUN and score.cause not in _BY_CHANCE

    return frozenset(task.id for task in tasks if not stands(task))


def merged(standing: Standing, tried: GradingOutcome, tasks: Sequence[Task]) -> GradingOutcome:
    """The whole outcome from what was tried anew and, for all other tasks, what stands."""
    new = {score.task_id for score in tried.tasks}
    kept = {score.task_id: score for score in standing.tasks if score.task_id not in new}
    stand = tuple(_carried(kept[task.id], task) for task in tasks if task.id in kept)
    whole = with_every_task(replace(tried, tasks=(*tried.tasks, *stand)), tasks)
    if whole.state in _WHOLE:
        state, reason = _state_of(whole.tasks)
        whole = replace(whole, state=state, reason=reason)
    return whole


def as_grade(submission_id: str, tasks: Sequence[TaskScore]) -> Grade:
    """The grade that these scores make."""
    return Grade(submission_id, total_earned(tasks), total_possible(tasks), tuple(tasks))


def decision_on(change: ScoreChange, policy: RegradePolicy) -> Decision:
    """What publishing this change does."""
    if not change.tasks:
        return Decision.SAME
    if policy is RegradePolicy.KEEP_BETTER and change.direction is Direction.DOWN:
        return Decision.KEPT
    return Decision.PUBLISHED


def tally(directions: Iterable[Direction]) -> Mapping[Direction, int]:
    """How many of each, none left out."""
    counted = Counter(directions)
    return {direction: counted[direction] for direction in Direction}


def _state_of(tasks: Sequence[TaskScore]) -> tuple[SubmissionState, str]:
    waiting = sum(score.verdict in (Verdict.MANUAL, Verdict.NOT_JUDGED) for score in tasks)
    if not waiting:
        return SubmissionState.GRADED, "Every task has its verdict."
    words = f"{waiting} task" + ("s wait" if waiting > 1 else " waits")
    return SubmissionState.NEEDS_REVIEW, f"{words} for a person; all others have their verdict."


def _carried(score: TaskScore, task: Task) -> TaskScore:
    """The score under the task as it is now; a person's points never exceed what there is."""
    return replace(score, earned=min(score.earned, task.points), possible=task.points, title=task.title, kind=task.kind)


def _shown(score: TaskScore | None) -> tuple[float, float, str, bool] | None:
    return None if score is None else (score.earned, score.possible, score.verdict, score.protected)
