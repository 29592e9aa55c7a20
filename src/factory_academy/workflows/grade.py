"""Autograde the next submission in the queue and record the result, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.grade import GradeEvent, GradingOutcome
from factory_academy.domain.submission import Job, Submission, SubmissionState
from factory_academy.errors import AcademyError, CannotIsolate
from factory_academy.workflows.ports import Autograder, Blobs, Clock, Records, Repositories

LEASE = timedelta(seconds=30)
RETRY_AFTER = timedelta(seconds=5)
MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class GradeNext:
    """One step of a worker. It may be killed at any moment: the lease runs out and another worker starts again.

    A result counts only if the worker still holds the job when it writes; so nothing is graded twice.
    """

    records: Records
    blobs: Blobs
    autograder: Autograder
    clock: Clock

    def __call__(self, worker_id: str) -> Submission | None:
        """Grade one submission and return it in its new state; None when nothing waits."""
        with self.records.transaction() as repositories:
            job = repositories.queue.lease(worker_id, self.clock(), LEASE)
            if job is None:
                return None
            submission = repositories.submissions.find(job.submission_id)
            if submission is None:
                repositories.queue.finish(job)
                return None
            if job.attempt > MAX_ATTEMPTS:
                return self._give_up(repositories, job, submission, "its worker ended before it did, three times")
            repositories.submissions.set_state(submission.id, SubmissionState.RUNNING, "A worker has taken it up.")
            blob = repositories.courses.version_blob(submission.assignment_version)
        try:
            with self._heartbeat(job):
                outcome = self._outcome(submission, blob)
        except CannotIsolate as error:
            outcome = GradingOutcome(SubmissionState.REFUSED, str(error))
        except (AcademyError, OSError) as error:
            return self._retry(job, submission, str(error))
        return self._record(job, submission, outcome)

    def _outcome(self, submission: Submission, blob: str | None) -> GradingOutcome:
        if blob is None:
            return GradingOutcome(SubmissionState.REFUSED, "The version of the assignment is not on record.")
        bundle = AssignmentBundle.from_bytes(self.blobs.get(blob))
        seed = int(submission.content[:8], 16)
        return self.autograder.grade(bundle, self.blobs.get(submission.content), seed)

    @contextmanager
    def _heartbeat(self, job: Job) -> Iterator[None]:
        done = threading.Event()

        def beat() -> None:
            while not done.wait(LEASE.total_seconds() / 4):
                with self.records.transaction() as repositories:
                    if not repositories.queue.extend(job, self.clock(), LEASE):
                        return

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _record(self, job: Job, submission: Submission, outcome: GradingOutcome) -> Submission | None:
        with self.records.transaction() as repositories:
            if not repositories.queue.finish(job):
                return None
            old = repositories.grades.find(submission.id)
            event = GradeEvent(
                submission_id=submission.id,
                actor="autograder",
                at=self.clock(),
                reason=outcome.reason,
                old_earned=old.earned if old else None,
                new_earned=outcome.earned,
                possible=outcome.possible,
                assignment_version=submission.assignment_version,
                environment=outcome.environment,
                seed=outcome.seed,
            )
            repositories.grades.add(event, outcome)
            repositories.submissions.set_state(submission.id, outcome.state, outcome.reason)
            return repositories.submissions.find(submission.id)

    def _retry(self, job: Job, submission: Submission, why: str) -> Submission | None:
        with self.records.transaction() as repositories:
            if job.attempt >= MAX_ATTEMPTS:
                return self._give_up(repositories, job, submission, why)
            if repositories.queue.release(job, self.clock() + RETRY_AFTER):
                repositories.submissions.set_state(submission.id, SubmissionState.QUEUED, f"Trying again: {why}")
            return repositories.submissions.find(submission.id)

    def _give_up(self, repositories: Repositories, job: Job, submission: Submission, why: str) -> Submission | None:
        if repositories.queue.finish(job):
            reason = f"This is our fault, not yours, and costs you nothing: {why}"
            repositories.submissions.set_state(submission.id, SubmissionState.INFRASTRUCTURE_FAILED, reason)
        return repositories.submissions.find(submission.id)
