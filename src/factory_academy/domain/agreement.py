"""How far two markers agree, as statistics over the pairs of points that they gave."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement over some pairs of marks. A kappa is None where chance alone leaves no room to disagree."""

    pairs: int
    same_fraction: float | None = None
    kappa: float | None = None
    weighted_kappa: float | None = None


def agreement_of(pairs: Sequence[Pair]) -> Agreement:
    """The share of equal marks, Cohen's kappa, and kappa weighted by the squared difference of the points."""
    if not pairs:
        return Agreement(0)
    same = sum(one == other for one, other in pairs) / len(pairs)
    return Agreement(
        len(pairs), same, _kappa(pairs, lambda a, b: float(a != b)), _kappa(pairs, lambda a, b: (a - b) ** 2)
    )


def _kappa(pairs: Sequence[Pair], cost: Callable[[float, float], float]) -> float | None:
    """1 minus the disagreement seen over that expected if the second marker's points were shuffled."""
    seen = math.fsum(cost(a, b) for a, b in pairs) / len(pairs)
    firsts, seconds = _shares([a for a, _ in pairs]), _shares([b for _, b in pairs])
    expected = math.fsum(p * q * cost(a, b) for a, p in firsts.items() for b, q in seconds.items())
    return 1.0 - seen / expected if expected else None


def _shares(values: Sequence[float]) -> dict[float, float]:
    return {value: count / len(values) for value, count in Counter(values).items()}
