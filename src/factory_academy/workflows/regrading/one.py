"""Grade one submission again."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.domain.submission import Submission
from factory_academy.errors import NotFound
from factory_academy.workflows.ports import Clock, Records

REGRADE = -1
"""The priority of regrades, below that of what people wait for."""


@dataclass(frozen=True, slots=True)
class Regrade:
    """Queue a finished submission again, behind those that people wait for; the new result is a new event."""

    records: Records
    clock: Clock

    def __call__(self, submission_id: str, actor: str) -> Submission:
        """The submission, queued for ``actor`` if it was finished; one that is not finished is left alone.

        Raises:
            NotFound: there is no such submission.
        """
        with self.records.transaction() as repositories:
            submission = repositories.submissions.find(submission_id)
            if submission is None:
                raise NotFound(f"There is no submission {submission_id!r}.")
            if submission.state.is_terminal:
                repositories.queue.add(submission.id, self.clock(), priority=REGRADE, asked_by=actor)
                reason = "An instructor asked for it to be graded again."
                repositories.submissions.set_state(submission.id, submission.state.QUEUED, reason)
            found = repositories.submissions.find(submission_id)
            return found or submission
