"""A worker as a process: takes jobs until all that is expected was taken, and prints one line for each."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from factory_academy.domain.submission import SubmissionState
from factory_academy.records.store import RecordStore
from tests.support.autograder import outcome_of
from tests.support.records import TASKS
from tests.support.work import event_of


def main(url: str, worker_id: str, expected: str) -> None:
    store = RecordStore(url)
    outcome = outcome_of(TASKS)
    while True:
        with store.transaction() as repositories:
            job = repositories.queue.lease(worker_id, datetime.now(UTC), timedelta(seconds=60))
            handed_in = sum(repositories.submissions.count_by_state().values())
            if job is None and handed_in >= int(expected):
                return
            if job is None:
                continue
            repositories.submissions.set_state(job.submission_id, SubmissionState.RUNNING, worker_id)
        with store.transaction() as repositories:
            if repositories.queue.finish(job):
                repositories.grades.add(event_of(job.submission_id, outcome), outcome)
                repositories.submissions.set_state(job.submission_id, outcome.state, worker_id)
        print(job.submission_id, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
