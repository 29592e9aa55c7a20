"""Keep a worker's claim on a job alive while it works."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from factory_academy.domain.submission import Job
from factory_academy.errors import AcademyError
from factory_academy.workflows.ports import Clock, Records, Repositories

log = logging.getLogger("factory_academy.grader")
Extend = Callable[[Repositories], bool]
LONGEST_RUN = timedelta(minutes=30)
"""A worker that is not done by then hangs: its claim is left to run out, so that another can try."""


@contextmanager
def heartbeat(records: Records, clock: Clock, job: Job, lease: timedelta) -> Iterator[None]:
    """Extend the claim on a job, and say that its worker lives; see ``keeping_alive``."""

    def extend(repositories: Repositories) -> bool:
        repositories.grading_workers.seen(job.worker_id, clock())
        return repositories.queue.extend(job, clock(), lease)

    with keeping_alive(records, clock, lease, extend):
        yield


@contextmanager
def keeping_alive(records: Records, clock: Clock, lease: timedelta, extend: Extend) -> Iterator[None]:
    """Extend a claim four times a lease until the block ends, the claim is lost, or the run is far too long.

    ``extend`` says whether the claim is still held. Records that are away for a beat are asked again at the next
    one; the block is never disturbed.
    """
    done = threading.Event()
    last_at = clock() + LONGEST_RUN

    def beat() -> None:
        while not done.wait(lease.total_seconds() / 4) and clock() < last_at:
            try:
                with records.transaction() as repositories:
                    is_held = extend(repositories)
            except (AcademyError, OSError) as error:
                log.warning("could not extend a claim: %s", error)
                continue
            if not is_held:
                return

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=lease.total_seconds())
