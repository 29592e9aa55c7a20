"""Put a trainee into a section."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.domain.course import Section
from factory_academy.domain.enrolment import Enrolment, may_enrol
from factory_academy.domain.person import Person
from factory_academy.errors import NotAllowed, NotFound
from factory_academy.workflows.ports import Clock, Records


@dataclass(frozen=True, slots=True)
class Enrol:
    """Enrol a trainee, once; doing it again changes nothing."""

    records: Records
    clock: Clock

    def __call__(self, trainee_id: str, section_id: str, by: Person | None = None) -> Enrolment:
        """The active enrolment, new or not. An instructor (``by``) adds trainees of their own factory only.

        Raises:
            NotFound: there is no such person or section, or not for this instructor.
            NotAllowed: they are no trainee, or the section has ended.
        """
        now = self.clock()
        with self.records.transaction() as repositories:
            person = repositories.people.find(trainee_id)
            section = repositories.courses.find_section(section_id)
            if person is None or section is None:
                raise NotFound(f"There is no section {section_id!r} or no person {trainee_id!r}.")
            if by is not None and not _is_theirs(by, person, section):
                raise NotFound(
                    f"There is no trainee {trainee_id!r} of your factory.", "Ask the trainee to join, or your operator."
                )
            present = repositories.enrolments.find(trainee_id, section_id)
            if present is not None and present.is_active:
                return present
            if not may_enrol(person, section, now):
                raise NotAllowed("Only trainees can enrol, and only until the section ends.")
            enrolment = Enrolment(trainee_id, section_id, now)
            if repositories.enrolments.add(enrolment):
                return enrolment
            return repositories.enrolments.find(trainee_id, section_id) or enrolment


def _is_theirs(instructor: Person, trainee: Person, section: Section) -> bool:
    """Whether both the section and the trainee belong to the instructor's factory, or to none."""
    return instructor.factory_id in (None, section.factory_id) and trainee.factory_id in (None, section.factory_id)
