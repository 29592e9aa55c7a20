"""Rows of courses, released assignment versions, sections and enrolments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from factory_academy.records.rows.base import Row


class CourseRow(Row):
    """One course. ``certificate`` is its rule and ``assignment_order`` a list of names, both as JSON text."""

    __tablename__ = "course"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    summary: Mapped[str]
    component: Mapped[str]
    certificate: Mapped[str | None]
    assignment_order: Mapped[str]
    place: Mapped[int]
    regrade_policy: Mapped[str] = mapped_column(server_default="keep_better")


class AssignmentVersionRow(Row):
    """One released version of an assignment, kept for ever; ``tasks`` is JSON text. One version of each is present."""

    __tablename__ = "assignment_version"
    __table_args__ = (
        Index(
            "uq_assignment_version_present",
            "course_id",
            "name",
            unique=True,
            sqlite_where=text("is_present"),
            postgresql_where=text("is_present"),
        ),
    )

    version: Mapped[str] = mapped_column(primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"), index=True)
    name: Mapped[str]
    title: Mapped[str]
    tasks: Mapped[str]
    source_version: Mapped[str]
    hardened: Mapped[bool]
    due_at: Mapped[datetime | None]
    max_seconds: Mapped[int]
    attempts_per_hour: Mapped[int | None]
    blob: Mapped[str]
    released_at: Mapped[datetime]
    is_present: Mapped[bool]


class SectionRow(Row):
    """One dated running of a course."""

    __tablename__ = "section"

    id: Mapped[str] = mapped_column(primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"), index=True)
    factory_id: Mapped[str] = mapped_column(ForeignKey("factory.id"), index=True)
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class EnrolmentRow(Row):
    """One trainee in one section; withdrawing keeps the row, and one row of a pair at most is active."""

    __tablename__ = "enrolment"
    __table_args__ = (
        Index(
            "uq_enrolment_active",
            "trainee_id",
            "section_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), index=True)
    enrolled_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
