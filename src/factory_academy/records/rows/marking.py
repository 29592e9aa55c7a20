"""Rows of marking by people: rubrics, marks, claims, comments, appeals; and of deadlines and extensions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from factory_academy.records.rows.base import Row


class RubricRow(Row):
    """One rubric, found by the sha256 of its content; triggers refuse to change or delete it."""

    __tablename__ = "rubric"

    version: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[str]
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]


class TaskRubricRow(Row):
    """Which rubric a task of an assignment version is marked by."""

    __tablename__ = "task_rubric"

    assignment_version: Mapped[str] = mapped_column(ForeignKey("assignment_version.version"), primary_key=True)
    task_id: Mapped[str] = mapped_column(primary_key=True)
    rubric_version: Mapped[str] = mapped_column(ForeignKey("rubric.version"))


class MarkingPolicyRow(Row):
    """How people mark an assignment in a section, as JSON text."""

    __tablename__ = "marking_policy"

    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), primary_key=True)
    assignment_name: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[str]


class MarkRow(Row):
    """One mark; triggers refuse to change or delete it."""

    __tablename__ = "mark"
    __table_args__ = (Index("ix_mark_submission", "submission_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"))
    task_id: Mapped[str]
    marker_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    earned: Mapped[float]
    possible: Mapped[float]
    at: Mapped[datetime]
    comment: Mapped[str]
    levels: Mapped[str]
    rubric_version: Mapped[str]


class MarkingClaimRow(Row):
    """Who is marking a task of a submission just now."""

    __tablename__ = "marking_claim"

    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    task_id: Mapped[str] = mapped_column(primary_key=True)
    marker_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    until: Mapped[datetime]


class RemarkRow(Row):
    """One general comment on a submission."""

    __tablename__ = "remark"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    text: Mapped[str]


class SnippetRow(Row):
    """One comment that an instructor keeps to use again."""

    __tablename__ = "snippet"
    __table_args__ = (Index("ix_snippet_owner", "owner_id", "course_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"))
    text: Mapped[str]
    made_at: Mapped[datetime]


class AppealRow(Row):
    """One appeal; the fields of its answer are empty until it has one."""

    __tablename__ = "appeal"
    __table_args__ = (UniqueConstraint("submission_id", "task_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"))
    task_id: Mapped[str]
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str]


class DeadlineRow(Row):
    """One setting of a deadline; the last of its scope counts. Without a section it is for all that set none."""

    __tablename__ = "deadline"
    __table_args__ = (Index("ix_deadline_assignment", "course_id", "assignment_name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"))
    assignment_name: Mapped[str]
    section_id: Mapped[str | None] = mapped_column(ForeignKey("section.id"))
    due_at: Mapped[datetime | None]
    policy: Mapped[str | None]
    set_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]


class ExtensionRow(Row):
    """More time for one trainee and assignment; of several the last counts, and none at all takes it back."""

    __tablename__ = "extension"
    __table_args__ = (Index("ix_extension_assignment", "course_id", "assignment_name", "trainee_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"))
    assignment_name: Mapped[str]
    trainee_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    extra_seconds: Mapped[int]
    reason: Mapped[str]
    given_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]
