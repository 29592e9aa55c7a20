"""Bring factories and courses on disk into the records, and release what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Course, Section
from factory_academy.domain.factory import Cohort, Factory
from factory_academy.workflows.extensions.reading import ensure_deadline
from factory_academy.workflows.ports import Clock, Records
from factory_academy.workflows.release_assignment import ReleaseAssignment


@dataclass(frozen=True, slots=True)
class LoadCatalogue:
    """Ensure factories, courses and one open section of each course at each factory; doing it again adds nothing."""

    records: Records
    release: ReleaseAssignment
    clock: Clock

    def factories(self, factories: Sequence[Factory]) -> None:
        """Each factory, with a first cohort for the trainees that it sends."""
        with self.records.transaction() as repositories:
            for factory in factories:
                repositories.factories.ensure(factory)
                repositories.factories.ensure_cohort(Cohort(f"{factory.id}-1", factory.id, "First cohort"))

    def course(
        self, course: Course, bundles: Sequence[AssignmentBundle], require_reference: bool = True
    ) -> tuple[str, ...]:
        """The course, its open sections and its assignments; gives the ids of those released anew."""
        with self.records.transaction() as repositories:
            before = repositories.courses.find(course.id)
            repositories.courses.ensure(course)
            for assignment in course.assignments:
                ensure_deadline(repositories, assignment, self.clock())
            for factory in repositories.factories.all():
                section_id = f"{course.id}-{factory.id}"
                if repositories.courses.find_section(section_id) is None:
                    title = f"Open section, {factory.city}"
                    section = Section(section_id, course.id, factory.id, title, self.clock())
                    repositories.courses.ensure_section(section)
        present = {a.version for a in before.assignments} if before else set()
        released = [self.release(bundle, require_reference) for bundle in bundles]
        return tuple(a.id for a in released if a.version not in present)
