"""Handed-in work: immutable, content-addressed, stamped by the server's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MAX_ARCHIVE_BYTES = 50 << 20
"""The most bytes that can be handed in, packed or unpacked; looked at before sending, at the door, before keeping."""

MAX_ARCHIVE_FILES = 500
"""The most files that can be handed in."""


ATTEMPT_WINDOW = timedelta(hours=1)
"""Attempts are counted within any hour, not by the clock's."""


class SubmissionState(StrEnum):
    """Where a submission is. All but the first two are terminal, and each comes with a reason.

    ``queued``: waits for a worker.
    ``running``: a worker holds it.
    ``graded``: every automatic task has its verdict.
    ``needs_review``: graded by machine as far as it goes; a person decides the rest.
    ``timeout``: the trainee's code ran longer than allowed; tasks judged before that are kept.
    ``out_of_memory``: it needed more memory than allowed; tasks judged before that are kept.
    ``crashed``: its process died (a signal, a fault in native code); tasks judged before are kept.
    ``exited``: the code ended its own process; tasks judged before that are kept.
    ``unreadable``: what was handed in is not a notebook.
    ``missing``: the notebook of the assignment is not in what was handed in.
    ``too_large``: more bytes or files than allowed.
    ``refused``: the machine could not isolate it, or the format is one we do not run.
    ``infrastructure_failed``: our fault, after bounded retries; it costs no attempt.
    """

    QUEUED = "queued"
    RUNNING = "running"
    GRADED = "graded"
    NEEDS_REVIEW = "needs_review"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    EXITED = "exited"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    INFRASTRUCTURE_FAILED = "infrastructure_failed"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more happens unless someone asks for a regrade."""
        return self not in (SubmissionState.QUEUED, SubmissionState.RUNNING)


@dataclass(frozen=True, slots=True)
class Submission:
    """One immutable handing-in. ``content`` is the sha256 of its archive, kept in blobs."""

    id: str
    trainee_id: str
    course_id: str
    assignment_name: str
    assignment_version: str
    content: str
    size_bytes: int
    received_at: datetime
    state: SubmissionState = SubmissionState.QUEUED
    reason: str = ""

    @property
    def assignment_id(self) -> str:
        """``<course>/<name>`` of the assignment."""
        return f"{self.course_id}/{self.assignment_name}"

    @property
    def receipt(self) -> Receipt:
        """The proof of this handing-in."""
        return Receipt(self.id, self.assignment_id, self.content, self.received_at)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof given for a submission: what, for which assignment, when by the server's clock."""

    submission_id: str
    assignment_id: str
    content: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """A worker's claim on one submission. ``attempt`` counts from 1; ``asked_by`` is who wanted a regrade, if any.

    ``losses`` counts the workers that vanished while they held it, ``faults`` the times that a worker gave it back.
    """

    submission_id: str
    worker_id: str
    attempt: int
    leased_until: datetime
    asked_by: str = ""
    losses: int = 0
    faults: int = 0


def next_attempt_at(made_at: Sequence[datetime], per_hour: int, now: datetime) -> datetime | None:
    """When the next attempt may be made, after those that were; None if it may be made now."""
    counted = sorted(at for at in made_at if now - ATTEMPT_WINDOW < at)
    return None if len(counted) < per_hour else counted[-per_hour] + ATTEMPT_WINDOW
