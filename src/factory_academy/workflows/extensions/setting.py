"""Set deadlines and late policies, give trainees more time, and see what was set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from factory_academy.domain.course import Assignment
from factory_academy.domain.lateness import Deadline, DeadlineRule, Extension, LatePolicy, deadline_of
from factory_academy.domain.person import Person
from factory_academy.errors import BadInput, NotFound
from factory_academy.workflows.extensions.reading import deadlines_of
from factory_academy.workflows.marking.rubrics import assignment_in, sections_in
from factory_academy.workflows.ports import Clock, Records
from factory_academy.workflows.submit import assignment_for
from factory_academy.workflows.teaching import section_of_trainee, taught_course

LONGEST_EXTENSION = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class DeadlineBook:
    """An assignment's deadline in each section that an instructor teaches, and all that was ever set for them."""

    assignment: Assignment
    deadlines: dict[str, Deadline]
    rules: tuple[DeadlineRule, ...]
    extensions: tuple[Extension, ...]


@dataclass(frozen=True, slots=True)
class ViewDeadlines:
    """The deadlines of an assignment, for those who teach it."""

    records: Records

    def __call__(self, instructor: Person, course_id: str, name: str) -> DeadlineBook:
        """What holds now, and the history of rules and extensions.

        Raises:
            NotFound: they teach no section of such a course, or it has no such assignment.
        """
        with self.records.reading() as repositories:
            taught = taught_course(repositories, instructor, course_id)
            assignment = assignment_in(taught, name)
            sections = [line.section.id for line in taught.sections]
            rules = repositories.deadlines.of_assignment(course_id, name)
            theirs = section_of_trainee(repositories, taught)
            given = repositories.deadlines.extensions(course_id, name)
        return DeadlineBook(
            assignment,
            {section: deadline_of(assignment.due_at, rules, section) for section in sections},
            tuple(rule for rule in rules if rule.section_id in {None, *sections}),
            tuple(extension for extension in given if extension.trainee_id in theirs),
        )


@dataclass(frozen=True, slots=True)
class SetDeadline:
    """Set when work is due in a section, and what lateness costs there."""

    records: Records
    clock: Clock

    def __call__(
        self,
        instructor: Person,
        course_id: str,
        name: str,
        *,
        due_at: datetime | None,
        policy: LatePolicy | None,
        section_id: str | None = None,
    ) -> tuple[str, ...]:
        """The sections in which it now holds: this one, or all that the instructor teaches. What is None stays as the
        course has it. Grades already given follow at once, for lateness is computed when read.

        Raises:
            NotFound: they teach no such section, or the course has no such assignment.
        """
        with self.records.transaction() as repositories:
            taught = taught_course(repositories, instructor, course_id)
            assignment_in(taught, name)
            chosen = sections_in(taught, section_id)
            for section in chosen:
                rule = DeadlineRule(course_id, name, section, due_at, policy, self.clock(), set_by=instructor.id)
                repositories.deadlines.add(rule)
        return chosen


@dataclass(frozen=True, slots=True)
class GiveExtension:
    """Give one trainee more time for an assignment, or take it back."""

    records: Records
    clock: Clock

    def __call__(
        self, instructor: Person, course_id: str, name: str, trainee_id: str, extra: timedelta, reason: str
    ) -> Deadline:
        """The trainee's deadline from now on; no extra time at all takes an extension back.

        Raises:
            NotFound: the trainee is in no section that they teach, or the course has no such assignment.
            BadInput: the time is negative or longer than a year, or there is no reason.
        """
        if not timedelta(0) <= extra <= LONGEST_EXTENSION:
            raise BadInput(
                f"Expected up to {LONGEST_EXTENSION.days} days, got {extra}.", "Give less, or no time at all."
            )
        if not reason.strip():
            raise BadInput("An extension needs a reason.", "Say in a few words why.")
        with self.records.transaction() as repositories:
            taught = taught_course(repositories, instructor, course_id)
            assignment_in(taught, name)
            if trainee_id not in section_of_trainee(repositories, taught):
                raise NotFound(f"There is no trainee {trainee_id!r} in the sections you teach.", "Look at the roster.")
            extension = Extension(course_id, name, trainee_id, extra, reason.strip(), instructor.id, self.clock())
            repositories.deadlines.extend(extension)
            return deadlines_of(repositories, trainee_id, taught.course)[name]


@dataclass(frozen=True, slots=True)
class MyDeadline:
    """When a trainee's own work is due, and what lateness costs."""

    records: Records

    def __call__(self, trainee: Person, course_id: str, name: str) -> Deadline:
        """The deadline with the trainee's extension.

        Raises:
            NotEnrolled: they are in no active section of the course.
            NotFound: there is no such released assignment.
        """
        with self.records.reading() as repositories:
            assignment_for(repositories, trainee.id, course_id, name)
            course = repositories.courses.find(course_id)
            if course is None:
                raise NotFound(f"There is no course {course_id!r}.")
            return deadlines_of(repositories, trainee.id, course)[name]
