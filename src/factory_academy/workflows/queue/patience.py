"""Wait for records that are away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from factory_academy.errors import InfrastructureFault

log = logging.getLogger("factory_academy.grader")
Given = TypeVar("Given")
LONGEST_PAUSE_SECONDS = 2.0
"""Short, so that a worker that is back renews its claim before another finds that it ran out."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Tries again while the records are away, ``tries`` times in all, with pauses that double up to two seconds.

    What is tried must be one transaction that does nothing when it was done already.
    """

    sleep: Callable[[float], None] = time.sleep
    tries: int = 300

    def __call__(self, act: Callable[[], Given]) -> Given:
        """What the act gives in the end.

        Raises:
            InfrastructureFault: the records did not come back in time.
        """
        pause = 0.1
        for _ in range(self.tries - 1):
            try:
                return act()
            except InfrastructureFault as fault:
                log.warning("the records are away, waiting for them: %s", fault)
            self.sleep(pause)
            pause = min(LONGEST_PAUSE_SECONDS, 2 * pause)
        return act()
