"""What a test may demand besides the right result: in time, and with nothing changed that was given."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Any

from factory_academy.grading.author.bench import CheckFailed, bench
from factory_academy.grading.author.comparing import changed, kind_beside
from factory_academy.grading.author.values import fresh

TOO_LONG = "The test took longer than it may."
_AFTER_THE_LINE_SECONDS = 1.0


class _Overrun(BaseException):
    """The time of a block is over. Not an Exception, so that no test swallows it."""


@contextmanager
def time_limit(seconds: float, *, next_step: str = "", code: str = "") -> Iterator[None]:
    """The block must end within ``seconds`` of wall-clock time, or the test fails; a call that still runs is stopped.

    Use results inside the block: what a generator gives is computed when it is asked for.

    Raises:
        CheckFailed: it took longer.
        ValueError: the limit is not above 0.
    """
    if not seconds > 0:
        raise ValueError(f"judge.time_limit needs seconds above 0, got {seconds}")
    began = time.monotonic()
    limited = bench.limited(seconds) if bench.limited else nullcontext()
    late = _AFTER_THE_LINE_SECONDS if bench.limited else 0.0
    over = _Overrun()
    try:
        with limited, _alarm(seconds + late, over):
            yield
    except _Overrun as error:
        if error is not over:
            raise
    took = time.monotonic() - began
    if took > seconds:
        got = "" if bench.hidden else f"{took:.2g} seconds"
        raise CheckFailed(TOO_LONG, within(seconds), got, next_step, code) from None


def within(seconds: float) -> str:
    """What a time limit asks for, in words."""
    return f"an end within {seconds:g} seconds"


@contextmanager
def no_mutation(*objects: Any, what: str = "what it was given", next_step: str = "", code: str = "") -> Iterator[None]:
    """The block must leave these objects, and all that they hold, as they are.

    Raises:
        CheckFailed: one of them changed.
        TypeError: one cannot be copied, or lives in the trainee's process.
    """
    before = [fresh(one) for one in objects]
    yield
    for one, copy in zip(objects, before, strict=True):
        if changed(copy, one):
            raise CheckFailed(
                f"Your code changed {what}.",
                "arguments left as they are",
                f"a changed {kind_beside(one, None)}",
                next_step,
                code,
            )


@contextmanager
def _alarm(seconds: float, over: _Overrun) -> Iterator[None]:
    """Raise ``over`` in the block after so long. An earlier alarm stays set and goes off when it would have."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise over

    began, (left, _) = time.monotonic(), signal.getitimer(signal.ITIMER_REAL)
    if 0 < left <= seconds:
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001))
