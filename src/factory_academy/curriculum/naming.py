"""Imported courses as they lie on disk: names made of whatever folders are called, and files that may be read."""

from __future__ import annotations

import re
from pathlib import Path

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.errors import BadCourse

MAX_FILE_BYTES = 100 << 20


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


def file_bytes(path: Path) -> bytes:
    """What a file beside a notebook holds.

    Raises:
        BadCourse: it is too large to be handed out.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise BadCourse(
            f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB, and would go to every trainee.",
            "Put large data where sessions can read it, or into the course's list of ignored files.",
        )
    return path.read_bytes()


def refuse_outside(path: Path, root: Path) -> None:
    """Refuse a path that leads out of the course, by name or by a link.

    Raises:
        BadCourse: it does.
    """
    if not path.resolve().is_relative_to(root.resolve()):
        raise BadCourse(f"{path} leads out of the course folder.", "Expected a file inside it: copy it there.")
