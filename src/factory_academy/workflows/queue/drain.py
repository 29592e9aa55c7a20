"""Pause the queue, so that machines can be stopped without taking work down with them."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.workflows.ports import Clock, Records


@dataclass(frozen=True, slots=True)
class Drain:
    """Workers finish what they hold and take nothing new; what is handed in waits, and keeps its place."""

    records: Records
    clock: Clock

    def __call__(self, actor: str) -> int:
        """How many submissions are still being graded."""
        with self.records.transaction() as repositories:
            repositories.queue.pause(self.clock(), actor)
            return repositories.queue.held()

    def resume(self) -> int:
        """Let workers take submissions again; gives how many wait."""
        with self.records.transaction() as repositories:
            repositories.queue.resume()
            return repositories.queue.waiting()
