"""What is taught: courses, assignments, tasks and dated sections."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from factory_academy.domain.lateness import LatePolicy

_ID = re.compile(r"[a-z][a-z0-9-]*")
_ASSIGNMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class TaskKind(StrEnum):
    """How a task earns its points: by a test the trainee sees, by one they do not, or by a person."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    MANUAL = "manual"


class RegradePolicy(StrEnum):
    """What publishing a regrade does where a new result is lower.

    ``keep_better``: the old grade stands. ``replace``: the new one counts, higher or lower.
    """

    KEEP_BETTER = "keep_better"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Task:
    """One graded cell. ``id`` is the cell's grade_id, prefixed with ``<notebook>/`` where there are several.

    ``protected`` is false where the trainee's own code could give the verdict: such points do not certify.
    """

    id: str
    points: float
    kind: TaskKind
    title: str = ""
    protected: bool = True

    def __post_init__(self) -> None:
        if self.points < 0:
            raise ValueError(f"{self.id}: points must not be negative, got {self.points}")


@dataclass(frozen=True, slots=True)
class Assignment:
    """Graded work of a course, in the version that is released now.

    ``version`` is the sha256 of the assignment bundle with its contract, ``source_version`` that of the bundle as
    built, before the reference ran; ``id`` is ``<course>/<name>``. ``attempts_per_hour`` is how many submissions a
    trainee may hand in within any hour; None sets no limit. ``due_at`` and ``late_policy`` are what the course's files
    say; what counts is the deadline of a trainee's section, see ``domain/lateness.py``.
    """

    course_id: str
    name: str
    title: str
    tasks: tuple[Task, ...]
    version: str
    source_version: str = ""
    hardened: bool = False
    due_at: datetime | None = None
    max_seconds: int = 120
    attempts_per_hour: int | None = None
    late_policy: LatePolicy | None = None

    def __post_init__(self) -> None:
        if self.attempts_per_hour is not None and self.attempts_per_hour < 1:
            raise ValueError(f"attempts_per_hour must be at least 1, got {self.attempts_per_hour}")
        if not _ASSIGNMENT.fullmatch(self.name):
            raise ValueError(f"assignment name must be letters, digits, - or _; got {self.name!r}")

    @property
    def id(self) -> str:
        """``<course>/<name>``."""
        return f"{self.course_id}/{self.name}"

    @property
    def possible(self) -> float:
        """Points to be had in all."""
        return round(math.fsum(task.points for task in self.tasks), 6)


@dataclass(frozen=True, slots=True)
class CertificateRule:
    """What earns a course's certificate: a least fraction (0–1) of the automatic points of each assignment."""

    title: str
    pass_fraction: float = 0.7
    assignments: tuple[str, ...] = ()
    eqf_level: int | None = None
    hours: float | None = None
    outcomes: tuple[str, ...] = ()
    skills: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.pass_fraction <= 1:
            raise ValueError(f"pass_fraction must lie in (0, 1], got {self.pass_fraction}")


@dataclass(frozen=True, slots=True)
class Course:
    """A course: its assignments in order and the certificate they lead to, if any.

    ``place`` is where it stands among the courses: lower comes first.
    """

    id: str
    title: str
    summary: str = ""
    component: str = ""
    assignments: tuple[Assignment, ...] = ()
    certificate: CertificateRule | None = None
    place: int = 100
    regrade_policy: RegradePolicy = RegradePolicy.KEEP_BETTER

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"course id must match [a-z][a-z0-9-]*, got {self.id!r}")

    def assignment(self, name: str) -> Assignment | None:
        """The assignment of that name, or None."""
        return next((a for a in self.assignments if a.name == name), None)


@dataclass(frozen=True, slots=True)
class Section:
    """One dated running of a course by a factory."""

    id: str
    course_id: str
    factory_id: str
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
