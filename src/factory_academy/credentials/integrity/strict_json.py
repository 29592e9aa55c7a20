"""JSON that means one thing only: what a person reads is what a program reads."""

from __future__ import annotations

import json
import re
from typing import Any

from factory_academy.errors import BadCredential

Document = dict[str, Any]

MAX_BYTES = 256 * 1024
_MAX_DEPTH = 24
_MAX_ARRAY = 200
_MAX_VALUES = 2_000
_TERM = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def parse(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> Document:
    """The JSON object in ``text``.

    Raises:
        BadCredential: not UTF-8, not JSON, not an object, a name used twice, half a character, NaN, or more than
            ``max_bytes`` bytes.
    """
    try:
        data = text.encode() if isinstance(text, str) else text
        if len(data) > max_bytes:
            raise BadCredential(f"It is {len(data):,} bytes long; at most {max_bytes:,} are read.")
        value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeError, ValueError, RecursionError) as error:
        raise BadCredential(f"It is not JSON: {_short(error)}.") from error
    if not isinstance(value, dict):
        raise BadCredential(f"It is JSON, but a {type(value).__name__} and not an object.")
    return value


def check_plain(document: Document) -> None:
    """Refuse what JSON-LD could read otherwise than a person does, and what would be slow to read.

    Allowed are plain names, texts, numbers, booleans, objects and flat, non-empty lists. ``@context`` may stand at
    the top and nowhere else; no other name may start with ``@`` or hold a colon, and nothing may be null.

    Raises:
        BadCredential: anything else; the message names the place.
    """
    _Walk().members(document, "", 0, top=True)


class _Walk:
    """One walk over a document, counting values."""

    def __init__(self) -> None:
        self._values = 0

    def members(self, value: Document, path: str, depth: int, *, top: bool = False) -> None:
        for name, member in value.items():
            place = f"{path}/{name}"
            if top and name == "@context":
                continue
            if not _TERM.fullmatch(name):
                raise BadCredential(f"The name {name[:80]!r} at {path or '/'} is not a plain term, so it is not read.")
            self._member(member, place, depth)

    def _member(self, value: object, path: str, depth: int) -> None:
        if isinstance(value, list):
            self._list(value, path, depth)
        else:
            self._value(value, path, depth)

    def _list(self, values: list[Any], path: str, depth: int) -> None:
        if not 0 < len(values) <= _MAX_ARRAY:
            raise BadCredential(f"The list at {path} has {len(values)} entries; 1 to {_MAX_ARRAY} are read.")
        for position, value in enumerate(values):
            if isinstance(value, list):
                raise BadCredential(f"The list at {path} holds another list, which JSON-LD would flatten.")
            self._value(value, f"{path}/{position}", depth)

    def _value(self, value: object, path: str, depth: int) -> None:
        self._values += 1
        if self._values > _MAX_VALUES or depth > _MAX_DEPTH:
            raise BadCredential(f"It holds more than {_MAX_VALUES} values, or more than {_MAX_DEPTH} levels.")
        if value is None:
            raise BadCredential(f"The value at {path} is null, which no signature can cover.")
        if isinstance(value, str) and _CONTROL.search(value):
            raise BadCredential(f"The text at {path} holds control characters.")
        if isinstance(value, int | float) and not _is_exact(value):
            raise BadCredential(f"The number at {path} has more digits than every reader keeps.")
        if isinstance(value, dict):
            self.members(value, path, depth + 1)


def _is_exact(number: float) -> bool:
    """Whether a number survives every reader: whole up to 2^53, else with at most 16 digits."""
    return abs(number) < 2**53 if isinstance(number, int) else float(f"{number:.15E}") == number


def _object(pairs: list[tuple[str, Any]]) -> Document:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice[:80]!r} is used twice in one object")
    return dict(pairs)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]
