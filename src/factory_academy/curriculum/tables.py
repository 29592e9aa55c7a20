"""Hand-written TOML, read key by key, with refusals that name the file, the key, what was expected and what was got."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from factory_academy.errors import BadCourse

_REQUIRED: Any = object()


class Table:
    """One table of a TOML file. Ask for every key that is known, then call ``finish``: what is left is a mistake."""

    def __init__(self, where: str, values: Mapping[str, Any]) -> None:
        self.where = where
        self._left = dict(values)
        self._known: list[str] = []

    def text(self, key: str, default: str = _REQUIRED) -> str:
        """A string."""
        return str(self._value(key, default, "a string", lambda v: isinstance(v, str)))

    def number(self, key: str, default: float | None = _REQUIRED) -> float | None:
        """A number that is not negative; the default may be None."""
        value = self._value(key, default, "a number of at least 0", lambda v: v is None or _is_number(v))
        return None if value is None else float(value)

    def whole(self, key: str, default: int | None = _REQUIRED) -> int | None:
        """A whole number that is not negative; the default may be None."""
        value = self._value(key, default, "a whole number", lambda v: v is None or (_is_number(v) and v == int(v)))
        return None if value is None else int(value)

    def truth(self, key: str, default: bool = _REQUIRED) -> bool:
        """True or false."""
        return bool(self._value(key, default, "true or false", lambda v: isinstance(v, bool)))

    def texts(self, key: str, default: tuple[str, ...] = _REQUIRED) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(self._value(key, default, "a list of strings", _are_texts))

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """A list of ``[name, address]`` pairs; absent means none."""
        value = self._value(
            key, [], "a list of [name, address] pairs", lambda v: all(_are_texts(p) and len(p) == 2 for p in v)
        )
        return tuple((name, address) for name, address in value)

    def moment(self, key: str) -> datetime | None:
        """An instant with its distance from UTC, in UTC; absent means none."""
        expected = "a date and time with an offset, such as 2026-12-01T23:59:00+01:00"
        value = self._value(key, None, expected, lambda v: v is None or _is_moment(v))
        return None if value is None else value.astimezone(UTC)

    def table(self, key: str) -> Table | None:
        """A table inside this one, or None."""
        value = self._value(key, None, "a table", lambda v: v is None or isinstance(v, dict))
        return None if value is None else Table(f"{self.where} [{key}]", value)

    def tables(self, key: str) -> list[Table]:
        """An array of tables; absent means none."""
        value = self._value(key, [], "an array of tables", lambda v: all(isinstance(t, dict) for t in v))
        return [Table(f"{self.where} [[{key}]] number {n}", v) for n, v in enumerate(value, start=1)]

    def rest(self) -> dict[str, Any]:
        """Everything not yet asked for, for tables whose keys are free."""
        rest, self._left = self._left, {}
        return rest

    def finish(self) -> None:
        """Raises BadCourse if a key is left that nobody asked for."""
        if self._left:
            unknown = ", ".join(sorted(self._left))
            raise BadCourse(
                f"{self.where}: unknown key {unknown}. Expected only: {', '.join(self._known)}.",
                "Mend the spelling or remove the key.",
            )

    def _value(self, key: str, default: Any, expected: str, fits: Any) -> Any:
        self._known.append(key)
        value = self._left.pop(key, default)
        if value is _REQUIRED:
            raise BadCourse(f"{self.where}: {key} is missing. Expected {expected}.", f"Add a line `{key} = …`.")
        try:
            good = bool(fits(value))
        except TypeError:
            good = False
        if not good:
            raise BadCourse(f"{self.where}: {key} must be {expected}, got {value!r}.", f"Mend the value of {key}.")
        return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_moment(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)


def read_table(path: Path) -> Table:
    """The whole of a TOML file.

    Raises:
        BadCourse: it is absent, not UTF-8 or not valid TOML; the message names file and line.
    """
    try:
        return Table(str(path), tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise BadCourse(f"{path} is missing.", f"Expected a file {path.name} in {path.parent}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadCourse(f"{path} is not valid TOML: {error}", "Mend the line it names.") from error
