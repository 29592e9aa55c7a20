"""What waits for a marker: the list, the next one, and the work itself with its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Assignment
from factory_academy.domain.marking import Claim, Remark, Stage
from factory_academy.domain.person import Person
from factory_academy.domain.rubric import Rubric
from factory_academy.domain.submission import Submission
from factory_academy.errors import BadInput, Conflict, TooLarge
from factory_academy.workflows.marking.desk import Desk, desk_of
from factory_academy.workflows.marking.ports import Answers
from factory_academy.workflows.marking.works import (
    CLAIM,
    Work,
    WorkTask,
    all_works,
    each_open_work,
    find_submission,
    marked_here,
    open_works,
    works_of,
)
from factory_academy.workflows.paging import Paging
from factory_academy.workflows.ports import Blobs, Clock, Records, Repositories

PAGE = 25


@dataclass(frozen=True, slots=True)
class MarkingList:
    """A page of works. ``waiting`` counts, task by task, those that this marker may mark now."""

    assignment: Assignment
    works: tuple[Work, ...]
    paging: Paging
    waiting: Mapping[str, int]
    unpublished: int


@dataclass(frozen=True, slots=True)
class WorkView:
    """A work with what was handed in for each task, the rubrics, and this marker's own general comment."""

    work: Work
    assignment: Assignment
    answers: Mapping[str, str]
    unreadable: str
    rubrics: Mapping[str, Rubric]
    remark: str


@dataclass(frozen=True, slots=True)
class MarkingQueue:
    """What an instructor may mark in an assignment."""

    records: Records
    clock: Clock
    key: bytes

    def __call__(
        self,
        instructor: Person,
        course_id: str,
        name: str,
        *,
        task_id: str | None = None,
        everything: bool = False,
        page: int = 1,
    ) -> MarkingList:
        """One page of the works with something for this marker to do, or of every work that people could mark.

        Raises:
            NotFound: they teach no section of such a course, or it has no such assignment.
        """
        with self.records.reading() as repositories:
            desk = desk_of(repositories, instructor, course_id, name, self.key)
            works = all_works if everything else open_works
            found = works(repositories, desk, self.clock())
        waiting = Counter(t.score.task_id for work in found for t in work.tasks if _is_for_me(t))
        held_back = sum(t.is_open and t.stage is Stage.DECIDED for work in found for t in work.tasks)
        shown = [w for w in found if _concerns(w, task_id, everything)]
        paging = Paging(len(shown), PAGE, page)
        on_page = tuple(shown[paging.offset : paging.offset + paging.size])
        return MarkingList(desk.assignment, on_page, paging, waiting, held_back)


@dataclass(frozen=True, slots=True)
class ClaimNext:
    """Take the next work that waits for this marker, so that nobody else begins it."""

    records: Records
    clock: Clock
    key: bytes

    def __call__(self, instructor: Person, course_id: str, name: str, task_id: str | None = None) -> Work | None:
        """The work, with its open tasks (or that one task) held for this marker; None where nothing waits for them.

        Work that they hold already comes first.

        Raises:
            NotFound: they teach no section of such a course, or it has no such assignment.
        """
        now = self.clock()
        with self.records.transaction() as repositories:
            desk = desk_of(repositories, instructor, course_id, name, self.key)
            held = works_of(repositories, desk, held_by(repositories, desk, now), now)
            for work in chain(held, each_open_work(repositories, desk, now)):
                wanted = [t.score.task_id for t in work.tasks if _is_for_me(t, task_id)]
                if wanted and all([_hold(repositories, work.submission, i, instructor, now) for i in wanted]):
                    return work
        return None


