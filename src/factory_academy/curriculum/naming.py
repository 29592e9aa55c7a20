"""Names of imported courses and assignments, made of whatever their folders are called."""

from __future__ import annotations

import re

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.errors import BadCourse


def course_id(title: str) -> str:
    """Lower-case letters, digits and hyphens, beginning with a letter."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return slug if slug[:1].isalpha() else f"course-{slug}".strip("-")


def assignment_name(name: str, where: str) -> str:
    """At most 64 letters, digits, ``-`` and ``_``.

    Raises:
        BadCourse: nothing is left.
    """
    slug = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-_")[:64]
    if not slug:
        raise BadCourse(f"{where}: the assignment's name has no letter or digit.", "Rename the folder.")
    return slug


def refuse_same_names(bundles: tuple[AssignmentBundle, ...], where: str) -> None:
    """Refuse assignments that would bear one name.

    Raises:
        BadCourse: two do; the message gives both titles.
    """
    seen: dict[str, str] = {}
    for bundle in bundles:
        if bundle.name in seen:
            raise BadCourse(
                f"{where}: {seen[bundle.name]!r} and {bundle.title!r} would both be {bundle.name!r}.",
                "Rename one of them.",
            )
        seen[bundle.name] = bundle.title
