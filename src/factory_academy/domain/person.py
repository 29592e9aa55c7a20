"""People and what they may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


class Role(StrEnum):
    """The four roles; an operator is not an instructor, nor the other way round."""

    TRAINEE = "trainee"
    INSTRUCTOR = "instructor"
    FACTORY_MANAGER = "factory_manager"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who can sign in. ``id`` is the sign-in name: 1–30 of ``[a-z0-9-]``, first a letter."""

    id: str
    full_name: str
    role: Role
    factory_id: str | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.id):
            raise ValueError(f"sign-in name must be 1-30 of a-z 0-9 -, first a letter; got {self.id!r}")
