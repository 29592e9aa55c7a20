"""The factories of an installation, read from ``factories.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

from factory_academy.domain.factory import Factory
from factory_academy.errors import BadCourse


def read_factories(path: Path) -> tuple[Factory, ...]:
    """Every ``[[factory]]`` of the file, in its order.

    Raises:
        BadCourse: the file is missing, is not TOML, or a factory lacks a field.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("factory", [])
        return tuple(Factory(**entry) for entry in entries)
    except FileNotFoundError as error:
        raise BadCourse(f"Expected the list of factories at {path}; there is no such file.") from error
    except tomllib.TOMLDecodeError as error:
        raise BadCourse(f"{path} is not valid TOML: {error}", "Mend the line it names.") from error
    except TypeError as error:
        raise BadCourse(f"{path}: a factory needs id, name, city, country and focus; {error}") from error
