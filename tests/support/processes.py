"""The processes of this machine and who started whom, as /proc tells it."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The processes that this one started and that live."""
    return _families().get(pid, [])


def grandchildren_of(pid: int) -> list[int]:
    """The processes that its children started."""
    families = _families()
    return [grandchild for child in families.get(pid, []) for grandchild in families.get(child, [])]


def _families() -> dict[int, list[int]]:
    families: dict[int, list[int]] = defaultdict(list)
    for name in os.listdir("/proc"):
        if name.isdecimal() and (parent := _stat(int(name))) is not None:
            families[parent].append(int(name))
    return families


def _stat(pid: int) -> int | None:
    """The parent of a living process."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return None if state in "ZX" else int(parent)
