"""What a person looks for in a task that no machine can judge: criteria with anchored levels."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a criterion; ``description`` says in a sentence what work at that level looks like."""

    id: str
    title: str
    points: float
    description: str

    def __post_init__(self) -> None:
        _check_id("level", self.id)
        if not (math.isfinite(self.points) and self.points >= 0):
            raise ValueError(f"level {self.id}: points must be a number of at least 0, got {self.points}")
        if not self.description.strip():
            raise ValueError(f"level {self.id}: expected a sentence that says what such work looks like")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to look for, with its levels from the least points to the most."""

    id: str
    title: str
    levels: tuple[Level, ...]

    def __post_init__(self) -> None:
        _check_id("criterion", self.id)
        points = [level.points for level in self.levels]
        if len(points) < 2 or points != sorted(points) or points[0] == points[-1]:
            raise ValueError(
                f"criterion {self.id}: expected two or more levels, from least points to most; got {points}"
            )
        if len({level.id for level in self.levels}) != len(self.levels):
            raise ValueError(f"criterion {self.id}: two levels have the same id")

    def level(self, level_id: str) -> Level:
        """The level of that id.

        Raises:
            ValueError: there is none.
        """
        for level in self.levels:
            if level.id == level_id:
                return level
        raise ValueError(f"{self.id}: expected one of {', '.join(level.id for level in self.levels)}; got {level_id!r}")


@dataclass(frozen=True, slots=True)
class Rubric:
    """A set of criteria. It has no other identity than its content, so one that was used can never change."""

    title: str
    criteria: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        if not self.criteria:
            raise ValueError("a rubric needs at least one criterion")
        if len({criterion.id for criterion in self.criteria}) != len(self.criteria):
            raise ValueError("two criteria have the same id")

    @property
    def version(self) -> str:
        """sha256 of its content, in hex."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def possible(self) -> float:
        """The most points that its levels can give."""
        return math.fsum(criterion.levels[-1].points for criterion in self.criteria)

    def fraction(self, chosen: Mapping[str, str]) -> float:
        """The share of its points that these levels (criterion → level) give, 0–1.

        Raises:
            ValueError: a criterion has no level, or one that it does not know.
        """
        return math.fsum(level.points for _, level in self.chosen(chosen)) / self.possible

    def chosen(self, chosen: Mapping[str, str]) -> tuple[tuple[Criterion, Level], ...]:
        """Each criterion with the level chosen for it, in the rubric's order.

        Raises:
            ValueError: a criterion has no level, or one that it does not know.
        """
        wanted = [criterion.id for criterion in self.criteria]
        if sorted(chosen) != sorted(wanted):
            raise ValueError(
                f"expected a level for each of {', '.join(wanted)}; got {', '.join(sorted(chosen)) or 'none'}"
            )
        return tuple((criterion, criterion.level(chosen[criterion.id])) for criterion in self.criteria)


def _check_id(what: str, value: str) -> None:
    if not _ID.fullmatch(value):
        raise ValueError(f"{what} id must be 1-40 of a-z 0-9 -; got {value!r}")
