"""Whose turn it is: course after course, and within a course trainee after trainee.

A course has as many slots as jobs, a job's ``course_turn`` being one of them; slots are given out as turns are: the
one being served now, or the one after the course's last. Whoever holds the first slot of all decides the *course*;
the job served is that of its trainee whose turn it is, and the two jobs exchange slots. So nothing has to remember
who was served last, and two workers never wait for each other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from factory_academy.records.rows.grading import JobRow

BY_SLOT = (JobRow.course_turn, JobRow.added_at, JobRow.submission_id)
BY_TURN = (JobRow.turn, JobRow.added_at, JobRow.submission_id)


def next_turn(
    db: Session, turn: InstrumentedAttribute[int], among: ColumnElement[bool], theirs: ColumnElement[bool]
) -> int:
    """The turn now served among these jobs, or the one after the last of those that are ``theirs``.

    Now served is the last that a worker took up, else the first that waits.
    """
    taken = db.scalar(select(func.max(turn)).where(among, JobRow.worker_id.is_not(None)))
    now_served = taken if taken is not None else db.scalar(select(func.min(turn)).where(among))
    last_of_theirs = db.scalar(select(func.max(turn)).where(among, theirs))
    return max(now_served or 0, 0 if last_of_theirs is None else last_of_theirs + 1)


def take_next(db: Session, now: datetime) -> JobRow | None:
    """The job whose turn it is among those that are free, locked for this transaction; None where there is none."""
    free = select(JobRow).where(JobRow.free_at <= now).limit(1)
    slot = _locked(db, free.order_by(JobRow.priority.desc(), *BY_SLOT))
    if slot is None:
        return None
    alike = (JobRow.course_id == slot.course_id) & (JobRow.priority == slot.priority)
    job = _locked(db, free.where(alike).order_by(*BY_TURN)) or slot
    slot.course_turn, job.course_turn = job.course_turn, slot.course_turn
    return job


def served_before(db: Session, job: JobRow) -> int:
    """How many of the waiting jobs are served before this waiting one."""
    waiting, alike = JobRow.worker_id.is_(None), JobRow.priority == job.priority
    in_course = waiting & alike & (JobRow.course_id == job.course_id)
    elsewhere = waiting & alike & (JobRow.course_id != job.course_id)
    before_in_course = _count(db, in_course, tuple_(*BY_TURN) < tuple_(job.turn, job.added_at, job.submission_id))
    slots = select(*BY_SLOT).where(in_course).order_by(*BY_SLOT).offset(before_in_course).limit(1)
    slot = db.execute(slots).first()
    before_elsewhere = _count(db, elsewhere, tuple_(*BY_SLOT) < tuple_(*slot)) if slot else 0
    return before_in_course + before_elsewhere + _count(db, waiting, JobRow.priority > job.priority)


def _count(db: Session, *conditions: ColumnElement[bool]) -> int:
    return db.scalar(select(func.count()).select_from(JobRow).where(*conditions)) or 0


def _locked(db: Session, query: Select[Any]) -> JobRow | None:
    row: JobRow | None = db.scalar(query.with_for_update(skip_locked=True))
    return row
