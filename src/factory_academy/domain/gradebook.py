"""What nbgrader's gradebook shows of our records, and what people decided in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.grade import TaskScore
from factory_academy.domain.person import Person
from factory_academy.domain.submission import Submission


@dataclass(frozen=True, slots=True)
class GradedWork:
    """The submission of a trainee that counts, with its scores; without a verdict yet, ``tasks`` is empty.

    ``kept_fraction`` is what lateness leaves of the points, 0–1. ``by_hand`` names the tasks whose score a person gave,
    with the comment that goes with it.
    """

    trainee: Person
    submission: Submission
    archive: bytes
    tasks: tuple[TaskScore, ...] = ()
    kept_fraction: float = 1.0
    by_hand: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GradedAssignment:
    """One assignment in its present version, and everybody's work on it."""

    bundle: AssignmentBundle
    due_at: datetime | None
    works: tuple[GradedWork, ...]


@dataclass(frozen=True, slots=True)
class FormgraderMark:
    """A score or comment that someone wrote in formgrader. ``points`` is None where they only commented.

    ``extra_credit`` are points beyond the task's own, which our records do not hold.
    """

    trainee_id: str
    assignment_name: str
    submission_id: str
    task_id: str
    points: float | None
    comment: str = ""
    extra_credit: float = 0.0
