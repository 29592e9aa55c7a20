"""The work that a marker sees, under pseudonyms, and what each task of it waits for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from factory_academy.domain.grade import TaskScore
from factory_academy.domain.marking import Claim, Mark, MarkKind, Stage, independent, is_waiting
from factory_academy.domain.person import Person
from factory_academy.domain.submission import Submission, SubmissionState
from factory_academy.errors import NotFound
from factory_academy.workflows.marking.desk import Desk
from factory_academy.workflows.ports import Repositories, SubmissionFilter

CLAIM = timedelta(minutes=30)
"""How long a marker holds a task without saying anything."""

WAITING = frozenset(
    {
        SubmissionState.NEEDS_REVIEW,
        SubmissionState.TIMEOUT,
        SubmissionState.OUT_OF_MEMORY,
        SubmissionState.CRASHED,
        SubmissionState.EXITED,
    }
)
"""States in which tasks may wait for a person."""

MARKABLE = WAITING | {SubmissionState.GRADED}


@dataclass(frozen=True, slots=True)
class WorkTask:
    """A task of a work. ``may_mark`` is whether this marker may now; ``held`` whether someone else is at it.

    ``is_open`` is whether trainees still wait for its score; ``marks`` are those that this marker may see.
    """

    score: TaskScore
    stage: Stage
    is_open: bool
    may_mark: bool
    is_mine: bool
    held: bool
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """One submission as a marker sees it. ``trainee`` is None until nothing of it waits for a person any more."""

    id: str
    pseudonym: str
    submission: Submission
    tasks: tuple[WorkTask, ...]
    trainee: Person | None = None

    @property
    def is_open(self) -> bool:
        """Whether any task waits for a person, or for its marks to be published."""
        return any(task.is_open for task in self.tasks)

    def task(self, task_id: str) -> WorkTask:
        """The task of that id.

        Raises:
            NotFound: it has none.
        """
        found = next((task for task in self.tasks if task.score.task_id == task_id), None)
        if found is None:
            raise NotFound(f"There is no task {task_id!r} in this work.", "Choose one that it lists.")
        return found


def open_works(repositories: Repositories, desk: Desk, now: datetime) -> tuple[Work, ...]:
    """Of every trainee the newest submission with something for a person to decide.

    They come in the order of their ids, which says nothing about who was early.
    """
    return tuple(sorted(each_open_work(repositories, desk, now, at_once=10_000), key=lambda work: work.id))


def each_open_work(repositories: Repositories, desk: Desk, now: datetime, at_once: int = 50) -> Iterator[Work]:
    """The same, read so many trainees at once, for whoever needs the first few only."""
    by_trainee: dict[str, list[Submission]] = {}
    for submission in repositories.submissions.matching(_wanted(desk, WAITING)):
        by_trainee.setdefault(submission.trainee_id, []).append(submission)
    in_order = sorted(by_trainee.values(), key=lambda theirs: desk.work_id(theirs[0].id))
    for start in range(0, len(in_order), at_once):
        submissions = [s for theirs in in_order[start : start + at_once] for s in theirs]
        newest: dict[str, Work] = {}
        for work in works_of(repositories, desk, submissions, now):
            if work.is_open:
                newest.setdefault(work.submission.trainee_id, work)
        yield from newest.values()


def all_works(repositories: Repositories, desk: Desk, now: datetime) -> tuple[Work, ...]:
    """Every submission that people could mark."""
    return works_of(repositories, desk, repositories.submissions.matching(_wanted(desk, MARKABLE)), now)


def find_submission(repositories: Repositories, desk: Desk, work_id: str) -> Submission:
    """The submission behind a work's id.

    Raises:
        NotFound: it is none of this desk's, or is being graded just now.
    """
    found = next((i for i in marked_here(repositories, desk) if desk.work_id(i) == work_id), None)
    submission = repositories.submissions.find(found) if found else None
    if submission is not None:
        return submission
    raise NotFound(
        "There is no such work to mark here.", "Take the next one from the list; it may be graded again now."
    )


def marked_here(repositories: Repositories, desk: Desk) -> Sequence[str]:
    """The ids of all submissions that this desk could mark."""
    return repositories.submissions.ids_matching(_wanted(desk, MARKABLE))


def works_of(
    repositories: Repositories, desk: Desk, submissions: Sequence[Submission], now: datetime
) -> tuple[Work, ...]:
    """These submissions as works, in their order; those without a verdict are left out."""
    ids = [s.id for s in submissions]
    grades = repositories.grades.of_submissions(ids)
    marks = repositories.marks.of_submissions(ids)
    claims = {(c.submission_id, c.task_id): c for c in repositories.marks.claims(ids, now)}
    made = [
        _work(desk, s, grades[s.id].tasks, _by_task(marks.get(s.id, ())), claims) for s in submissions if s.id in grades
    ]
    people = repositories.people.of_ids([w.submission.trainee_id for w in made if not w.is_open])
    return tuple(
        w if w.is_open else Work(w.id, w.pseudonym, w.submission, w.tasks, people.get(w.submission.trainee_id))
        for w in made
    )


def _wanted(desk: Desk, states: frozenset[SubmissionState]) -> SubmissionFilter:
    return SubmissionFilter(desk.course.id, desk.assignment.name, states, frozenset(desk.sections))


def _by_task(marks: Sequence[Mark]) -> dict[str, list[Mark]]:
    found: dict[str, list[Mark]] = {}
    for mark in marks:
        found.setdefault(mark.task_id, []).append(mark)
    return found


def _work(
    desk: Desk,
    submission: Submission,
    scores: Sequence[TaskScore],
    marks: Mapping[str, Sequence[Mark]],
    claims: Mapping[tuple[str, str], Claim],
) -> Work:
    tasks = tuple(
        _task(desk, submission, score, marks.get(score.task_id, ()), claims.get((submission.id, score.task_id)))
        for score in scores
        if is_waiting(score) or score.by_hand
    )
    return Work(desk.work_id(submission.id), desk.pseudonym(submission), submission, tasks)


def _task(desk: Desk, submission: Submission, score: TaskScore, marks: Sequence[Mark], claim: Claim | None) -> WorkTask:
    me, is_alone = desk.instructor.id, not desk.has_third(submission)
    stage = desk.stage(submission, marks)
    given = independent(marks)
    gave_one = any(mark.marker_id == me for mark in given)
    is_sole = all((mark.marker_id, mark.kind) == (me, MarkKind.INDEPENDENT) for mark in marks)
    may_see_all = stage is Stage.DECIDED or (stage is Stage.MODERATION and (is_alone or not gave_one))
    return WorkTask(
        score=score,
        stage=stage,
        is_open=is_waiting(score),
        may_mark=_may_mark(stage, gave_one, is_alone, is_sole),
        is_mine=gave_one,
        held=claim is not None and claim.marker_id != me,
        marks=tuple(marks) if may_see_all else tuple(mark for mark in marks if mark.marker_id == me),
    )


def _may_mark(stage: Stage, gave_one: bool, is_alone: bool, is_sole: bool) -> bool:
    """Second marks come from someone else, moderation too where there is anyone; only oneself revises one's own."""
    if stage is Stage.FIRST:
        return True
    if stage is Stage.SECOND:
        return not gave_one
    if stage is Stage.MODERATION:
        return is_alone or not gave_one
    return gave_one and is_sole
