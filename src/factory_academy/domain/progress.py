"""How far a trainee has come in a course: always computed, never typed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from factory_academy.domain.course import Assignment, Course
from factory_academy.domain.grade import Grade
from factory_academy.domain.submission import Submission


@dataclass(frozen=True, slots=True)
class AssignmentProgress:
    """A trainee's standing in one assignment; the best submission counts.

    ``certifying_fraction`` (0–1) is the best share of protected tasks among submissions to hardened versions: only
    those certify.
    ``certifying_version`` is the version that share was earned on; empty where there is none.
    """

    assignment: Assignment
    submissions: int = 0
    best: Grade | None = None
    best_submission_id: str | None = None
    certifying_fraction: float = 0.0
    certifying_version: str = ""
    latest_at: datetime | None = None

    @property
    def fraction(self) -> float:
        """Share of the automatic points, 0–1."""
        return self.best.automatic_fraction if self.best else 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """A trainee's standing in a course."""

    trainee_id: str
    course: Course
    assignments: tuple[AssignmentProgress, ...] = ()

    @property
    def fraction(self) -> float:
        """Mean share of the automatic points over the assignments, 0–1."""
        if not self.assignments:
            return 0.0
        return sum(a.fraction for a in self.assignments) / len(self.assignments)

    @property
    def next_assignment(self) -> Assignment | None:
        """Where to continue: the first assignment that has not yet all its automatic points."""
        return next((a.assignment for a in self.assignments if a.fraction < 1.0), None)


def progress_of(
    trainee_id: str,
    course: Course,
    submissions: Sequence[Submission],
    grades: Mapping[str, Grade],
    hardened_versions: frozenset[str] = frozenset(),
) -> Progress:
    """Progress in a course from one trainee's submissions and the grades of those that have one."""

    def judged_by(submission: Submission) -> str:
        return grades[submission.id].assignment_version or submission.assignment_version

    def standing(assignment: Assignment) -> AssignmentProgress:
        mine = [s for s in submissions if s.assignment_id == assignment.id]
        graded = [s for s in mine if s.id in grades]
        best = max(graded, key=lambda s: grades[s.id].automatic_fraction, default=None)
        hardened = [s for s in graded if judged_by(s) in hardened_versions]
        certifying = max(hardened, key=lambda s: grades[s.id].certifying_fraction, default=None)
        return AssignmentProgress(
            assignment,
            submissions=len(mine),
            best=grades[best.id] if best else None,
            best_submission_id=best.id if best else None,
            certifying_fraction=grades[certifying.id].certifying_fraction if certifying else 0.0,
            certifying_version=judged_by(certifying) if certifying else "",
            latest_at=max((s.received_at for s in mine), default=None),
        )

    return Progress(trainee_id, course, tuple(standing(a) for a in course.assignments))
