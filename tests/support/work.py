"""Made-up submissions, outcomes and events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.grade import GradeEvent, GradingOutcome
from factory_academy.domain.submission import Submission
from tests.support.records import DP4, NOON


def submission(id: str = "s1", trainee: str = "mira", at: datetime = NOON, **more: Any) -> Submission:
    """Something handed in for DP-4; its content differs with its id."""
    fields: dict[str, Any] = {"content": id.encode().hex().rjust(64, "0"), "size_bytes": 3, **more}
    return Submission(id, trainee, DP4.course_id, DP4.name, DP4.version, received_at=at, **fields)


def event_of(submission_id: str, outcome: GradingOutcome, old: float | None = None, at: datetime = NOON) -> GradeEvent:
    """The event that records an outcome."""
    return GradeEvent(
        submission_id=submission_id,
        actor="autograder",
        at=at,
        reason=outcome.reason,
        old_earned=old,
        new_earned=outcome.earned,
        possible=outcome.possible,
        assignment_version=DP4.version,
        environment=outcome.environment,
        seed=outcome.seed,
    )


def dp4_bundle() -> AssignmentBundle:
    """A small bundle for DP-4: its tasks are those of ``stocked``."""
    files = {"source/dp4.ipynb": b"{}", "release/dp4.ipynb": b"{}", "contract.json": b"{}"}
    return AssignmentBundle(DP4.course_id, DP4.name, DP4.title, DP4.tasks, files)


def accept_anything(_archive: bytes) -> None:
    """Implements ``Intake``."""
