"""How far those who marked the same work agree."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.domain.agreement import Agreement, Pair, agreement_of
from factory_academy.domain.marking import Mark, MarkKind, independent
from factory_academy.domain.person import Person
from factory_academy.workflows.marking.desk import desk_of
from factory_academy.workflows.marking.works import MARKABLE
from factory_academy.workflows.ports import Records, SubmissionFilter


@dataclass(frozen=True, slots=True)
class TaskAgreement:
    """Agreement on one task; ``moderated`` counts the works in which a third mark decided."""

    task_id: str
    title: str
    agreement: Agreement
    moderated: int


@dataclass(frozen=True, slots=True)
class MarkingAgreement:
    """Agreement in the sections that an instructor teaches, task by task."""

    records: Records
    key: bytes

    def __call__(self, instructor: Person, course_id: str, name: str) -> tuple[TaskAgreement, ...]:
        """The tasks that anyone marked, in the assignment's order.

        Raises:
            NotFound: they teach no section of such a course, or it has no such assignment.
        """
        with self.records.reading() as repositories:
            desk = desk_of(repositories, instructor, course_id, name, self.key)
            wanted = SubmissionFilter(course_id, name, MARKABLE, frozenset(desk.sections))
            found = repositories.submissions.matching(wanted)
            given = repositories.marks.of_submissions([s.id for s in found])
        tasks = {mark.task_id for marks in given.values() for mark in marks}
        titles = {task.id: task.title or task.id for task in desk.assignment.tasks}
        order = [i for i in titles if i in tasks] + sorted(tasks - titles.keys())
        by_work = [tuple(marks) for marks in given.values()]
        return tuple(_of_task(i, titles.get(i, i), by_work) for i in order)


def _of_task(task_id: str, title: str, by_work: list[tuple[Mark, ...]]) -> TaskAgreement:
    of_task = [[mark for mark in marks if mark.task_id == task_id] for marks in by_work]
    twice = [pair for marks in of_task if len(pair := independent(marks)) == 2]
    pairs: list[Pair] = [(one.earned, other.earned) for one, other in twice]
    moderated = sum(any(mark.kind is MarkKind.MODERATION for mark in marks) for marks in of_task)
    return TaskAgreement(task_id, title, agreement_of(pairs), moderated)
