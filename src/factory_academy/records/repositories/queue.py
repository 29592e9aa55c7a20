"""The durable queue: which submissions wait for a verdict, and who holds which.

Fair between people: a new job's *turn* is the one being served now, or the one after its trainee's last waiting job.
So ten submissions of one trainee take ten turns, and another's first comes after one of them, not after ten.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from factory_academy.domain.submission import Job
from factory_academy.errors import Conflict
from factory_academy.records.repositories.statements import insert_new
from factory_academy.records.rows.grading import JobRow, SubmissionRow


class QueueRepository:
    """Jobs by submission. A claim is a worker's name and an attempt; a claim that was lost cannot come back."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, submission_id: str, at: datetime, priority: int = 0, asked_by: str = "") -> None:
        """Queue a submission; one that is queued already stays as it is.

        Raises:
            Conflict: there is no such submission.
        """
        trainee_id = self._db.scalar(select(SubmissionRow.trainee_id).where(SubmissionRow.id == submission_id))
        if trainee_id is None:
            raise Conflict(f"There is no submission {submission_id!r} to be queued.")
        values = {
            "submission_id": submission_id,
            "trainee_id": trainee_id,
            "priority": priority,
            "turn": self._turn(trainee_id, priority),
            "added_at": at,
            "free_at": at,
            "asked_by": asked_by,
            "attempt": 0,
        }
        insert_new(self._db, JobRow, values)

    def _turn(self, trainee_id: str, priority: int) -> int:
        alike = JobRow.priority == priority
        served_now = self._db.scalar(select(func.min(JobRow.turn)).where(alike))
        after_theirs = select(func.max(JobRow.turn) + 1).where(alike, JobRow.trainee_id == trainee_id)
        return max(served_now or 0, self._db.scalar(after_theirs) or 0)

    def lease(self, worker_id: str, now: datetime, lasting: timedelta) -> Job | None:
        """The next job that is free or whose lease ran out, now held by this worker; None where there is none."""
        query = select(JobRow).where(JobRow.free_at <= now).limit(1)
        query = query.order_by(JobRow.priority.desc(), JobRow.turn, JobRow.added_at, JobRow.submission_id)
        row = self._db.scalar(query.with_for_update(skip_locked=True))
        if row is None:
            return None
        row.worker_id, row.attempt, row.free_at = worker_id, row.attempt + 1, now + lasting
        self._db.flush()
        return Job(row.submission_id, worker_id, row.attempt, row.free_at, row.asked_by)

    def extend(self, job: Job, now: datetime, lasting: timedelta) -> bool:
        """Whether this claim still holds; if so it lasts until ``now + lasting``."""
        return self._changed(update(JobRow).where(_is_held(job)).values(free_at=now + lasting))

    def finish(self, job: Job) -> bool:
        """Whether this claim still held; if so the job is done and gone."""
        return self._changed(delete(JobRow).where(_is_held(job)))

    def release(self, job: Job, retry_at: datetime) -> bool:
        """Whether this claim still held; if so the job waits again, until ``retry_at`` at least."""
        return self._changed(update(JobRow).where(_is_held(job)).values(free_at=retry_at, worker_id=None))

    def position(self, submission_id: str) -> int | None:
        """How many waiting jobs come before this one, 0 if it is held; None if it is not in the queue."""
        row = self._db.get(JobRow, submission_id)
        if row is None:
            return None
        if row.worker_id is not None:
            return 0
        order = tuple_(JobRow.turn, JobRow.added_at, JobRow.submission_id)
        sooner = (JobRow.priority == row.priority) & (order < tuple_(row.turn, row.added_at, row.submission_id))
        return self._count((JobRow.priority > row.priority) | sooner, JobRow.worker_id.is_(None))

    def waiting(self) -> int:
        """How many jobs no worker holds."""
        return self._count(JobRow.worker_id.is_(None))

    def due(self, now: datetime) -> int:
        """How many jobs a worker could take now: those that wait, and those whose worker was lost."""
        return self._count(JobRow.free_at <= now)

    def held(self) -> int:
        """How many jobs a worker holds, or held when it was last heard of."""
        return self._count(JobRow.worker_id.is_not(None))

    def _count(self, *conditions: ColumnElement[bool]) -> int:
        return self._db.scalar(select(func.count()).select_from(JobRow).where(*conditions)) or 0

    def _changed(self, statement: Any) -> bool:
        result = self._db.execute(statement)
        return isinstance(result, CursorResult) and result.rowcount == 1


def _is_held(job: Job) -> ColumnElement[bool]:
    same_claim = (JobRow.worker_id == job.worker_id) & (JobRow.attempt == job.attempt)
    return (JobRow.submission_id == job.submission_id) & same_claim
