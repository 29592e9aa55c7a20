"""The ladder of hints for a known mistake: the next rung opens with the next honest try that makes it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from factory_academy.domain.grade import Grade


@dataclass(frozen=True, slots=True)
class HintLadder:
    """The hints for one misconception code. ``levels`` go from what was expected to the idea; ``opened`` counts."""

    code: str
    levels: tuple[str, ...]
    opened: int

    @property
    def shown(self) -> tuple[str, ...]:
        """The hints that may be read now."""
        return self.levels[: self.opened]

    @property
    def closed(self) -> int:
        """How many are still to come."""
        return len(self.levels) - len(self.shown)


def hint_ladders(levels: Mapping[str, Sequence[str]], tries: Iterable[Grade]) -> dict[str, HintLadder]:
    """The ladders of all codes that the last of these tries has, by code; tries in the order of handing in.

    A try counts once for a code, however many tasks show it.
    """
    seen: dict[str, int] = {}
    now: frozenset[str] = frozenset()
    for grade in tries:
        now = frozenset(task.code for task in grade.tasks if task.code and task.earned < task.possible)
        for code in now:
            seen[code] = seen.get(code, 0) + 1
    return {
        code: HintLadder(code, tuple(levels[code]), min(seen[code], len(levels[code])))
        for code in sorted(now)
        if levels.get(code)
    }
