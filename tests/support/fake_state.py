"""What the fake of the records remembers, and how it refuses what a database would."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TypeVar

from factory_academy.domain.appeal import Appeal
from factory_academy.domain.certificate import Certificate
from factory_academy.domain.course import Assignment, Course, Section
from factory_academy.domain.enrolment import Enrolment
from factory_academy.domain.factory import Cohort, Factory
from factory_academy.domain.grade import GradeEvent, GradingOutcome, TaskScore
from factory_academy.domain.lateness import DeadlineRule, Extension
from factory_academy.domain.marking import Claim, Mark, MarkingPolicy, Remark, Snippet
from factory_academy.domain.person import Person
from factory_academy.domain.regrade import Regrade, RegradeItem, RegradeUnit, UnitResult
from factory_academy.domain.rubric import Rubric
from factory_academy.domain.session import Lease, SessionRecord
from factory_academy.domain.submission import Submission
from factory_academy.domain.waiting import Worker
from factory_academy.errors import Conflict

Named = TypeVar("Named", Person, Factory, Cohort)


@dataclass(frozen=True, slots=True)
class FakeVersion:
    assignment: Assignment
    blob: str
    released_at: datetime


@dataclass(frozen=True, slots=True)
class FakeJob:
    submission_id: str
    priority: int
    turn: int
    added_at: datetime
    free_at: datetime
    asked_by: str = ""
    worker_id: str | None = None
    attempt: int = 0
    leased_until: datetime | None = None
    trainee_id: str = ""
    course_id: str = ""
    course_turn: int = 0
    losses: int = 0
    faults: int = 0

    @property
    def by_turn(self) -> tuple[int, datetime, str]:
        return (self.turn, self.added_at, self.submission_id)

    @property
    def by_slot(self) -> tuple[int, int, datetime, str]:
        return (-self.priority, self.course_turn, self.added_at, self.submission_id)

    def is_alike(self, other: FakeJob) -> bool:
        return (self.course_id, self.priority) == (other.course_id, other.priority)


@dataclass(frozen=True, slots=True)
class FakeRegradeUnit:
    unit: RegradeUnit
    free_at: datetime
    result: UnitResult = UnitResult()  # noqa: RUF009
    worker_id: str | None = None
    attempt: int = 0

    @property
    def is_waiting(self) -> bool:
        return self.result == UnitResult()


@dataclass
class State:
    """Everything remembered. Values never change in place, so a copy of the dictionaries is a copy of it all."""

    people: dict[str, Person] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    factories: dict[str, Factory] = field(default_factory=dict)
    cohorts: dict[str, Cohort] = field(default_factory=dict)
    members: dict[tuple[str, str], None] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)
    versions: dict[str, FakeVersion] = field(default_factory=dict)
    present: dict[tuple[str, str], str] = field(default_factory=dict)
    sections: dict[str, Section] = field(default_factory=dict)
    enrolments: dict[int, Enrolment] = field(default_factory=dict)
    submissions: dict[str, Submission] = field(default_factory=dict)
    jobs: dict[str, FakeJob] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    pause: dict[str, datetime] = field(default_factory=dict)
    durations: dict[int, tuple[str, str, float]] = field(default_factory=dict)
    events: dict[int, tuple[GradeEvent, GradingOutcome]] = field(default_factory=dict)
    sessions: dict[str, SessionRecord] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    marks: dict[int, Mark] = field(default_factory=dict)
    claims: dict[tuple[str, str], Claim] = field(default_factory=dict)
    remarks: dict[int, Remark] = field(default_factory=dict)
    rubrics: dict[str, Rubric] = field(default_factory=dict)
    task_rubrics: dict[tuple[str, str], str] = field(default_factory=dict)
    policies: dict[tuple[str, str], MarkingPolicy] = field(default_factory=dict)
    snippets: dict[str, Snippet] = field(default_factory=dict)
    appeals: dict[str, Appeal] = field(default_factory=dict)
    deadlines: dict[int, DeadlineRule] = field(default_factory=dict)
    extensions: dict[int, Extension] = field(default_factory=dict)
    regrades: dict[str, Regrade] = field(default_factory=dict)
    regrade_units: dict[tuple[str, int], FakeRegradeUnit] = field(default_factory=dict)
    regrade_items: dict[tuple[str, str], RegradeItem] = field(default_factory=dict)
    kept_scores: dict[str, TaskScore] = field(default_factory=dict)

    def copy(self) -> State:
        return State(**{f.name: dict(getattr(self, f.name)) for f in fields(self)})


class Fake:
    def __init__(self, state: State) -> None:
        self._state = state


def refuse(contradiction: bool, why: str) -> None:
    """As a database does with a constraint."""
    if contradiction:
        raise Conflict(why)


def by_id(things: Iterable[Named]) -> list[Named]:
    return sorted(things, key=lambda thing: thing.id)
