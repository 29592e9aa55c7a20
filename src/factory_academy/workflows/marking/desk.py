"""What one instructor may mark in one assignment: whose work, by which policy, under which names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from factory_academy.domain.blind import blind_id, is_sampled
from factory_academy.domain.course import Assignment, Course, Section
from factory_academy.domain.marking import Decision, Mark, MarkingPolicy, Stage, decision_of, stage_of
from factory_academy.domain.person import Person, Role
from factory_academy.domain.submission import Submission
from factory_academy.errors import NotFound
from factory_academy.workflows.ports import Repositories
from factory_academy.workflows.teaching import sections_taught


@dataclass(frozen=True, slots=True)
class Desk:
    """An instructor at one assignment. ``sections`` are those of the trainees whose work they may mark, by trainee."""

    instructor: Person
    course: Course
    assignment: Assignment
    sections: Mapping[str, Section]
    policies: Mapping[str, MarkingPolicy]
    teachers: Mapping[str, frozenset[str]]
    key: bytes

    def policy(self, submission: Submission) -> MarkingPolicy:
        """How this submission is marked."""
        return self.policies.get(self.sections[submission.trainee_id].id, MarkingPolicy())

    def is_doubled(self, submission: Submission) -> bool:
        """Whether two people mark this submission."""
        share = self.policy(submission).second_fraction
        return share > 0 and is_sampled(self.key, "second marker", submission.id, share)

    def stage(self, submission: Submission, marks: Sequence[Mark]) -> Stage:
        """What a task with these marks waits for."""
        return stage_of(marks, self.is_doubled(submission), self.policy(submission).tolerance_fraction)

    def decision(self, submission: Submission, marks: Sequence[Mark]) -> Decision | None:
        """What the marks of one task come to."""
        return decision_of(marks, self.is_doubled(submission), self.policy(submission).tolerance_fraction)

    def has_third(self, submission: Submission) -> bool:
        """Whether enough people teach its section that someone else can settle a difference between two."""
        return len(self.teachers[self.sections[submission.trainee_id].id]) > 2

    def work_id(self, submission_id: str) -> str:
        """What a marker calls this submission."""
        return blind_id(self.key, "work", submission_id)

    def pseudonym(self, submission: Submission) -> str:
        """What a marker calls its trainee, the same throughout the assignment."""
        return blind_id(self.key, submission.assignment_id, submission.trainee_id)


def desk_of(repositories: Repositories, instructor: Person, course_id: str, name: str, key: bytes) -> Desk:
    """The desk of an instructor at an assignment.

    Raises:
        NotFound: they teach no section of such a course, or it has no such assignment.
    """
    sections = {section.id: section for section in sections_taught(repositories, instructor, course_id)}
    course = repositories.courses.find(course_id)
    if not sections or course is None:
        raise NotFound(f"You teach no section of a course {course_id!r}.", "Choose one of the courses you teach.")
    assignment = course.assignment(name)
    if assignment is None:
        raise NotFound(f"The course {course_id!r} has no released assignment {name!r}.", "Choose one of its own.")
    enrolments = repositories.enrolments.of_sections(list(sections))
    return Desk(
        instructor=instructor,
        course=course,
        assignment=assignment,
        sections={e.trainee_id: sections[e.section_id] for e in enrolments if e.is_active},
        policies=repositories.rubrics.policies(list(sections), name),
        teachers={section.id: teachers_of(repositories, section) for section in sections.values()},
        key=key,
    )


def teachers_of(repositories: Repositories, section: Section) -> frozenset[str]:
    """The ids of all who teach this section."""
    teaching = repositories.people.with_role(Role.INSTRUCTOR)
    return frozenset(p.id for p in teaching if p.factory_id in (None, section.factory_id))
