"""A trainee asks for another look at one task; a person answers, and the answer is part of the history."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from factory_academy.domain.appeal import Appeal, AppealAnswer, AppealState, may_appeal
from factory_academy.domain.course import Section
from factory_academy.domain.grade import GradingOutcome, TaskScore
from factory_academy.domain.marking import Decision, Mark, MarkingPolicy, MarkKind, is_waiting
from factory_academy.domain.person import Person
from factory_academy.domain.submission import Submission
from factory_academy.errors import BadInput, Conflict, NotAllowed, NotFound
from factory_academy.workflows.extensions.reading import section_of
from factory_academy.workflows.marking.deciding import Certifying, decide, record
from factory_academy.workflows.marking.desk import teachers_of
from factory_academy.workflows.marking.mark import plain
from factory_academy.workflows.ports import Clock, Records, Repositories
from factory_academy.workflows.teaching import section_of_trainee, taught_course


@dataclass(frozen=True, slots=True)
class OpenAppeal:
    """Ask that a person looks at one task again."""

    records: Records
    clock: Clock

    def __call__(self, trainee: Person, submission_id: str, task_id: str, reason: str) -> Appeal:
        """The appeal, open.

        Raises:
            NotFound: it is not theirs, or has no such task.
            BadInput: it gives no reason, or a very long one.
            Conflict: there is no verdict yet, the task has an appeal, or the time for it is over.
        """
        said, now = plain(reason), self.clock()
        if not said:
            raise BadInput("An appeal needs a reason.", "Say in a sentence what was judged wrongly.")
        with self.records.transaction() as repositories:
            submission = own_submission(repositories, trainee, submission_id)
            repositories.marks.decide_alone(submission.id)
            task = _task(repositories.grades.outcome(submission.id), task_id)
            if is_waiting(task) or not submission.state.is_terminal:
                raise Conflict("This task has no verdict yet.", "Wait for it; you can appeal against it then.")
            policy = policy_for(repositories, submission)
            verdict_at = repositories.grades.history(submission.id)[-1].at
            if not may_appeal(verdict_at, now, policy.appeal_time):
                until = verdict_at + policy.appeal_time
                raise Conflict(
                    f"The time for an appeal ended at {until:%Y-%m-%d %H:%M} UTC.", "Talk to your instructor."
                )
            appeal = Appeal(uuid.uuid4().hex, submission.id, task_id, said, now, now + policy.answer_time)
            if not repositories.appeals.add(appeal):
                raise Conflict("There is an appeal about this task.", "See its answer with your submission.")
        return appeal


@dataclass(frozen=True, slots=True)
class AppealToAnswer:
    """An appeal as an instructor sees it, with the score that it is about. ``may_answer``: it is theirs to answer."""

    appeal: Appeal
    submission: Submission
    trainee: Person | None
    task: TaskScore
    may_answer: bool


@dataclass(frozen=True, slots=True)
class AppealsToAnswer:
    """The appeals of an instructor's trainees in a course."""

    records: Records

    def __call__(self, instructor: Person, course_id: str, open_only: bool = True) -> tuple[AppealToAnswer, ...]:
        """Those that wait for an answer, or all, in the order in which they were opened.

        Raises:
            NotFound: they teach no section of such a course.
        """
        with self.records.reading() as repositories:
            sections = section_of_trainee(repositories, taught_course(repositories, instructor, course_id))
            found = repositories.appeals.of_course(course_id, open_only)
            seen = (_seen(repositories, instructor, appeal, sections) for appeal in found)
            return tuple(one for one in seen if one is not None)


@dataclass(frozen=True, slots=True)
class AnswerAppeal:
    """Decide about an appeal. It takes nothing from anyone: the score stays or rises."""

    records: Records
    clock: Clock
    certify: Certifying

    def __call__(self, instructor: Person, appeal_id: str, points: float | None, reason: str) -> Appeal:
        """The appeal with its answer: changed if the points are more than the task has, else upheld.

        Raises:
            NotFound: there is no such appeal among those of their trainees.
            NotAllowed: they gave the mark that it is about, and someone else can answer.
            BadInput: no reason, or points that are fewer than before or more than there are.
            Conflict: it was answered, or the submission is being graded again.
        """
        said = plain(reason)
        if not said:
            raise BadInput("An answer needs a reason; the trainee reads it.", "Say in a sentence why.")
        with self.records.transaction() as repositories:
            seen = _to_answer(repositories, instructor, appeal_id)
            appeal, submission = seen.appeal, seen.submission
            if not submission.state.is_terminal:
                raise Conflict(f"The submission is {submission.state} just now.", "Wait for its verdict.")
            points = _raised(points, seen.task)
            state = AppealState.UPHELD if points is None else AppealState.CHANGED
            answer = AppealAnswer(state, instructor.id, self.clock(), said)
            if not repositories.appeals.answer(appeal.id, answer):
                raise Conflict("This appeal was answered already.", "See its answer in the list of all appeals.")
            if points is None:
                _uphold(repositories, seen, answer)
            else:
                _change(repositories, seen, answer, points)
            answered = repositories.appeals.find(appeal.id)
        self.certify(submission.trainee_id, submission.course_id)
        return answered or appeal


