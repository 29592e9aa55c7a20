"""Slows down guessing of passwords, name by name."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class SignInLimit:
    """After some wrong passwords for a name in a while, that name must wait; a right one makes it forget.

    Kept in memory: a restart of the hub forgives. The wait is short, so that nobody can lock another out for long.
    ``clock`` gives seconds that never go back.
    """

    free_failures: int = 8
    window_seconds: float = 300.0
    wait_seconds: float = 30.0
    clock: Callable[[], float] = time.monotonic
    _failures: dict[str, list[float]] = field(default_factory=dict)

    def seconds_to_wait(self, name: str) -> int:
        """How long this name must wait before the next try; 0 if it need not."""
        recent = self._recent(name)
        if len(recent) < self.free_failures:
            return 0
        return max(0, math.ceil(recent[-1] + self.wait_seconds - self.clock()))

    def note_failure(self, name: str) -> None:
        """A wrong password was given for this name."""
        for other in [n for n in self._failures if not self._recent(n)]:
            del self._failures[other]
        self._failures[name] = [*self._recent(name), self.clock()][-self.free_failures :]

    def note_success(self, name: str) -> None:
        """The right password was given for this name."""
        self._failures.pop(name, None)

    def _recent(self, name: str) -> list[float]:
        begin = self.clock() - self.window_seconds
        return [at for at in self._failures.get(name, ()) if at > begin]
