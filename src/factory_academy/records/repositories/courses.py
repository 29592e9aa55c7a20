"""Courses and every released version of their assignments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from factory_academy.domain.course import Assignment, Course, RegradePolicy, Section
from factory_academy.records.repositories.statements import upsert
from factory_academy.records.repositories.texts import (
    names_from_text,
    names_to_text,
    rule_from_text,
    rule_to_text,
    tasks_from_text,
    tasks_to_text,
)
from factory_academy.records.rows.teaching import AssignmentVersionRow, CourseRow, SectionRow


class CourseRepository:
    """Courses by id, assignment versions by their sha256, sections by id."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def ensure(self, course: Course) -> None:
        """Add a course or bring it up to date; versions released earlier stay."""
        values = {
            "id": course.id,
            "title": course.title,
            "summary": course.summary,
            "component": course.component,
            "certificate": rule_to_text(course.certificate) if course.certificate else None,
            "assignment_order": names_to_text([a.name for a in course.assignments]),
            "place": course.place,
            "regrade_policy": course.regrade_policy,
        }
        upsert(self._db, CourseRow, values)

    def find(self, course_id: str) -> Course | None:
        """The course with the present version of each released assignment, or None."""
        row = self._db.get(CourseRow, course_id)
        return _course(row, self._present(course_id)) if row else None

    def all(self) -> Sequence[Course]:
        """Every course, by place and id, in two queries."""
        by_course: dict[str, list[AssignmentVersionRow]] = {}
        for version in self._present():
            by_course.setdefault(version.course_id, []).append(version)
        query = select(CourseRow).order_by(CourseRow.place, CourseRow.id)
        return [_course(row, by_course.get(row.id, [])) for row in self._db.scalars(query)]

    def _present(self, course_id: str | None = None) -> Sequence[AssignmentVersionRow]:
        query = select(AssignmentVersionRow).where(AssignmentVersionRow.is_present)
        if course_id is not None:
            query = query.where(AssignmentVersionRow.course_id == course_id)
        return self._db.scalars(query).all()

    def release(self, assignment: Assignment, blob: str, at: datetime) -> None:
        """Make this version the present one; the versions before it stay on record.

        Raises:
            Conflict: there is no such course.
        """
        others = update(AssignmentVersionRow).where(
            AssignmentVersionRow.course_id == assignment.course_id, AssignmentVersionRow.name == assignment.name
        )
        self._db.execute(others.values(is_present=False))
        upsert(self._db, AssignmentVersionRow, {**_values(assignment), "blob": blob, "released_at": at})

    def version_blob(self, version: str) -> str | None:
        """Where the bundle of a version lies, or None where the version was never released."""
        return self._db.scalar(select(AssignmentVersionRow.blob).where(AssignmentVersionRow.version == version))

    def assignment_of_version(self, version: str) -> Assignment | None:
        """The assignment as it was in this version, or None."""
        row = self._db.get(AssignmentVersionRow, version)
        return _assignment(row) if row else None

    def hardened_versions(self, course_id: str) -> frozenset[str]:
        """The versions, past and present, whose submissions can certify."""
        query = select(AssignmentVersionRow.version).where(
            AssignmentVersionRow.course_id == course_id, AssignmentVersionRow.hardened
        )
        return frozenset(self._db.scalars(query))

    def ensure_section(self, section: Section) -> None:
        """Add a section or bring it up to date.

        Raises:
            Conflict: there is no such course or factory.
        """
        values = {
            "id": section.id,
            "course_id": section.course_id,
            "factory_id": section.factory_id,
            "title": section.title,
            "starts_at": section.starts_at,
            "ends_at": section.ends_at,
        }
        upsert(self._db, SectionRow, values)

    def find_section(self, section_id: str) -> Section | None:
        """The section, or None."""
        row = self._db.get(SectionRow, section_id)
        return _section(row) if row else None

    def sections(self, course_id: str | None = None) -> Sequence[Section]:
        """The sections of a course, or all; the earliest first."""
        query = select(SectionRow).order_by(SectionRow.starts_at, SectionRow.id)
        if course_id is not None:
            query = query.where(SectionRow.course_id == course_id)
        return [_section(row) for row in self._db.scalars(query)]


def _course(row: CourseRow, versions: Iterable[AssignmentVersionRow]) -> Course:
    order = {name: n for n, name in enumerate(names_from_text(row.assignment_order))}
    in_order = sorted(versions, key=lambda v: (order.get(v.name, len(order)), v.released_at, v.name))
    return Course(
        id=row.id,
        title=row.title,
        summary=row.summary,
        component=row.component,
        assignments=tuple(_assignment(version) for version in in_order),
        certificate=rule_from_text(row.certificate) if row.certificate else None,
        place=row.place,
        regrade_policy=RegradePolicy(row.regrade_policy),
    )


def _values(assignment: Assignment) -> dict[str, object]:
    return {
        "version": assignment.version,
        "course_id": assignment.course_id,
        "name": assignment.name,
        "title": assignment.title,
        "tasks": tasks_to_text(assignment.tasks),
        "source_version": assignment.source_version,
        "hardened": assignment.hardened,
        "due_at": assignment.due_at,
        "max_seconds": assignment.max_seconds,
        "attempts_per_hour": assignment.attempts_per_hour,
        "is_present": True,
    }


def _assignment(row: AssignmentVersionRow) -> Assignment:
    return Assignment(
        course_id=row.course_id,
        name=row.name,
        title=row.title,
        tasks=tasks_from_text(row.tasks),
        version=row.version,
        source_version=row.source_version,
        hardened=row.hardened,
        due_at=row.due_at,
        max_seconds=row.max_seconds,
        attempts_per_hour=row.attempts_per_hour,
    )


def _section(row: SectionRow) -> Section:
    return Section(row.id, row.course_id, row.factory_id, row.title, row.starts_at, row.ends_at)
