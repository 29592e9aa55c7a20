"""Keeps a cluster busy while submissions wait, and builds it anew when it is lost."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

log = logging.getLogger("factory_academy.dispatch")
UNIT_SECONDS = 5.0
POLL_SECONDS = 0.25
FINISHING_LOOKS = 400
"""How often a dispatcher that is asked to stop looks whether what it sent has ended: 100 seconds' worth."""
LONGEST_PAUSE_SECONDS = 30.0


class ClusterLost(Exception):
    """The scheduler is away; whatever ran there is leased in the database and will be taken up again."""


class Unit(Protocol):
    """A unit of work on its way."""

    def is_done(self) -> bool:
        """Whether it ended, well or not.

        Raises:
            ClusterLost: nobody knows any more.
        """

    def graded(self) -> int:
        """How many submissions it graded; 0 where it failed."""


class Cluster(Protocol):
    """Where units of work run."""

    def start_unit(self, seconds: float) -> Unit:
        """Send one there.

        Raises:
            ClusterLost: the scheduler does not answer.
        """

    def close(self) -> None:
        """Give the workers back."""


@dataclass(slots=True)
class Dispatcher:
    """Sends units of work while submissions wait: as many as wait, ``workers`` at most.

    ``due`` counts submissions that a worker could take now. ``open_cluster`` makes the cluster, anew when it is lost.
    """

    workers: int
    due: Callable[[], int]
    open_cluster: Callable[[], Cluster]
    sleep: Callable[[float], None] = time.sleep
    graded: int = 0
    losses: int = 0
    _cluster: Cluster | None = None
    _units: list[Unit] = field(default_factory=list)
    _pause: float = POLL_SECONDS

    def run(self, is_over: Callable[[], bool]) -> None:
        """Step until ``is_over``; then let what was sent end, and give the workers back."""
        try:
            while not is_over():
                self.step()
                self.sleep(self._pause)
            self._finish()
        finally:
            self.close()

    def step(self) -> None:
        """One look: gather what ended, send what is due. A cluster that is lost, or cannot be had, is tried again."""
        try:
            self._gather()
            wanted = min(self.workers, self.due())
            while len(self._units) < wanted:
                self._units.append(self._present().start_unit(UNIT_SECONDS))
            self._pause = POLL_SECONDS
        except ClusterLost as error:
            self._lose(error)

    def close(self) -> None:
        """Give the workers back; a unit that still runs ends with its worker, and its submission is taken up again."""
        cluster, self._cluster, self._units = self._cluster, None, []
        if cluster is not None:
            cluster.close()

    def _finish(self) -> None:
        with contextlib.suppress(ClusterLost):
            for _ in range(FINISHING_LOOKS):
                self._gather()
                if not self._units:
                    return
                self.sleep(POLL_SECONDS)

    def _gather(self) -> None:
        ended = [unit for unit in self._units if unit.is_done()]
        self.graded += sum(unit.graded() for unit in ended)
        self._units = [unit for unit in self._units if unit not in ended]

    def _present(self) -> Cluster:
        if self._cluster is None:
            self._cluster = self.open_cluster()
        return self._cluster

    def _lose(self, error: ClusterLost) -> None:
        self.losses += 1
        self._pause = min(LONGEST_PAUSE_SECONDS, self._pause * 2)
        log.warning("the cluster is away (%s); it is tried again in %.0f s, nothing is lost", error, self._pause)
        self.close()
