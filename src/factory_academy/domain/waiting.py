"""How long a submission waits for its verdict: an honest range, or why nobody can say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

ENOUGH_GRADINGS = 3
"""Fewer recent gradings than this say nothing about the next one."""


@dataclass(frozen=True, slots=True)
class CourseQueue:
    """How many submissions of a course wait and are being graded; ``oldest_at`` is when the oldest waiting one came."""

    waiting: int
    held: int
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """A grading worker as it was last heard of, and the submission that it holds, if any."""

    id: str
    begun_at: datetime
    seen_at: datetime
    submission_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds until a verdict, from ``low`` to ``high``; both are None where ``unknown_because`` says why."""

    low_seconds: float | None = None
    high_seconds: float | None = None
    unknown_because: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is a range."""
        return self.low_seconds is not None


def wait_until_verdict(ahead: int, workers: int, recent_seconds: Sequence[float], is_held: bool = False) -> Wait:
    """The time until the verdict of a submission with ``ahead`` others before it, served by ``workers`` at once.

    ``recent_seconds`` are the durations of the last gradings of its assignment. At best every round takes as long as
    a quick one of them and a worker is free now; at worst as long as a slow one, and every worker has just begun.
    ``is_held`` says that a worker has taken it up already.
    """
    if workers < 1:
        return Wait(unknown_because="no grading worker is running")
    if len(recent_seconds) < ENOUGH_GRADINGS:
        return Wait(unknown_because="too few submissions of this assignment have been graded yet")
    quick, slow = _quantile(recent_seconds, 0.25), _quantile(recent_seconds, 0.9)
    if is_held:
        return Wait(0.0, slow)
    rounds = ahead // workers
    return Wait((rounds + 1) * quick, (rounds + 2) * slow)


def _quantile(values: Sequence[float], fraction: float) -> float:
    in_order = sorted(values)
    return in_order[min(len(in_order) - 1, math.floor(fraction * len(in_order)))]
