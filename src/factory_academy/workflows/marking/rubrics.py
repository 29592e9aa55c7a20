"""What people mark by: rubrics, the policy of a section, comments to use again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from factory_academy.domain.course import Assignment, TaskKind
from factory_academy.domain.marking import MarkingPolicy, Snippet
from factory_academy.domain.person import Person
from factory_academy.domain.rubric import Rubric
from factory_academy.errors import BadInput, Conflict, NotFound
from factory_academy.workflows.marking.desk import teachers_of
from factory_academy.workflows.marking.mark import plain
from factory_academy.workflows.ports import Clock, Records, Repositories
from factory_academy.workflows.teaching import TaughtCourse, taught_course


@dataclass(frozen=True, slots=True)
class MarkingSetup:
    """How an assignment is marked: the rubric of each task that has one, the policy of each section."""

    assignment: Assignment
    rubrics: Mapping[str, Rubric]
    policies: Mapping[str, MarkingPolicy]


@dataclass(frozen=True, slots=True)
class ViewMarkingSetup:
    """How an assignment is marked in the sections that an instructor teaches."""

    records: Records

    def __call__(self, instructor: Person, course_id: str, name: str) -> MarkingSetup:
        """Rubrics of the present version, and the policies; where nobody said, the plain one.

        Raises:
            NotFound: they teach no section of such a course, or it has no such assignment.
        """
        with self.records.reading() as repositories:
            taught = taught_course(repositories, instructor, course_id)
            assignment = assignment_in(taught, name)
            said = repositories.rubrics.policies([line.section.id for line in taught.sections], name)
            rubrics = repositories.rubrics.of_version(assignment.version)
        policies = {line.section.id: said.get(line.section.id, MarkingPolicy()) for line in taught.sections}
        return MarkingSetup(assignment, rubrics, policies)


@dataclass(frozen=True, slots=True)
class SetRubric:
    """Choose the rubric of a manual task, in the version that is released now."""

    records: Records
    clock: Clock

    def __call__(self, instructor: Person, course_id: str, name: str, task_id: str, rubric: Rubric | None) -> None:
        """Mark the task by this rubric, or by points alone.

        Raises:
            NotFound: they teach no section of such a course, or it has no such assignment or manual task.
            Conflict: someone has marked the task already.
        """
        with self.records.transaction() as repositories:
            taught = taught_course(repositories, instructor, course_id)
            assignment = assignment_in(taught, name)
            by_people = [task.id for task in assignment.tasks if task.kind is TaskKind.MANUAL]
            if task_id not in by_people:
                known = ", ".join(by_people) or "none"
                raise NotFound(f"{name} has no task {task_id!r} that people mark.", f"Those that it has: {known}.")
            if repositories.marks.is_used(assignment.version, task_id):
                raise Conflict("This task has marks already, so what it is marked by stays.", "Release a new version.")
            if rubric is None:
                repositories.rubrics.detach(assignment.version, task_id)
                return
            repositories.rubrics.add(rubric, instructor.id, self.clock())
            repositories.rubrics.attach(assignment.version, task_id, rubric.version)


@dataclass(frozen=True, slots=True)
class SetMarkingPolicy:
    """Say how people mark an assignment in a section."""

    records: Records

    def __call__(
        self, instructor: Person, course_id: str, name: str, policy: MarkingPolicy, section_id: str | None = None
    ) -> tuple[str, ...]:
        """The sections it now holds for: this one, or all that the instructor teaches.

        Raises:
            NotFound: they teach no such section, or the course has no such assignment.
            BadInput: work is to be marked twice where only one person teaches.
        """
        with self.records.transaction() as repositories:
            taught = taught_course(repositories, instructor, course_id)
            assignment_in(taught, name)
            chosen = sections_in(taught, section_id)
            for section in chosen:
                _check_enough_teach(repositories, taught, section, policy)
                repositories.rubrics.set_policy(section, name, policy)
        return chosen


@dataclass(frozen=True, slots=True)
class Snippets:
    """Comments that an instructor keeps to use again; nobody else sees them."""

    records: Records
    clock: Clock

    def __call__(self, instructor: Person, course_id: str) -> Sequence[Snippet]:
        """Their comments for a course, the oldest first.

        Raises:
            NotFound: they teach no section of such a course.
        """
        with self.records.reading() as repositories:
            taught_course(repositories, instructor, course_id)
            return repositories.rubrics.snippets(instructor.id, course_id)

    def add(self, instructor: Person, course_id: str, text: str) -> Snippet:
        """Keep a comment.

        Raises:
            NotFound: they teach no section of such a course.
            BadInput: it is empty or too long.
        """
        said = plain(text)
        if not said:
            raise BadInput("There is nothing to keep.", "Write the comment first.")
        with self.records.transaction() as repositories:
            taught_course(repositories, instructor, course_id)
            snippet = Snippet(uuid.uuid4().hex, instructor.id, course_id, said, self.clock())
            repositories.rubrics.add_snippet(snippet)
        return snippet

    def remove(self, instructor: Person, snippet_id: str) -> None:
        """Forget a comment.

        Raises:
            NotFound: they keep no such comment.
        """
        with self.records.transaction() as repositories:
            if not repositories.rubrics.remove_snippet(snippet_id, instructor.id):
                raise NotFound("You keep no such comment.", "Choose one of your own.")


def assignment_in(taught: TaughtCourse, name: str) -> Assignment:
    """The released assignment of a course.

    Raises:
        NotFound: there is none of that name.
    """
    assignment = taught.course.assignment(name)
    if assignment is None:
        raise NotFound(
            f"The course {taught.course.id!r} has no released assignment {name!r}.", "Choose one of its own."
        )
    return assignment


def sections_in(taught: TaughtCourse, section_id: str | None) -> tuple[str, ...]:
    """The ids of this section, or of all that are taught.

    Raises:
        NotFound: it is none of them.
    """
    ids = tuple(line.section.id for line in taught.sections)
    if section_id is not None and section_id not in ids:
        raise NotFound(f"You teach no section {section_id!r}.", f"Those that you teach: {', '.join(ids)}.")
    return ids if section_id is None else (section_id,)


def _check_enough_teach(
    repositories: Repositories, taught: TaughtCourse, section_id: str, policy: MarkingPolicy
) -> None:
    section = next(line.section for line in taught.sections if line.section.id == section_id)
    if policy.second_fraction and len(teachers_of(repositories, section)) < 2:
        raise BadInput(
            f"Only one person teaches {section_id}, so nothing can be marked twice.", "Add an instructor first."
        )
