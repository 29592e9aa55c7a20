"""Who grades, and how long gradings take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from factory_academy.domain.waiting import Worker
from factory_academy.records.repositories.statements import upsert
from factory_academy.records.rows.grading import GradingDurationRow, GradingWorkerRow, JobRow

SELDOM = timedelta(seconds=5)
"""A worker that was seen so lately is not written down again: idle workers look at the queue often."""

LONG_SILENT = timedelta(days=1)


class GradingWorkerRepository:
    """Workers by name, and the durations of what they did."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def seen(self, worker_id: str, at: datetime) -> None:
        """Note that this worker lives; those that fell silent long ago are forgotten."""
        row = self._db.get(GradingWorkerRow, worker_id)
        if row is not None and at - row.seen_at < SELDOM:
            return
        begun_at = row.begun_at if row else at
        upsert(self._db, GradingWorkerRow, {"id": worker_id, "begun_at": begun_at, "seen_at": at})
        self._db.execute(delete(GradingWorkerRow).where(GradingWorkerRow.seen_at < at - LONG_SILENT))

    def gone(self, worker_ids: Sequence[str]) -> None:
        """Forget workers that ended."""
        self._db.execute(delete(GradingWorkerRow).where(GradingWorkerRow.id.in_(worker_ids)))

    def since(self, at: datetime) -> Sequence[Worker]:
        """The workers that were seen since then, each with the submission that it holds, if any."""
        query = (
            select(GradingWorkerRow, JobRow.submission_id)
            .outerjoin(JobRow, JobRow.worker_id == GradingWorkerRow.id)
            .where(GradingWorkerRow.seen_at >= at)
            .order_by(GradingWorkerRow.id)
        )
        return tuple(Worker(w.id, w.begun_at, w.seen_at, held) for w, held in self._db.execute(query))

    def took(self, course_id: str, assignment_name: str, seconds: float) -> None:
        """Note how long one grading took."""
        self._db.add(GradingDurationRow(course_id=course_id, assignment_name=assignment_name, seconds=seconds))
        self._db.flush()

    def recent_seconds(self, course_id: str, assignment_name: str | None = None, limit: int = 20) -> Sequence[float]:
        """How long the last gradings of an assignment took, or of a whole course, the newest first."""
        query = select(GradingDurationRow.seconds).where(GradingDurationRow.course_id == course_id)
        if assignment_name is not None:
            query = query.where(GradingDurationRow.assignment_name == assignment_name)
        return tuple(self._db.scalars(query.order_by(GradingDurationRow.id.desc()).limit(limit)))
