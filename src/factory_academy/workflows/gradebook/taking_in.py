"""A mark that was made in formgrader becomes a mark like any other, or the report says why it did not."""

from __future__ import annotations

from datetime import datetime

from factory_academy.domain.grade import TaskScore
from factory_academy.domain.gradebook import FormgraderMark
from factory_academy.domain.marking import Decision, Mark, MarkKind, Remark, is_waiting
from factory_academy.domain.submission import Submission
from factory_academy.workflows.marking.deciding import decide
from factory_academy.workflows.marking.desk import Desk
from factory_academy.workflows.ports import Repositories


class NotTaken(Exception):
    """A mark was not taken; the message says why."""


def take_in(repositories: Repositories, desk: Desk, found: FormgraderMark, at: datetime) -> bool:
    """Record the mark; whether the grade changed with it.

    Raises:
        NotTaken: it could not be.
    """
    submission = repositories.submissions.find(found.submission_id)
    if submission is None or submission.trainee_id not in desk.sections:
        raise NotTaken("the trainee is in none of your sections")
    repositories.marks.decide_alone(submission.id)
    score = _score(repositories, submission, found.task_id)
    if found.points is None and found.comment and not score.by_hand:
        words = f"{score.title or score.task_id}: {found.comment}"
        repositories.marks.add_remark(Remark(submission.id, desk.instructor.id, at, words))
        return False
    if found.points is None and not found.comment:
        raise NotTaken(f"{found.extra_credit:g} points of extra credit, which the academy does not know")
    mark = _mark(desk, found, score, at)
    if found.task_id in repositories.rubrics.of_version(submission.assignment_version):
        raise NotTaken("this task is marked by a rubric: mark it in the academy")
    repositories.marks.add(mark)
    decision = _decision(repositories, desk, submission, score, mark)
    if decision is None:
        return False
    decide(repositories, submission, {score.task_id: decision}, {}, at)
    return True


def _score(repositories: Repositories, submission: Submission, task_id: str) -> TaskScore:
    outcome = repositories.grades.outcome(submission.id)
    found = next((t for t in outcome.tasks if t.task_id == task_id), None) if outcome else None
    if found is None or not submission.state.is_terminal:
        raise NotTaken("the submission is being graded just now, or has no such task")
    return found


def _mark(desk: Desk, found: FormgraderMark, score: TaskScore, at: datetime) -> Mark:
    points = score.earned if found.points is None else found.points
    kind = MarkKind.INDEPENDENT if is_waiting(score) else MarkKind.MODERATION
    try:
        return Mark(
            found.submission_id, found.task_id, desk.instructor.id, kind, points, score.possible, at, found.comment
        )
    except ValueError as error:
        raise NotTaken(str(error)) from error


def _decision(
    repositories: Repositories, desk: Desk, submission: Submission, score: TaskScore, mark: Mark
) -> Decision | None:
    """What it comes to: a task that waits may want a second mark, a change of one that was decided counts at once."""
    if not is_waiting(score):
        return Decision(mark.earned, (mark,))
    marks = repositories.marks.of_submissions([submission.id]).get(submission.id, ())
    decision = desk.decision(submission, [m for m in marks if m.task_id == score.task_id])
    return None if desk.policy(submission).release_together else decision
