"""``judge.score``: points for parts of a task, each with words for what was missed."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

from factory_academy.grading.author.bench import Mark, bench

_NUMBERS = (int, float, bool)
_MOST = 1e9
_cell: list[Any] = [None]


def score(points: float, label: str = "", hint: str = "", *, out_of: float = 0.0) -> float:
    """Give points for one part of the task; the task's score is the sum of all, capped to its points.

    ``points`` is formed by the test: a number from 0, or True (1) or False (0). Where it is 0, or less than ``out_of``,
    the trainee reads the label, and the hint as next step. Gives back the sum so far. A test that fails earns nothing.

    Raises:
        TypeError: it is no number.
        ValueError: it is negative, NaN, or beyond a billion.
    """
    number = _plain_number(points)
    if not 0 <= number <= _MOST:
        raise ValueError(f"judge.score needs a number from 0, got {number:g}; judge.banded makes one of any measure")
    mark = Mark(number, float(out_of), str(label), str(hint))
    if bench.call is None:
        _on_the_spot(mark)
    bench.marks.append(mark)
    return math.fsum(one.points for one in bench.marks)


def _plain_number(points: Any) -> float:
    numpy = sys.modules.get("numpy")
    scalars = (numpy.integer, numpy.floating, numpy.bool_) if hasattr(numpy, "floating") else ()  # type: ignore[union-attr]
    if type(points) in _NUMBERS or (scalars and isinstance(points, scalars)):
        try:
            return float(points)
        except OverflowError:
            return math.inf
    raise TypeError(f"judge.score needs a number formed by the test, got {type(points).__name__}")


def _on_the_spot(mark: Mark) -> None:
    """In a trainee's kernel the sum begins anew with each cell, and what is missed is said at once."""
    ask = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)
    cell = getattr(ask(), "execution_count", None)
    if cell != _cell[0]:
        _cell[0] = cell
        bench.marks.clear()
    if mark.is_missed and (mark.label or mark.hint):
        print("Not earned:", *filter(None, (mark.label, mark.hint)), sep="\n    ")


def missed_labels(marks: Sequence[Mark]) -> str:
    """The labels of what was missed, for the trainee."""
    return "; ".join(dict.fromkeys(mark.label for mark in marks if mark.is_missed and mark.label))


def missed_hints(marks: Sequence[Mark]) -> str:
    """The hints to what was missed, for the trainee."""
    return " ".join(dict.fromkeys(mark.hint for mark in marks if mark.is_missed and mark.hint))
