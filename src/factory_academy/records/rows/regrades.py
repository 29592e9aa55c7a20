"""Rows of regrades, of what they try and for whom, and of scores that are kept by content."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from factory_academy.records.rows.base import Row

_IS_OPEN = text("state IN ('planned', 'running')")


class RegradeRow(Row):
    """One regrade of an assignment, kept for ever; ``changed`` is JSON text. The database refuses two open ones."""

    __tablename__ = "regrade"
    __table_args__ = (
        Index(
            "uq_regrade_open",
            "course_id",
            "assignment_name",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"), index=True)
    assignment_name: Mapped[str]
    version: Mapped[str] = mapped_column(ForeignKey("assignment_version.version"))
    environment: Mapped[str]
    policy: Mapped[str]
    reason: Mapped[str]
    planned_by: Mapped[str]
    planned_at: Mapped[datetime]
    state: Mapped[str]
    changed: Mapped[str]
    untouched: Mapped[int]
    cached: Mapped[int]
    seconds_each: Mapped[float]
    started_by: Mapped[str]
    started_at: Mapped[datetime | None]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime | None]


class RegradeUnitRow(Row):
    """One thing that a regrade tries. ``tasks``, ``known``, ``scores`` and ``run`` are JSON text.

    ``state`` is waiting, done or failed; a waiting one is held while ``free_at`` lies ahead and it has a worker.
    """

    __tablename__ = "regrade_unit"
    __table_args__ = (Index("ix_regrade_unit_waiting", "state", "free_at"),)

    regrade_id: Mapped[str] = mapped_column(ForeignKey("regrade.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[str]
    answers: Mapped[str]
    tasks: Mapped[str]
    known: Mapped[str]
    state: Mapped[str]
    free_at: Mapped[datetime]
    worker_id: Mapped[str | None]
    attempt: Mapped[int]
    problem: Mapped[str]
    outcome_state: Mapped[str]
    outcome_reason: Mapped[str]
    scores: Mapped[str]
    run: Mapped[str] = mapped_column(deferred=True)


class RegradeItemRow(Row):
    """One submission of a regrade, and what publishing did with it."""

    __tablename__ = "regrade_item"
    __table_args__ = (ForeignKeyConstraint(["regrade_id", "unit"], ["regrade_unit.regrade_id", "regrade_unit.number"]),)

    regrade_id: Mapped[str] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), primary_key=True, index=True)
    trainee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    event_number: Mapped[int]
    unit: Mapped[int]
    decision: Mapped[str]


class KeptScoreRow(Row):
    """The score of one task for some answers (JSON text), by the hash of all that decides about it."""

    __tablename__ = "kept_score"

    key: Mapped[str] = mapped_column(primary_key=True)
    score: Mapped[str]
    kept_at: Mapped[datetime]
