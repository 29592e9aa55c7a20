"""Points for a measured quality: bands, curves and several seeds. All of it plain arithmetic of the judge's own.

A test cell's last expression is its score, so a test of a model's quality reads::

    accuracy = judge.over_seeds(lambda: accuracy_on_hidden(train()), seeds=5, take="median")
    judge.banded(accuracy, {0.80: 1, 0.85: 2, 0.90: 4}, tolerance=0.005)
"""

from __future__ import annotations

import math
import random
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

Take = Callable[[Sequence[float]], float]
TAKES: Mapping[str, Take] = {
    "median": statistics.median,
    "mean": statistics.fmean,
    "worst": min,
    "best": max,
}


def banded(
    value: float, bands: Mapping[float, float], *, tolerance: float = 0.0, lower_is_better: bool = False
) -> float:
    """Points of the best band that a measured value reaches; 0.0 below the first one.

    ``bands`` maps thresholds to points. ``tolerance`` (not negative, in the value's unit) is granted at each of
    them. A value that is no finite number reaches none.

    Raises:
        ValueError: the bands are empty, not finite, or a better value would earn less.
    """
    ladder = _ladder(bands, lower_is_better)
    if tolerance < 0:
        raise ValueError(f"a tolerance must not be negative, got {tolerance}")
    if not _is_number(value):
        return 0.0
    reached = [points for limit, points in ladder if _reaches(float(value), limit, tolerance, lower_is_better)]
    return reached[-1] if reached else 0.0


def curved(value: float, points_at: Mapping[float, float]) -> float:
    """Points on a straight line between the given values; beyond the ends, those of the nearest end.

    Raises:
        ValueError: fewer than two points, or one that is not finite.
    """
    known = sorted((float(at), float(points)) for at, points in points_at.items())
    if len(known) < 2 or not all(math.isfinite(part) for pair in known for part in pair):
        raise ValueError(f"a curve needs two finite points at least, got {dict(points_at)}")
    if not _is_number(value):
        return min(points for _, points in known)
    at = min(max(float(value), known[0][0]), known[-1][0])
    for (low, low_points), (high, high_points) in pairwise(known):
        if at <= high:
            return low_points + (high_points - low_points) * (at - low) / (high - low)
    return known[-1][1]


def seeds_from(seed: int, count: int) -> list[int]:
    """So many different seeds, the same ones for the same seed: a regrade measures what was measured before."""
    return random.Random(seed).sample(range(1, 1 << 31), count)


def measured(measure: Callable[[], float], seeds: Sequence[int], take: str = "median") -> float:
    """One number for a quality that chance has a part in: measured once for each seed, every generator seeded anew.

    If one of the measurements is no finite number, so is the result, and no band is reached.

    Raises:
        ValueError: ``take`` is unknown, or there is no seed.
    """
    if take not in TAKES:
        raise ValueError(f"take must be one of {', '.join(TAKES)}, got {take!r}")
    if not seeds:
        raise ValueError("at least one seed is needed")
    values = []
    for seed in seeds:
        seed_generators(seed)
        value = measure()
        values.append(float(value) if _is_number(value) else math.nan)
    if any(map(math.isnan, values)):
        return math.nan
    return TAKES[take](values)


def seed_generators(seed: int) -> None:
    """Seed every random generator that is loaded here; the trainee's side follows with the next call."""
    random.seed(seed)
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None and hasattr(numpy, "random"):
        numpy.random.seed(seed)
    if torch is not None and hasattr(torch, "manual_seed"):
        torch.manual_seed(seed)


def _ladder(bands: Mapping[float, float], lower_is_better: bool) -> list[tuple[float, float]]:
    ladder = sorted(((float(at), float(points)) for at, points in bands.items()), reverse=lower_is_better)
    if not ladder or not all(math.isfinite(part) for pair in ladder for part in pair):
        raise ValueError(f"bands must map finite thresholds to finite points, got {dict(bands)}")
    if any(better < worse for (_, worse), (_, better) in pairwise(ladder)):
        raise ValueError(f"a better value must not earn less, got {dict(bands)}")
    return ladder


def _reaches(value: float, limit: float, tolerance: float, lower_is_better: bool) -> bool:
    return value <= limit + tolerance if lower_is_better else value >= limit - tolerance


def _is_number(value: object) -> bool:
    kind = type(value)
    if kind is bool or not (kind in (int, float) or kind.__module__ == "numpy"):
        return False
    try:
        return math.isfinite(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False
