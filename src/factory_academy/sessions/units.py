"""Sizes and durations as people write them: ``2 GiB``, ``4 h``."""

from __future__ import annotations

import re
from datetime import timedelta

_QUANTITY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")
_BYTES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def read_bytes(text: str) -> int:
    """A size in bytes.

    Raises:
        ValueError: not a positive number followed by B, KiB, MiB, GiB or TiB.
    """
    return int(_read(text, _BYTES, "2 GiB"))


def read_duration(text: str) -> timedelta:
    """A duration.

    Raises:
        ValueError: not a positive number followed by s, min, h or d.
    """
    return timedelta(seconds=_read(text, _SECONDS, "4 h"))


def _read(text: str, units: dict[str, int], example: str) -> float:
    found = _QUANTITY.fullmatch(text)
    if found is None or found[2] not in units or float(found[1]) * units[found[2]] < 1:
        raise ValueError(f'a positive number with a unit ({", ".join(units)}), such as "{example}"')
    return float(found[1]) * units[found[2]]
