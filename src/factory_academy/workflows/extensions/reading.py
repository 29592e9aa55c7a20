"""A trainee's deadlines, and how late their work is: computed anew whenever it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from factory_academy.domain.course import Assignment, Course, Section
from factory_academy.domain.lateness import Deadline, DeadlineRule, Lateness, deadline_of, lateness_of
from factory_academy.domain.submission import Submission
from factory_academy.workflows.ports import Repositories


def section_of(repositories: Repositories, trainee_id: str, course_id: str) -> Section | None:
    """The section of a course that a trainee is in, or was in last; None if they never were."""
    sections = {section.id: section for section in repositories.courses.sections(course_id)}
    mine = [e for e in repositories.enrolments.of_trainee(trainee_id) if e.section_id in sections]
    last = max(mine, key=lambda e: (e.is_active, e.enrolled_at), default=None)
    return sections[last.section_id] if last else None


def deadlines_of(repositories: Repositories, trainee_id: str, course: Course) -> Mapping[str, Deadline]:
    """One trainee's deadline of each assignment of a course, in four queries."""
    section = section_of(repositories, trainee_id, course.id)
    return deadlines_in(repositories, trainee_id, course, section.id if section else None)


def deadlines_in(
    repositories: Repositories, trainee_id: str, course: Course, section_id: str | None
) -> Mapping[str, Deadline]:
    """The same, for someone whose section is known, in two queries."""
    rules = repositories.deadlines.of_course(course.id)
    extra = repositories.deadlines.extra(trainee_id, course.id)
    return {
        a.name: deadline_of(
            a.due_at,
            [rule for rule in rules if rule.assignment_name == a.name],
            section_id,
            extra.get(a.name, Deadline().extension),
        )
        for a in course.assignments
    }


def with_deadlines(course: Course, deadlines: Mapping[str, Deadline]) -> Course:
    """The course with one trainee's own deadlines, extensions included."""
    assignments = (replace(a, due_at=deadlines[a.name].effective_at) for a in course.assignments)
    return replace(course, assignments=tuple(assignments))


def lateness_in(
    repositories: Repositories, trainee_id: str, course: Course, submissions: Sequence[Submission]
) -> Mapping[str, Lateness]:
    """How late each of one trainee's submissions in a course is, by its id.

    An assignment that is not released any more has no deadline.
    """
    deadlines = deadlines_of(repositories, trainee_id, course)
    return {s.id: lateness_of(deadlines.get(s.assignment_name, Deadline()), s.received_at) for s in submissions}


def ensure_deadline(repositories: Repositories, assignment: Assignment, at: datetime) -> None:
    """Let the course's own rule for an assignment say what its files say; what sections set stays."""
    rules = repositories.deadlines.of_assignment(assignment.course_id, assignment.name)
    own = next((rule for rule in reversed(rules) if rule.section_id is None), None)
    said = (assignment.due_at, assignment.late_policy)
    if said != ((own.due_at, own.policy) if own else (None, None)):
        repositories.deadlines.add(DeadlineRule(assignment.course_id, assignment.name, None, *said, at))
