"""The corpus of hostile submissions: ``tests/grading/corpus/*.toml``, one table each.

``row``: the row of the table of lessons that it stands for, if any. ``victim``: which assignment it attacks.
``source``: its answer. ``states``: the states in which it may end. ``earns``: the most that it may earn. ``output``:
what its cell prints, where that shows that the attack was really made. ``imported``: it is tried on an assignment
without a contract too. An attack that got at something prints ``LEAK``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factory_academy.domain.submission import SubmissionState

FOLDER = Path(__file__).parents[1] / "grading" / "corpus"
_JUDGED = ("graded", "needs_review")


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile submission and what it must give."""

    id: str
    kind: str
    source: str
    victim: str = "order"
    row: int | None = None
    states: tuple[SubmissionState, ...] = ()
    earns: float = 0
    output: str = ""
    imported: bool = False

    @property
    def lasts(self) -> bool:
        """Whether it may run into a limit of time; then it gets a short one."""
        return SubmissionState.TIMEOUT in self.states


def read_corpus() -> dict[str, Attack]:
    """Every attack by its id; each id and each text is there once."""
    attacks: dict[str, Attack] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for name, fields in tomllib.loads(path.read_text(encoding="utf-8")).items():
            assert name not in attacks, f"{name} is there twice"
            attacks[name] = _attack(name, path.stem, fields)
    return attacks


def _attack(name: str, kind: str, fields: dict[str, Any]) -> Attack:
    states = tuple(SubmissionState(state) for state in fields.pop("states", _JUDGED))
    return Attack(name, kind, states=states, **fields)
