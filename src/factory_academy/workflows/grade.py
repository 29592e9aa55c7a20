"""Autograde the next submission in the queue and record the result, once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Task
from factory_academy.domain.grade import GradeEvent, GradingOutcome, TaskScore, with_every_task
from factory_academy.domain.marking import carried_over
from factory_academy.domain.regrade import seed_of
from factory_academy.domain.submission import Job, Submission, SubmissionState
from factory_academy.errors import AcademyError, CannotIsolate
from factory_academy.workflows.heartbeat import heartbeat
from factory_academy.workflows.ports import Autograder, Blobs, Clock, Records, Repositories
from factory_academy.workflows.queue.patience import Patience
from factory_academy.workflows.regrading.keeping import Keeper

log = logging.getLogger("factory_academy.grader")
LEASE = timedelta(seconds=30)
RETRY_AFTER = timedelta(seconds=5)
MAX_FAULTS = 3
"""So often may a worker give a submission back for a fault of ours; the last time it is given up."""

MAX_LOSSES = 2
"""So many workers may vanish with a submission: a second time on another worker, and it is the work that does it."""

TWICE_LOST = (
    "It took the grading process down twice, so it is not tried again. Look for what uses all memory or starts many "
    "processes; the other submissions are not affected."
)


@dataclass(frozen=True, slots=True)
class Work:
    """A job a worker holds, with what is needed to do it. ``bundle_blob`` is None where the version is unknown.

    ``version`` is what judges: the one that was handed in for, or the one that a regrade has put in its place.
    """

    job: Job
    submission: Submission
    version: str
    tasks: tuple[Task, ...]
    bundle_blob: str | None
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class GradeNext:
    """One step of a worker. It may be killed at any moment: its lease runs out and another worker starts again.

    A result counts only if the worker still holds the job when it writes; so nothing is graded twice. What goes wrong
    on our side is tried again, three times in all; then the submission ends as ``infrastructure_failed``. What takes
    two workers down ends as ``crashed``. Records that go away in the middle are waited for with the result in hand.
    """

    records: Records
    blobs: Blobs
    autograder: Autograder
    clock: Clock
    lease: timedelta = LEASE
    keeper: Keeper | None = None
    patience: Patience = field(default_factory=Patience)

    def __call__(self, worker_id: str) -> Submission | None:
        """Grade one submission and return it in its new state.

        None when nothing waits, or when the claim was lost meanwhile and the result is another worker's to give.

        Raises:
            InfrastructureFault: the records are away. Nothing is lost; call again later.
        """
        with self.records.transaction() as repositories:
            repositories.grading_workers.seen(worker_id, self.clock())
            job = repositories.queue.lease(worker_id, self.clock(), self.lease)
            if job is None:
                return None
            work = _take_up(repositories, job, self.clock())
            if job.losses >= MAX_LOSSES:
                return self._write(repositories, work, GradingOutcome(SubmissionState.CRASHED, TWICE_LOST), {})
        try:
            with heartbeat(self.records, self.clock, job, self.lease):
                outcome, kept = self._outcome(work)
                seconds = (self.clock() - work.taken_at).total_seconds()
                return self.patience(lambda: self._record(work, outcome, kept, seconds))
        except (AcademyError, OSError) as error:
            why = str(error)
        except Exception as error:
            log.exception("grading %s met a fault of ours", job.submission_id)
            why = f"an unexpected {type(error).__name__}"
        return self.patience(lambda: self._retry(job, why))

    def _outcome(self, work: Work) -> tuple[GradingOutcome, Mapping[str, TaskScore]]:
        if work.bundle_blob is None:
            return GradingOutcome(SubmissionState.REFUSED, "The version of the assignment is not on record."), {}
        bundle = AssignmentBundle.from_bytes(self.blobs.get(work.bundle_blob))
        archive = self.blobs.get(work.submission.content)
        answers = self.keeper.fingerprints.answers(bundle, archive) if self.keeper else work.submission.content
        try:
            outcome = self.autograder.grade(bundle, archive, seed_of(answers))
        except CannotIsolate as error:
            return GradingOutcome(SubmissionState.REFUSED, str(error)), {}
        return outcome, self.keeper.kept(work.version, bundle, answers, outcome) if self.keeper else {}

    def _record(
        self, work: Work, outcome: GradingOutcome, kept: Mapping[str, TaskScore], seconds: float
    ) -> Submission | None:
        with self.records.transaction() as repositories:
            written = self._write(repositories, work, outcome, kept)
            if written is not None:
                repositories.grading_workers.took(written.course_id, written.assignment_name, seconds)
            return written

    def _write(
        self, repositories: Repositories, work: Work, outcome: GradingOutcome, kept: Mapping[str, TaskScore]
    ) -> Submission | None:
        submission, job = work.submission, work.job
        if not repositories.queue.finish(job):
            return None
        if _is_no_verdict(job, outcome) and _stands(repositories, submission.id, outcome.reason):
            return repositories.submissions.find(submission.id)
        old = repositories.grades.find(submission.id)
        complete = with_every_task(outcome, work.tasks)
        complete = carried_over(repositories.grades.outcome(submission.id), complete)
        asked_by = job.asked_by
        event = GradeEvent(
            submission_id=submission.id,
            actor="autograder",
            at=self.clock(),
            reason=f"Graded again for an instructor. {complete.reason}" if asked_by else complete.reason,
            old_earned=old.earned if old else None,
            new_earned=complete.earned,
            possible=complete.possible,
            assignment_version=work.version,
            environment=outcome.environment,
            seed=outcome.seed,
            asked_by=asked_by,
        )
        repositories.grades.add(event, complete)
        repositories.kept_scores.keep(kept, self.clock())
        repositories.submissions.set_state(submission.id, complete.state, complete.reason)
        return repositories.submissions.find(submission.id)

    def _retry(self, job: Job, why: str) -> Submission | None:
        with self.records.transaction() as repositories:
            if job.faults + 1 >= MAX_FAULTS:
                return _give_up(repositories, job, why)
            if not repositories.queue.release(job, self.clock() + RETRY_AFTER):
                return None
            repositories.submissions.set_state(job.submission_id, SubmissionState.QUEUED, f"Trying again: {why}")
            return repositories.submissions.find(job.submission_id)


def _take_up(repositories: Repositories, job: Job, at: datetime) -> Work:
    submission = repositories.submissions.find(job.submission_id)
    if submission is None:
        raise LookupError(f"a job without its submission {job.submission_id!r}")
    repositories.submissions.set_state(submission.id, SubmissionState.RUNNING, "A worker has taken it up.")
    judged = repositories.regrades.standings([submission.id]).get(submission.id)
    version = judged.assignment_version if judged else submission.assignment_version
    assignment = repositories.courses.assignment_of_version(version)
    blob = repositories.courses.version_blob(version)
    return Work(job, submission, version, assignment.tasks if assignment else (), blob, at)


def _give_up(repositories: Repositories, job: Job, why: str) -> Submission | None:
    if not repositories.queue.finish(job):
        return None
    if not _stands(repositories, job.submission_id, why):
        reason = f"This is our fault, not yours, and costs you nothing: {why}"
        repositories.submissions.set_state(job.submission_id, SubmissionState.INFRASTRUCTURE_FAILED, reason)
    return repositories.submissions.find(job.submission_id)


def _is_no_verdict(job: Job, outcome: GradingOutcome) -> bool:
    """Whether the work was not really tried: no sandbox, or no worker that lived to see the end."""
    return outcome.state is SubmissionState.REFUSED or job.losses >= MAX_LOSSES


def _stands(repositories: Repositories, submission_id: str, why: str) -> bool:
    """Whether an earlier result stands: a regrade that we could not do takes nothing from anyone."""
    earlier = repositories.grades.outcome(submission_id)
    if earlier is None:
        return False
    reason = f"{earlier.reason} Grading it again was not possible, so this stands: {why}"
    repositories.submissions.set_state(submission_id, earlier.state, reason)
    return True
