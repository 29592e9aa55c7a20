"""What the hidden checks of DP-4 share: reading plain values, however an honest solution shapes them."""

from __future__ import annotations

import judge
import numpy as np


def chance(salt):
    """A random generator of this run and this place."""
    return np.random.default_rng([judge.seed(), sum(map(ord, salt))])


def positions(value, count, what, code):
    """Row positions as a list of ints from 0 to ``count`` - 1; fails for anything else."""
    got = [item.item() if isinstance(item, np.generic) else item for item in _items(value, what, code)]
    judge.check(
        all(type(item) is int and 0 <= item < count for item in got),
        f"{what} must hold row positions.",
        expected=f"whole numbers from 0 to {count - 1}",
        got=_kinds(got) if any(type(item) is not int for item in got) else "numbers outside this range",
        next_step="Return positions as they are used in frame.iloc, not labels or marks.",
        code=code,
    )
    return got


def numbers(value, length, what, code):
    """A one-dimensional float array of this length, all finite."""
    got = [item.item() if isinstance(item, np.generic) else item for item in _items(value, what, code)]
    fine = len(got) == length and all(type(item) in (int, float) for item in got)
    judge.check(
        fine and bool(np.isfinite(got).all()),
        f"{what} must be one number for each row.",
        expected=f"{length} numbers, none of them missing",
        got=f"{len(got)} values: {_kinds(got)}",
        next_step="Look for rows that got no value at all.",
        code=code,
    )
    return np.array(got, dtype=float)


def pair(value, what, code):
    """The two parts of a result."""
    parts = list(_items(value, what, code))
    judge.check(
        len(parts) == 2,
        f"{what} must return two things.",
        expected="a pair: for the training rows and for the test rows",
        got=f"{len(parts)} things",
        next_step="End with: return first, second",
        code=code,
    )
    return parts


def _items(value, what, code):
    try:
        return list(value)
    except TypeError:
        judge.fail(
            f"{what} has the wrong type.",
            expected="a list or an array",
            got=type(value).__name__,
            next_step="Read the last lines of the contract.",
            code=code,
        )


def _kinds(items):
    return ", ".join(sorted({type(item).__name__ for item in items})) or "nothing"
