"""Give a mark, comment on a work, publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from factory_academy.domain.marking import Decision, Mark, MarkKind, Remark, Stage
from factory_academy.domain.person import Person
from factory_academy.domain.rubric import Rubric
from factory_academy.domain.submission import Submission, SubmissionState
from factory_academy.errors import BadInput, Conflict
from factory_academy.workflows.marking.deciding import Certifying, decide
from factory_academy.workflows.marking.desk import Desk, desk_of
from factory_academy.workflows.marking.queue import hold, only
from factory_academy.workflows.marking.works import MARKABLE, Work, WorkTask, find_submission, open_works, works_of
from factory_academy.workflows.ports import Clock, Records, Repositories

MAX_COMMENT = 10_000


@dataclass(frozen=True, slots=True)
class Given:
    """What a marker says about a task: a level of each criterion where it has a rubric, else points."""

    points: float | None = None
    levels: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""


@dataclass(frozen=True, slots=True)
class MarkTask:
    """Mark one task of a work. Once its marks come to a decision that need not wait, the grade changes."""

    records: Records
    clock: Clock
    key: bytes
    certify: Certifying

    def __call__(self, instructor: Person, course_id: str, name: str, work_id: str, task_id: str, given: Given) -> Work:
        """The work as it is now.

        Raises:
            NotFound: there is no such work or task for them.
            BadInput: points out of range, or levels that the rubric does not know.
            Conflict: someone else holds it, or it is not this marker's turn.
        """
        now = self.clock()
        with self.records.transaction() as repositories:
            desk = desk_of(repositories, instructor, course_id, name, self.key)
            submission = _alone(repositories, find_submission(repositories, desk, work_id))
            hold(repositories, submission, task_id, instructor, now)
            task = only(works_of(repositories, desk, [submission], now)).task(task_id)
            rubrics = repositories.rubrics.of_version(submission.assignment_version)
            repositories.marks.add(_mark(self, instructor, submission, task, given, rubrics.get(task_id)))
            decision = _decision(repositories, desk, submission, task_id)
            if decision is not None and not (desk.policy(submission).release_together and task.is_open):
                decide(repositories, submission, {task_id: decision}, rubrics, now)
            repositories.marks.give_back(submission.id, task_id, instructor.id)
            work = only(works_of(repositories, desk, [submission], now))
        if not work.is_open:
            self.certify(submission.trainee_id, submission.course_id)
        return work


@dataclass(frozen=True, slots=True)
class RemarkOnWork:
    """Say something about a work as a whole; the trainee reads it once all of it is marked."""

    records: Records
    clock: Clock
    key: bytes

    def __call__(self, instructor: Person, course_id: str, name: str, work_id: str, text: str) -> None:
        """Keep the comment in place of this marker's earlier one; an empty one takes it back.

        Raises:
            NotFound: there is no such work for them.
            BadInput: the comment is too long.
        """
        with self.records.transaction() as repositories:
            desk = desk_of(repositories, instructor, course_id, name, self.key)
            submission = find_submission(repositories, desk, work_id)
            repositories.marks.add_remark(Remark(submission.id, instructor.id, self.clock(), plain(text)))


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: works, and tasks that still wait for a decision."""

    works: int
    waiting: int


@dataclass(frozen=True, slots=True)
class PublishMarks:
    """Let trainees see marks that were held back until all are there."""

    records: Records
    clock: Clock
    key: bytes
    certify: Certifying

    def __call__(self, instructor: Person, course_id: str, name: str, partly: bool = False) -> Published:
        """Publish every decision of an assignment in this instructor's sections.

        Raises:
            NotFound: they teach no section of such a course, or it has no such assignment.
            Conflict: some tasks still wait for a mark, and ``partly`` was not asked for.
        """
        now = self.clock()
        with self.records.transaction() as repositories:
            desk = desk_of(repositories, instructor, course_id, name, self.key)
            works = open_works(repositories, desk, now)
            waiting = sum(t.is_open and t.stage is not Stage.DECIDED for work in works for t in work.tasks)
            if waiting and not partly:
                count = f"{waiting} task{'s wait' if waiting > 1 else ' waits'}"
                raise Conflict(f"{count} for a mark.", "Mark the rest first, or publish in part.")
            published = [s for work in works if (s := self._publish(repositories, desk, work.submission)) is not None]
        for submission in published:
            self.certify(submission.trainee_id, submission.course_id)
        return Published(len(published), waiting)

    def _publish(self, repositories: Repositories, desk: Desk, found: Submission) -> Submission | None:
        now = self.clock()
        submission = _alone(repositories, found)
        work = only(works_of(repositories, desk, [submission], now))
        open_ids = [t.score.task_id for t in work.tasks if t.is_open]
        decisions = {i: d for i in open_ids if (d := _decision(repositories, desk, submission, i)) is not None}
        if not decisions:
            return None
        rubrics = repositories.rubrics.of_version(submission.assignment_version)
        decide(repositories, submission, decisions, rubrics, now)
        return submission


def plain(text: str) -> str:
    """A comment as it is kept.

    Raises:
        BadInput: it is too long.
    """
    if len(text) > MAX_COMMENT:
        raise BadInput(f"A comment has at most {MAX_COMMENT} characters, got {len(text)}.", "Make it shorter.")
    return text.strip()


def _alone(repositories: Repositories, submission: Submission) -> Submission:
    """The submission as it is once nobody else decides about it."""
    repositories.marks.decide_alone(submission.id)
    found = repositories.submissions.find(submission.id)
    if found is None or found.state not in MARKABLE:
        state = found.state if found else SubmissionState.QUEUED
        raise Conflict(f"This work is {state} just now.", "Wait until it has its verdict.")
    return found


def _decision(repositories: Repositories, desk: Desk, submission: Submission, task_id: str) -> Decision | None:
    marks = repositories.marks.of_submissions([submission.id]).get(submission.id, ())
    return desk.decision(submission, [mark for mark in marks if mark.task_id == task_id])


def _mark(
    self: MarkTask, instructor: Person, submission: Submission, task: WorkTask, given: Given, rubric: Rubric | None
) -> Mark:
    if not task.may_mark:
        waits = "was decided" if task.stage is Stage.DECIDED else "waits for someone else's mark"
        raise Conflict(f"This task {waits}.", "Take the next one; an appeal can change what was decided.")
    kind = MarkKind.MODERATION if task.stage is Stage.MODERATION else MarkKind.INDEPENDENT
    try:
        return Mark(
            submission_id=submission.id,
            task_id=task.score.task_id,
            marker_id=instructor.id,
            kind=kind,
            earned=_points(given, task.score.possible, rubric),
            possible=task.score.possible,
            at=self.clock(),
            comment=plain(given.comment),
            levels=tuple(sorted(given.levels.items())),
            rubric_version=rubric.version if rubric else "",
        )
    except ValueError as error:
        raise BadInput(f"The mark cannot be taken: {error}.", "Mend it and send it again.") from error


def _points(given: Given, possible: float, rubric: Rubric | None) -> float:
    if rubric is None:
        if given.points is None or given.levels:
            raise ValueError("this task has no rubric, so it takes points and no levels")
        return given.points
    if given.points is not None:
        raise ValueError("this task has a rubric, so it takes a level of each criterion and no points")
    return min(round(rubric.fraction(given.levels) * possible, 6), possible)
