"""Submissions that we could not grade, and one more try for them."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.domain.person import Person, Role
from factory_academy.domain.submission import Submission, SubmissionState
from factory_academy.errors import Conflict, NotFound
from factory_academy.workflows.ports import Clock, Records, Repositories, SubmissionFilter
from factory_academy.workflows.teaching import section_of_trainee, taught_course

FAILED = frozenset({SubmissionState.INFRASTRUCTURE_FAILED})


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """What ended as our fault, newest first: an instructor sees those of their factory, a trainee their own."""

    records: Records

    def __call__(self, person: Person | None, course_id: str | None = None) -> tuple[Submission, ...]:
        """All that this person may see; ``None`` stands for the operator at the command line."""
        with self.records.reading() as repositories:
            found = repositories.submissions.matching(SubmissionFilter(course_id, states=FAILED))
            return tuple(s for s in found if person is None or may_requeue(repositories, person, s))


@dataclass(frozen=True, slots=True)
class Requeue:
    """Queue a submission again that ended as our fault. It costs nobody an attempt."""

    records: Records
    clock: Clock

    def __call__(self, submission_id: str, person: Person | None) -> Submission:
        """The submission, queued again; one that waits or is being graded already is left alone.

        Raises:
            NotFound: there is no such submission, or this person may not know of it.
            Conflict: it has a verdict.
        """
        with self.records.transaction() as repositories:
            submission = repositories.submissions.find(submission_id)
            if submission is None or not (person is None or may_requeue(repositories, person, submission)):
                raise NotFound(f"There is no submission {submission_id!r}.", "Choose one that could not be graded.")
            if submission.state in FAILED:
                repositories.queue.add(submission.id, self.clock())
                reason = "It is tried again."
                repositories.submissions.set_state(submission.id, SubmissionState.QUEUED, reason)
            elif submission.state.is_terminal:
                raise Conflict(
                    f"The submission {submission_id!r} has its verdict: {submission.state.value}.",
                    "An instructor can have it graded again.",
                )
            return repositories.submissions.find(submission_id) or submission


def may_requeue(repositories: Repositories, person: Person, submission: Submission) -> bool:
    """Whether this person may have it tried again: its trainee, the instructors of their sections, an operator."""
    if person.role is Role.OPERATOR or submission.trainee_id == person.id:
        return True
    try:
        taught = taught_course(repositories, person, submission.course_id)
    except NotFound:
        return False
    return submission.trainee_id in section_of_trainee(repositories, taught)
