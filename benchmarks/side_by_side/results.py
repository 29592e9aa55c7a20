"""What one autograder made of the batch, and how to compare."""

from __future__ import annotations

import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Graded:
    """Wall and CPU seconds for the whole batch; points by submission, and by task where the peer says them."""

    seconds: float
    cpu_seconds: float
    scores: Mapping[str, Mapping[str, float]]

    def totals(self) -> dict[str, float]:
        """Points of each submission."""
        return {name: round(sum(tasks.values()), 6) for name, tasks in self.scores.items()}


def cpu_seconds_of_children() -> float:
    """User and system time of every child process that has ended and was waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def percentile(values: Sequence[float], fraction: float) -> float:
    """The smallest value that at least this fraction of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(fraction * 1000) * len(ordered) // 1000) - 1))]
