"""Instants as they stand in credentials."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from factory_academy.errors import BadCredential

_XSD = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def written(at: datetime) -> str:
    """An aware instant to the second, in UTC, with a Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: object, what: str) -> datetime:
    """The instant that ``text`` names.

    Raises:
        BadCredential: it is not a date and time with a time zone; the message names ``what``.
    """
    try:
        if isinstance(text, str) and _XSD.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise BadCredential(f"It says {str(text)[:60]!r} for {what}; expected a moment such as 2026-11-24T09:00:00Z.")
