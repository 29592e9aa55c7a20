"""What was last written to a gradebook, beside it; and so which of its marks are people's."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "projected.json"


@dataclass(frozen=True, slots=True)
class Written:
    """What one cell of the gradebook held when we last wrote it: a person's score, a comment, for which submission."""

    submission_id: str
    points: float | None = None
    comment: str = ""
    extra_credit: float = 0.0


Key = tuple[str, str, str, str]
"""Trainee, assignment, notebook, grade_id."""


def read_written(folder: Path) -> dict[Key, Written]:
    """What we last wrote; empty where nothing was."""
    path = folder / NAME
    if not path.exists():
        return {}
    entries = json.loads(path.read_text())
    return {(e["trainee"], e["assignment"], e["notebook"], e["cell"]): Written(**e["written"]) for e in entries}


def keep_written(folder: Path, written: Mapping[Key, Written]) -> None:
    """Remember what was written, in one step."""
    entries = [
        {"trainee": key[0], "assignment": key[1], "notebook": key[2], "cell": key[3], "written": asdict(value)}
        for key, value in sorted(written.items())
    ]
    partial = folder / f"{NAME}.new"
    partial.write_text(json.dumps(entries, indent=0))
    os.replace(partial, folder / NAME)
