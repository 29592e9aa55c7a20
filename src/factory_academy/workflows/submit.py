"""Take handed-in work: keep it for ever, queue it, give a receipt."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from factory_academy.domain.course import Assignment
from factory_academy.domain.submission import ATTEMPT_WINDOW, Submission, next_attempt_at
from factory_academy.errors import NotEnrolled, NotFound, TooManyAttempts
from factory_academy.workflows.ports import Blobs, Clock, Intake, Records, Repositories


@dataclass(frozen=True, slots=True)
class Submit:
    """Hand in an archive for the present version of an assignment.

    The same bytes for the same version are the same submission: a retry gets the first receipt again.
    Submission and queue entry are one transaction, so nothing that has a receipt can be forgotten. Where the
    assignment limits attempts, a retry is none, and neither is what ended as a fault of ours.
    """

    records: Records
    blobs: Blobs
    intake: Intake
    clock: Clock

    def __call__(self, trainee_id: str, course_id: str, name: str, archive: bytes) -> Submission:
        """The submission, new or the same as before; once it is returned it cannot be lost.

        Raises:
            NotEnrolled: the trainee is in no active section of the course.
            NotFound: there is no such released assignment.
            BadArchive, TooLarge: the archive is none that is taken.
            TooManyAttempts: the assignment allows no more within the hour; the message says when the next may come.
            InfrastructureFault: it could not be kept; nothing was recorded.
        """
        with self.records.reading() as repositories:
            assignment = assignment_for(repositories, trainee_id, course_id, name)
        self.intake(archive)
        content = self.blobs.put(archive)
        with self.records.transaction() as repositories:
            same = repositories.submissions.find_same(trainee_id, assignment.version, content)
            if same is not None:
                return same
            _refuse_too_many(repositories, assignment, trainee_id, self.clock())
            submission = Submission(
                id=uuid.uuid4().hex,
                trainee_id=trainee_id,
                course_id=course_id,
                assignment_name=name,
                assignment_version=assignment.version,
                content=content,
                size_bytes=len(archive),
                received_at=self.clock(),
            )
            if repositories.submissions.add(submission):
                repositories.queue.add(submission.id, submission.received_at)
                return submission
            same = repositories.submissions.find_same(trainee_id, assignment.version, content)
            return same or submission


def _refuse_too_many(repositories: Repositories, assignment: Assignment, trainee_id: str, now: datetime) -> None:
    limit = assignment.attempts_per_hour
    if limit is None:
        return
    made = repositories.submissions.attempts_since(
        trainee_id, assignment.course_id, assignment.name, now - ATTEMPT_WINDOW
    )
    next_at = next_attempt_at(made, limit, now)
    if next_at is not None:
        raise TooManyAttempts(assignment.id, limit, next_at, now)


def assignment_for(repositories: Repositories, trainee_id: str, course_id: str, name: str) -> Assignment:
    """The released assignment, for someone enrolled in its course.

    Raises:
        NotEnrolled: they are in no active section of the course.
        NotFound: there is no such released assignment.
    """
    sections = {section.id for section in repositories.courses.sections(course_id)}
    enrolments = repositories.enrolments.of_trainee(trainee_id)
    if not any(e.is_active and e.section_id in sections for e in enrolments):
        raise NotEnrolled(f"You are not enrolled in the course {course_id!r}.", "Ask your instructor for a place.")
    course = repositories.courses.find(course_id)
    assignment = course.assignment(name) if course else None
    if assignment is None:
        raise NotFound(f"The course {course_id!r} has no released assignment {name!r}.")
    return assignment
