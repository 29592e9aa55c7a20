"""How grading workers come and go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from factory_academy.workflows.ports import Clock, Records

REMEMBERED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkerComes:
    """A worker begins. What workers held of whom this machine knows that they are gone is free at once.

    ``vanished`` picks, out of the names of workers, those whose process is known to be gone.
    """

    records: Records
    clock: Clock
    vanished: Callable[[Sequence[str]], Sequence[str]]

    def __call__(self, worker_id: str) -> int:
        """How many submissions others had left behind."""
        now = self.clock()
        with self.records.transaction() as repositories:
            names = [worker.id for worker in repositories.grading_workers.since(now - REMEMBERED)]
            gone = self.vanished(names)
            left_behind = repositories.queue.abandon(gone, now) if gone else 0
            repositories.grading_workers.gone(gone)
            repositories.grading_workers.seen(worker_id, now)
            return left_behind


@dataclass(frozen=True, slots=True)
class WorkerGoes:
    """A worker ends of its own accord, holding nothing."""

    records: Records

    def __call__(self, worker_id: str) -> None:
        """Forget it, so that nobody's wait is estimated with it."""
        with self.records.transaction() as repositories:
            repositories.grading_workers.gone([worker_id])
