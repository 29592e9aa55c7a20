"""What a trainee sees of how people judged their work: the history without names, comments, appeals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from factory_academy.domain.appeal import Appeal
from factory_academy.domain.grade import GradeEvent
from factory_academy.domain.marking import Remark, is_waiting
from factory_academy.domain.person import Person
from factory_academy.workflows.marking.appeals import own_submission, policy_for
from factory_academy.workflows.ports import Records

AUTOGRADER = "autograder"


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """One line of the history as its trainee reads it: ``who`` is the autograder or an instructor, never a name."""

    who: str
    at: datetime
    reason: str
    old_earned: float | None
    new_earned: float
    possible: float


@dataclass(frozen=True, slots=True)
class MyMarking:
    """All that people decided about one submission. ``appeal_until`` is None before there is a verdict."""

    submission_id: str
    history: tuple[ToldEvent, ...]
    comments: tuple[str, ...]
    appeals: tuple[Appeal, ...]
    appeal_until: datetime | None
    can_appeal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ViewMyMarking:
    """How a trainee's own submission was judged."""

    records: Records

    def __call__(self, trainee: Person, submission_id: str) -> MyMarking:
        """History, comments once all is marked, appeals with their answers, and which tasks may still have one.

        Raises:
            NotFound: there is no such submission, or it is someone else's.
        """
        with self.records.reading() as repositories:
            submission = own_submission(repositories, trainee, submission_id)
            events = repositories.grades.history(submission.id)
            outcome = repositories.grades.outcome(submission.id)
            appeals = repositories.appeals.of_submission(submission.id)
            remarks = repositories.marks.remarks(submission.id)
            appeal_time = policy_for(repositories, submission).appeal_time
        tasks = outcome.tasks if outcome else ()
        waits = any(is_waiting(task) for task in tasks)
        appealed = {appeal.task_id for appeal in appeals}
        return MyMarking(
            submission_id=submission.id,
            history=tuple(told(event) for event in events),
            comments=() if waits else comments_of(remarks),
            appeals=tuple(appeals),
            appeal_until=events[-1].at + appeal_time if events else None,
            can_appeal=tuple(t.task_id for t in tasks if not is_waiting(t) and t.task_id not in appealed),
        )


def told(event: GradeEvent) -> ToldEvent:
    """An event for the trainee's eyes."""
    who = "The autograder" if event.actor == AUTOGRADER else "An instructor"
    return ToldEvent(who, event.at, event.reason, event.old_earned, event.new_earned, event.possible)


def comments_of(remarks: Sequence[Remark]) -> tuple[str, ...]:
    """The last general comment of each person, without those that were taken back."""
    last = {remark.person_id: remark.text for remark in remarks}
    return tuple(text for text in last.values() if text)
