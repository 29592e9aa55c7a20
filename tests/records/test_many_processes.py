"""Hub, portal and graders share one database; none of them may ever see it locked."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from tests.support.records import NOON
from tests.support.work import submission

from factory_academy.domain.submission import SubmissionState

ROOT = Path(__file__).parents[2]
JOBS, WORKERS = 200, 4


def test_four_processes_finish_each_of_200_jobs_exactly_once(store, database_url):
    def hand_in(first: int, last: int) -> None:
        for n in range(first, last):
            with store.transaction() as repositories:
                at = NOON + timedelta(seconds=n)
                repositories.submissions.add(submission(f"s{n}", "mira" if n % 2 else "jun", at))
                repositories.queue.add(f"s{n}", at)

    hand_in(0, JOBS - 20)
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.leasing", database_url, f"w{n}", str(JOBS)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(WORKERS)
    ]
    hand_in(JOBS - 20, JOBS)
    ended = [worker.communicate(timeout=120) for worker in workers]

    assert [worker.returncode for worker in workers] == [0] * WORKERS, [errors for _, errors in ended]
    served = Counter(line for out, _ in ended for line in out.split())
    assert served == Counter(f"s{n}" for n in range(JOBS))
    with store.reading() as repositories:
        assert repositories.submissions.count_by_state() == {SubmissionState.GRADED: JOBS}
        assert [len(repositories.grades.history(f"s{n}")) for n in range(JOBS)] == [1] * JOBS
        assert (repositories.queue.waiting(), repositories.queue.held()) == (0, 0)
