"""The profiles on offer, from a TOML file that a person keeps."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from factory_academy.domain.session import DeviceKind, Profile
from factory_academy.errors import BadSetting
from factory_academy.sessions.units import read_bytes, read_duration

_ID = re.compile(r"[a-z][a-z0-9-]{0,29}")
_REQUIRED = ("title", "description", "memory", "disk", "wall_time", "processes")
_OPTIONAL = ("device", "model")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """Profiles in the order of the file; the first is the default. The file is read anew each time.

    Raises:
        BadSetting: from every method, if the file is missing or has a mistake; names file, profile, key, expected, got.
    """

    path: Path

    def all(self) -> Sequence[Profile]:
        """Every profile, the default first."""
        tables = self._tables()
        return tuple(self._profile(name, table) for name, table in tables.items())

    def find(self, profile_id: str) -> Profile | None:
        """The profile of that id, or None."""
        return next((profile for profile in self.all() if profile.id == profile_id), None)

    def _tables(self) -> Mapping[str, object]:
        try:
            content = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except OSError as error:
            raise BadSetting(
                f"The profiles file {self.path} cannot be read: {error.strerror or error}.",
                "Set ACADEMY_PROFILES to a file that exists.",
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadSetting(f"{self.path} is not valid TOML: {error}.", "Mend the line it names.") from error
        unknown = sorted(set(content) - {"profiles"})
        if unknown:
            raise self._mistake("the file", unknown[0], "only tables named [profiles.<name>]", content[unknown[0]])
        tables = content.get("profiles")
        if not isinstance(tables, dict) or not tables:
            raise self._mistake("the file", "profiles", "at least one table [profiles.<name>]", tables)
        return tables

    def _profile(self, name: str, table: object) -> Profile:
        if not _ID.fullmatch(name):
            raise self._mistake(f"profile {name!r}", "its name", "1-30 of a-z 0-9 -, first a letter", name)
        if not isinstance(table, dict):
            raise self._mistake(f"profile {name}", "profiles", "a table", table)
        self._check_keys(name, table)
        return Profile(
            id=name,
            title=self._read(name, table, "title", _text),
            description=self._read(name, table, "description", _text),
            memory_bytes=self._read(name, table, "memory", lambda v: read_bytes(_text(v))),
            processes=self._read(name, table, "processes", _count),
            disk_bytes=self._read(name, table, "disk", lambda v: read_bytes(_text(v))),
            wall_time=self._read(name, table, "wall_time", lambda v: read_duration(_text(v))),
            device_kind=self._read(name, table, "device", _kind) if "device" in table else None,
            model_contains=self._read(name, table, "model", _text) if "model" in table else "",
        )

    def _check_keys(self, name: str, table: Mapping[str, object]) -> None:
        known = (*_REQUIRED, *_OPTIONAL)
        for key in table:
            if key not in known:
                raise self._mistake(f"profile {name}", key, f"one of the keys {', '.join(known)}", table[key])
        for key in _REQUIRED:
            if key not in table:
                raise self._mistake(f"profile {name}", key, "this key to be there", None)
        if "model" in table and "device" not in table:
            raise self._mistake(f"profile {name}", "model", 'also device = "gpu" or "slice"', table["model"])

    def _read(self, name: str, table: Mapping[str, Any], key: str, kind: Callable[[object], T]) -> T:
        try:
            return kind(table[key])
        except ValueError as error:
            raise self._mistake(f"profile {name}", key, str(error), table[key]) from error

    def _mistake(self, where: str, key: str, expected: str, got: object) -> BadSetting:
        shown = "nothing" if got is None else repr(got)
        return BadSetting(
            f"{self.path}, {where}, {key}: expected {expected}; got {shown}.",
            "Mend this line; docs/reference/profiles.md lists every key.",
        )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text in quotes")
    return value


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 16 <= value <= 32768:
        raise ValueError("a whole number from 16 to 32768")
    return value


def _kind(value: object) -> DeviceKind:
    try:
        return DeviceKind(_text(value))
    except ValueError:
        raise ValueError('"gpu" or "slice"') from None
