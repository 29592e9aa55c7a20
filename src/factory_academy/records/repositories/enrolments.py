"""Trainees in sections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from factory_academy.domain.enrolment import Enrolment
from factory_academy.records.repositories.statements import in_parts, insert_new
from factory_academy.records.rows.teaching import EnrolmentRow


class EnrolmentRepository:
    """Enrolments, past and present; lists are in order of time."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, enrolment: Enrolment) -> bool:
        """Whether it is new; False where the trainee is actively enrolled already.

        Raises:
            Conflict: there is no such person or section.
        """
        values = {
            "trainee_id": enrolment.trainee_id,
            "section_id": enrolment.section_id,
            "enrolled_at": enrolment.enrolled_at,
            "withdrawn_at": enrolment.withdrawn_at,
        }
        return insert_new(self._db, EnrolmentRow, values)

    def withdraw(self, trainee_id: str, section_id: str, at: datetime) -> None:
        """End the active enrolment; the row stays. Where none is active nothing changes."""
        active = _pair(trainee_id, section_id) & EnrolmentRow.withdrawn_at.is_(None)
        self._db.execute(update(EnrolmentRow).where(active).values(withdrawn_at=at))

    def find(self, trainee_id: str, section_id: str) -> Enrolment | None:
        """The active enrolment, else the last one that was, else None."""
        query = select(EnrolmentRow).where(_pair(trainee_id, section_id))
        query = query.order_by(EnrolmentRow.withdrawn_at.is_(None).desc(), EnrolmentRow.id.desc()).limit(1)
        row = self._db.scalar(query)
        return _enrolment(row) if row else None

    def of_trainee(self, trainee_id: str) -> Sequence[Enrolment]:
        """All of a trainee's enrolments."""
        return self._where(EnrolmentRow.trainee_id == trainee_id)

    def of_section(self, section_id: str) -> Sequence[Enrolment]:
        """All enrolments in a section."""
        return self._where(EnrolmentRow.section_id == section_id)

    def of_sections(self, section_ids: Sequence[str]) -> Sequence[Enrolment]:
        """All enrolments in these sections, in one query."""
        found = [e for part in in_parts(section_ids) for e in self._where(EnrolmentRow.section_id.in_(part))]
        return sorted(found, key=lambda e: (e.enrolled_at, e.trainee_id)) if len(section_ids) > 1 else found

    def _where(self, condition: ColumnElement[bool]) -> list[Enrolment]:
        query = select(EnrolmentRow).where(condition).order_by(EnrolmentRow.enrolled_at, EnrolmentRow.trainee_id)
        return [_enrolment(row) for row in self._db.scalars(query)]


def _pair(trainee_id: str, section_id: str) -> ColumnElement[bool]:
    return (EnrolmentRow.trainee_id == trainee_id) & (EnrolmentRow.section_id == section_id)


def _enrolment(row: EnrolmentRow) -> Enrolment:
    return Enrolment(row.trainee_id, row.section_id, row.enrolled_at, row.withdrawn_at)