def own_submission(repositories: Repositories, trainee: Person, submission_id: str) -> Submission:
    """A submission, for the one who handed it in.

    Raises:
        NotFound: there is none, or it is someone else's.
    """
    submission = repositories.submissions.find(submission_id)
    if submission is None or submission.trainee_id != trainee.id:
        raise NotFound("There is no such submission.", "Your own submissions are on your home page.")
    return submission


def policy_for(repositories: Repositories, submission: Submission) -> MarkingPolicy:
    """How the section of a submission's trainee marks."""
    section = section_of(repositories, submission.trainee_id, submission.course_id)
    policy = repositories.rubrics.policy(section.id, submission.assignment_name) if section else None
    return policy or MarkingPolicy()


def _task(outcome: GradingOutcome | None, task_id: str) -> TaskScore:
    if outcome is None:
        raise Conflict("This submission has no verdict yet.", "Wait for it; you can appeal against it then.")
    found = next((task for task in outcome.tasks if task.task_id == task_id), None)
    if found is None:
        raise NotFound(f"There is no task {task_id!r} in this submission.", "Choose one that it lists.")
    return found


def _seen(
    repositories: Repositories, instructor: Person, appeal: Appeal, sections: dict[str, Section]
) -> AppealToAnswer | None:
    submission = repositories.submissions.find(appeal.submission_id)
    if submission is None or submission.trainee_id not in sections:
        return None
    outcome = repositories.grades.outcome(submission.id)
    marks = repositories.marks.of_submissions([submission.id]).get(submission.id, ())
    deciders = frozenset(mark.marker_id for mark in marks if mark.task_id == appeal.task_id)
    others = teachers_of(repositories, sections[submission.trainee_id]) - deciders
    may_answer = instructor.id not in deciders or not others
    trainee = repositories.people.find(submission.trainee_id)
    return AppealToAnswer(appeal, submission, trainee, _task(outcome, appeal.task_id), may_answer)


def _to_answer(repositories: Repositories, instructor: Person, appeal_id: str) -> AppealToAnswer:
    appeal = repositories.appeals.find(appeal_id)
    submission = repositories.submissions.find(appeal.submission_id) if appeal else None
    nowhere = NotFound("There is no such appeal among those of your trainees.", "Choose one from the list.")
    if appeal is None or submission is None:
        raise nowhere
    repositories.marks.decide_alone(submission.id)
    try:
        taught = taught_course(repositories, instructor, submission.course_id)
    except NotFound as error:
        raise nowhere from error
    seen = _seen(repositories, instructor, appeal, section_of_trainee(repositories, taught))
    if seen is None:
        raise nowhere
    if not seen.may_answer:
        raise NotAllowed("You gave the mark that this appeal is about.", "Ask someone else who teaches the section.")
    return seen


def _raised(points: float | None, task: TaskScore) -> float | None:
    """The new points, or None where they are those that the task has."""
    if points is None or points == task.earned:
        return None
    if not task.earned < points <= task.possible:
        raise BadInput(
            f"Expected more than {task.earned:g} and at most {task.possible:g} points, got {points:g}.",
            "An appeal takes no points away; to uphold the score, give none.",
        )
    return points


def _uphold(repositories: Repositories, seen: AppealToAnswer, answer: AppealAnswer) -> None:
    outcome = repositories.grades.outcome(seen.submission.id)
    if outcome is not None:
        reason = f"The score stands after an appeal: {seen.task.title or seen.task.task_id}. {answer.reason}"
        record(repositories, seen.submission, outcome, outcome, actor=answer.by, reason=reason, at=answer.at)


def _change(repositories: Repositories, seen: AppealToAnswer, answer: AppealAnswer, points: float) -> None:
    mark = Mark(
        submission_id=seen.submission.id,
        task_id=seen.task.task_id,
        marker_id=answer.by,
        kind=MarkKind.APPEAL,
        earned=points,
        possible=seen.task.possible,
        at=answer.at,
        comment=answer.reason,
    )
    repositories.marks.add(mark)
    decide(repositories, seen.submission, {mark.task_id: Decision(points, (mark,))}, {}, answer.at)
