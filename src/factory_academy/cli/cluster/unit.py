"""What runs on a cluster's worker: the same steps that an embedded grading worker takes."""

from __future__ import annotations

import atexit
import time
from functools import cache

from factory_academy.bootstrap import Academy, open_academy
from factory_academy.cli.grader import grade_one
from factory_academy.cli.worker_names import worker_name


def grade_for(seconds: float) -> int:
    """Grade waiting submissions, one after the other, until none waits or the seconds are over; gives how many.

    Every submission is leased from the database and its result written there by this process: what a scheduler
    knows or forgets decides nothing.
    """
    academy, worker_id = _academy(), worker_name()
    until, graded = time.monotonic() + seconds, 0
    while time.monotonic() < until and grade_one(academy, worker_id) == 0.0:
        graded += 1
    return graded


@cache
def _academy() -> Academy:
    """The academy of this worker's settings, warm from one unit of work to the next."""
    academy = open_academy()
    atexit.register(academy.autograder.close)
    return academy
