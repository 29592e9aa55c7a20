"""Rows of submissions, the queue and the grade events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from factory_academy.records.rows.base import Row


class SubmissionRow(Row):
    """One handing-in. Only ``state`` and ``reason`` ever change."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("trainee_id", "assignment_version", "content"),
        Index("ix_submission_course_received", "course_id", "received_at", "id"),
        Index("ix_submission_assignment_received", "course_id", "assignment_name", "received_at", "id"),
        Index("ix_submission_trainee_received", "trainee_id", "received_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    trainee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"))
    assignment_name: Mapped[str]
    assignment_version: Mapped[str] = mapped_column(ForeignKey("assignment_version.version"), index=True)
    content: Mapped[str]
    size_bytes: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]


class JobRow(Row):
    """One submission that waits for a verdict or is held by a worker; gone once it has one.

    ``course_turn`` is a slot of its course in the round of all courses; whichever job of the course is next takes the
    course's first slot. ``turn`` is the job's place in the round of all trainees of its course. ``worker_id`` and
    ``attempt`` together say whose claim it is: a worker that lost its lease and got the job again holds another
    attempt. ``losses`` counts workers that vanished with it, ``faults`` the times that a worker gave it back.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_order", "priority", "course_turn", "added_at", "submission_id"),
        Index("ix_job_in_course", "course_id", "priority", "turn", "added_at", "submission_id"),
    )

    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    trainee_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    course_id: Mapped[str] = mapped_column(server_default="")
    priority: Mapped[int]
    course_turn: Mapped[int] = mapped_column(server_default="0")
    turn: Mapped[int]
    added_at: Mapped[datetime]
    free_at: Mapped[datetime]
    asked_by: Mapped[str]
    worker_id: Mapped[str | None]
    attempt: Mapped[int]
    losses: Mapped[int] = mapped_column(server_default="0")
    faults: Mapped[int] = mapped_column(server_default="0")


class GradingWorkerRow(Row):
    """One grading worker that said that it lives; a row goes when the worker ends, or long after it fell silent."""

    __tablename__ = "grading_worker"

    id: Mapped[str] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class GradingPauseRow(Row):
    """There is one row while no worker takes anything new, and none otherwise."""

    __tablename__ = "grading_pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    since_at: Mapped[datetime]
    asked_by: Mapped[str]


class GradingDurationRow(Row):
    """How long one grading took; what is told about waiting rests on the last ones of an assignment."""

    __tablename__ = "grading_duration"
    __table_args__ = (Index("ix_grading_duration_of", "course_id", "assignment_name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[str]
    assignment_name: Mapped[str]
    seconds: Mapped[float]


class GradeEventRow(Row):
    """One line of a grade's history; triggers in the database refuse to change or delete it.

    ``tasks`` (the scores) and ``run`` (state, cells, notes) are JSON text: lists of grades read the first only.
    """

    __tablename__ = "grade_event"
    __table_args__ = (Index("ix_grade_event_submission", "submission_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"))
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    reason: Mapped[str]
    old_earned: Mapped[float | None]
    new_earned: Mapped[float]
    possible: Mapped[float]
    assignment_version: Mapped[str]
    environment: Mapped[str]
    seed: Mapped[int]
    asked_by: Mapped[str] = mapped_column(server_default="")
    tasks: Mapped[str]
    run: Mapped[str] = mapped_column(deferred=True)
