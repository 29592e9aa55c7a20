"""Trainees in sections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from factory_academy.domain.course import Section
from factory_academy.domain.person import Person, Role


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A trainee in a section; withdrawing keeps it, for the record."""

    trainee_id: str
    section_id: str
    enrolled_at: datetime
    withdrawn_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether the trainee has not withdrawn."""
        return self.withdrawn_at is None


def may_enrol(person: Person, section: Section, now: datetime) -> bool:
    """Trainees may enrol until their section ends."""
    return person.role is Role.TRAINEE and (section.ends_at is None or now < section.ends_at)
