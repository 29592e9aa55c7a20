"""The durable queue: which submissions wait for a verdict, and who holds which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, case, delete, func, select, update
from sqlalchemy.orm import Session

from factory_academy.domain.submission import Job
from factory_academy.domain.waiting import CourseQueue
from factory_academy.errors import Conflict
from factory_academy.records.repositories.queue_turns import next_turn, served_before, take_next
from factory_academy.records.repositories.statements import insert_new
from factory_academy.records.rows.grading import GradingPauseRow, JobRow, SubmissionRow


class QueueRepository:
    """Jobs by submission. A claim is a worker's name and an attempt; a claim that was lost cannot come back."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, submission_id: str, at: datetime, priority: int = 0, asked_by: str = "") -> None:
        """Queue a submission; one that is queued already stays as it is.

        Raises:
            Conflict: there is no such submission.
        """
        who = select(SubmissionRow.trainee_id, SubmissionRow.course_id).where(SubmissionRow.id == submission_id)
        found = self._db.execute(who).first()
        if found is None:
            raise Conflict(f"There is no submission {submission_id!r} to be queued.")
        trainee_id, course_id = found
        alike, in_course = JobRow.priority == priority, JobRow.course_id == course_id
        values = {
            "submission_id": submission_id,
            "trainee_id": trainee_id,
            "course_id": course_id,
            "priority": priority,
            "course_turn": next_turn(self._db, JobRow.course_turn, alike, in_course),
            "turn": next_turn(self._db, JobRow.turn, alike & in_course, JobRow.trainee_id == trainee_id),
            "added_at": at,
            "free_at": at,
            "asked_by": asked_by,
            "attempt": 0,
        }
        insert_new(self._db, JobRow, values)

    def lease(self, worker_id: str, now: datetime, lasting: timedelta) -> Job | None:
        """The next job that is free or whose lease ran out, now held by this worker.

        None where there is none, and while the queue is paused.
        """
        row = None if self.paused_at() else take_next(self._db, now)
        if row is None:
            return None
        row.losses += row.worker_id not in (None, worker_id)
        row.worker_id, row.attempt, row.free_at = worker_id, row.attempt + 1, now + lasting
        self._db.flush()
        return Job(row.submission_id, worker_id, row.attempt, row.free_at, row.asked_by, row.losses, row.faults)

    def extend(self, job: Job, now: datetime, lasting: timedelta) -> bool:
        """Whether this claim still holds; if so it lasts until ``now + lasting``."""
        return self._changed(update(JobRow).where(_is_held(job)).values(free_at=now + lasting))

    def finish(self, job: Job) -> bool:
        """Whether this claim still held; if so the job is done and gone."""
        return self._changed(delete(JobRow).where(_is_held(job)))

    def release(self, job: Job, retry_at: datetime) -> bool:
        """Whether this claim still held; if so the job waits again, until ``retry_at`` at least, and a fault counts."""
        free = {"free_at": retry_at, "worker_id": None, "faults": JobRow.faults + 1}
        return self._changed(update(JobRow).where(_is_held(job)).values(free))

    def abandon(self, worker_ids: Sequence[str], at: datetime) -> int:
        """Let the leases of workers that are known to have vanished run out at once; gives how many there were."""
        theirs = JobRow.worker_id.in_(worker_ids) & (JobRow.free_at > at)
        result = self._db.execute(update(JobRow).where(theirs).values(free_at=at))
        return result.rowcount if isinstance(result, CursorResult) else 0

    def position(self, submission_id: str) -> int | None:
        """How many waiting jobs come before this one, 0 if it is held; None if it is not in the queue."""
        row = self._db.get(JobRow, submission_id)
        if row is None:
            return None
        return 0 if row.worker_id is not None else served_before(self._db, row)

    def pause(self, at: datetime, asked_by: str) -> None:
        """Give out nothing new, until ``resume``; paused already, it stays as it is."""
        insert_new(self._db, GradingPauseRow, {"id": 1, "since_at": at, "asked_by": asked_by})

    def resume(self) -> None:
        """Give out jobs again."""
        self._db.execute(delete(GradingPauseRow))

    def paused_at(self) -> datetime | None:
        """Since when nothing is given out; None while jobs are."""
        return self._db.scalar(select(GradingPauseRow.since_at))

    def waiting(self) -> int:
        """How many jobs no worker holds."""
        return self._count(JobRow.worker_id.is_(None))

    def due(self, now: datetime) -> int:
        """How many jobs a worker could take now: those that wait, and those whose worker was lost."""
        return 0 if self.paused_at() else self._count(JobRow.free_at <= now)

    def held(self) -> int:
        """How many jobs a worker holds, or held when it was last heard of."""
        return self._count(JobRow.worker_id.is_not(None))

    def by_course(self) -> Mapping[str, CourseQueue]:
        """What waits and what is held in each course that has either, and since when its oldest waits."""
        waits = JobRow.worker_id.is_(None)
        oldest = func.min(case((waits, JobRow.added_at)), type_=JobRow.added_at.type)
        waiting = func.sum(case((waits, 1), else_=0))
        query = select(JobRow.course_id, waiting, func.count(), oldest).group_by(JobRow.course_id)
        return {
            course: CourseQueue(int(waiting), int(all_) - int(waiting), since)
            for course, waiting, all_, since in self._db.execute(query.order_by(JobRow.course_id))
        }

    def _count(self, *conditions: ColumnElement[bool]) -> int:
        return self._db.scalar(select(func.count()).select_from(JobRow).where(*conditions)) or 0

    def _changed(self, statement: Any) -> bool:
        result = self._db.execute(statement)
        return isinstance(result, CursorResult) and result.rowcount == 1


def _is_held(job: Job) -> ColumnElement[bool]:
    same_claim = (JobRow.worker_id == job.worker_id) & (JobRow.attempt == job.attempt)
    return (JobRow.submission_id == job.submission_id) & same_claim
