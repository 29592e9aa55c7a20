"""The refusals of a course that an instructor teaches."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.domain.person import Person
from factory_academy.workflows.ports import Records, SubmissionFilter
from factory_academy.workflows.refusals.counting import Refusals, refusals_of
from factory_academy.workflows.teaching import section_of_trainee, taught_course

NEWEST = 2000


@dataclass(frozen=True, slots=True)
class RefusalsOfCourse:
    """Which tests refused to judge an instructor's trainees; reads, and changes nothing."""

    records: Records

    def __call__(self, instructor: Person, course_id: str, assignment_name: str | None = None) -> tuple[Refusals, ...]:
        """One line for each test that was tried on the newest two thousand submissions, the most refusing first.

        Raises:
            NotFound: they teach no section of such a course.
        """
        with self.records.reading() as repositories:
            taught = taught_course(repositories, instructor, course_id)
            wanted = SubmissionFilter(
                course_id=course_id,
                assignment_name=assignment_name,
                trainee_ids=frozenset(section_of_trainee(repositories, taught)),
            )
            found = repositories.submissions.matching(wanted, NEWEST, 0)
            grades = repositories.grades.of_submissions([submission.id for submission in found])
        return refusals_of((one, grades[one.id]) for one in found if one.id in grades)