@dataclass(frozen=True, slots=True)
class HoldTask:
    """Claim one task of a work, or give it back."""

    records: Records
    clock: Clock
    key: bytes

    def __call__(self, instructor: Person, course_id: str, name: str, work_id: str, task_id: str) -> datetime:
        """Until when the task is held for this marker; claiming again makes it longer.

        Raises:
            NotFound: there is no such work or task for them.
            Conflict: someone else holds it.
        """
        now = self.clock()
        with self.records.transaction() as repositories:
            desk = desk_of(repositories, instructor, course_id, name, self.key)
            submission = find_submission(repositories, desk, work_id)
            only(works_of(repositories, desk, [submission], now)).task(task_id)
            hold(repositories, submission, task_id, instructor, now)
        return now + CLAIM

    def give_back(self, instructor: Person, course_id: str, name: str, work_id: str, task_id: str) -> None:
        """Let others have the task; one that is not held stays so.

        Raises:
            NotFound: there is no such work for them.
        """
        with self.records.transaction() as repositories:
            desk = desk_of(repositories, instructor, course_id, name, self.key)
            submission = find_submission(repositories, desk, work_id)
            repositories.marks.give_back(submission.id, task_id, instructor.id)


@dataclass(frozen=True, slots=True)
class ViewWork:
    """A work with everything that a marker needs, and nothing that says whose it is."""

    records: Records
    blobs: Blobs
    answers: Answers
    clock: Clock
    key: bytes

    def __call__(self, instructor: Person, course_id: str, name: str, work_id: str) -> WorkView:
        """The work; where what was handed in cannot be read, ``unreadable`` says why.

        Raises:
            NotFound: there is no such work for them.
        """
        with self.records.reading() as repositories:
            desk = desk_of(repositories, instructor, course_id, name, self.key)
            submission = find_submission(repositories, desk, work_id)
            work = only(works_of(repositories, desk, [submission], self.clock()))
            version = submission.assignment_version
            assignment = repositories.courses.assignment_of_version(version) or desk.assignment
            blob = repositories.courses.version_blob(version)
            rubrics = repositories.rubrics.of_version(version)
            remark = own_remark(repositories.marks.remarks(submission.id), instructor.id)
        answers, unreadable = self._read(submission, blob)
        return WorkView(work, assignment, answers, unreadable, rubrics, remark)

    def _read(self, submission: Submission, blob: str | None) -> tuple[Mapping[str, str], str]:
        if blob is None:
            return {}, "The version of the assignment is not on record."
        try:
            bundle = AssignmentBundle.from_bytes(self.blobs.get(blob))
            return self.answers(bundle, self.blobs.get(submission.content)), ""
        except (BadInput, TooLarge) as error:
            return {}, str(error)


def held_by(repositories: Repositories, desk: Desk, now: datetime) -> list[Submission]:
    """The submissions of a desk of which its marker holds a task."""
    claims = repositories.marks.claims(marked_here(repositories, desk), now)
    ids = sorted({c.submission_id for c in claims if c.marker_id == desk.instructor.id})
    return [s for i in ids if (s := repositories.submissions.find(i)) is not None]


def hold(repositories: Repositories, submission: Submission, task_id: str, marker: Person, now: datetime) -> None:
    """Hold a task for a marker.

    Raises:
        Conflict: someone else holds it.
    """
    if not _hold(repositories, submission, task_id, marker, now):
        raise Conflict("Someone else is marking this task just now.", "Take the next one; this may be free later.")


def own_remark(remarks: Sequence[Remark], person_id: str) -> str:
    """The last general comment of one person."""
    return next((remark.text for remark in reversed(remarks) if remark.person_id == person_id), "")


def only(works: tuple[Work, ...]) -> Work:
    """The one work of a submission that has a verdict."""
    if len(works) != 1:
        raise Conflict("This work has no verdict yet.", "Wait until it is graded.")
    return works[0]


def _hold(repositories: Repositories, submission: Submission, task_id: str, marker: Person, now: datetime) -> bool:
    return repositories.marks.claim(Claim(submission.id, task_id, marker.id, now + CLAIM), now)


def _is_for_me(task: WorkTask, task_id: str | None = None) -> bool:
    open_to_me = task.is_open and task.stage is not Stage.DECIDED and task.may_mark and not task.held
    return open_to_me and task_id in (None, task.score.task_id)


def _concerns(work: Work, task_id: str | None, everything: bool) -> bool:
    tasks = [t for t in work.tasks if task_id in (None, t.score.task_id)]
    return bool(tasks) if everything else any(_is_for_me(t) for t in tasks)
