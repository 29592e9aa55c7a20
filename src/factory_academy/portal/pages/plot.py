"""The plot of cohorts: where its bars begin and end, in per cent of its width, and what it says in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from factory_academy.workflows.cohort_progress import CohortLine

BAR_HEIGHT = 60
GAP = 18
GAP_PERCENT = 0.3


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a bar: ``certified``, ``started`` or ``rest``; start and width in per cent."""

    kind: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One cohort in one course; ``y`` is the top of its row in pixels, ``words`` say all that the bar shows."""

    name: str
    note: str
    words: str
    y: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A row a cohort and course; ``height`` in pixels."""

    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        """What all rows need; none is left below the last."""
        return BAR_HEIGHT * len(self.bars) - GAP if self.bars else 0


def plot_of(lines: Sequence[CohortLine]) -> Plot:
    """The plot of these lines, in their order."""
    several = len({line.factory.id for line in lines}) > 1
    return Plot(tuple(_bar(line, n * BAR_HEIGHT, several) for n, line in enumerate(lines)))


def _bar(line: CohortLine, y: int, with_factory: bool) -> Bar:
    counts = (("certified", line.certified), ("started", line.under_way), ("rest", line.not_begun))
    parts, start = [], 0.0
    for kind, count in counts:
        width = 100 * count / line.trainees
        if count:
            parts.append(Part(kind, round(start, 2), round(max(width - GAP_PERCENT, 0.0), 2)))
        start += width
    place = f"{line.factory.name}, " if with_factory else ""
    return Bar(
        name=f"{place}{line.cohort}, {line.course.title}",
        note=f"{line.certified} of {line.trainees} certified",
        words=f"{line.certified} certified, {line.under_way} under way, {line.not_begun} not begun",
        y=y,
        parts=tuple(parts),
    )
