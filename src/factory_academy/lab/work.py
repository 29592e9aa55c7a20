"""A trainee's work on disk: one folder an assignment, ``<course>/<assignment>``, that nothing here overwrites."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from factory_academy.errors import BadInput, Conflict, NotFound
from factory_academy.lab.archive import unpack
from factory_academy.lab.client import AcademyClient

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """Where one assignment lies in a session; ``root`` is the folder that holds the courses."""

    root: Path
    course_id: str
    name: str

    def __post_init__(self) -> None:
        for kind, value in (("course", self.course_id), ("assignment", self.name)):
            if not _NAME.fullmatch(value):
                raise BadInput(f"{value!r} is not the name of a {kind}.", "Choose one from the assignment list.")

    @property
    def path(self) -> Path:
        """The folder, which may not exist yet."""
        return self.root / self.course_id / self.name

    @property
    def is_fetched(self) -> bool:
        """Whether the folder is there."""
        return self.path.is_dir()

    def notebooks(self) -> tuple[Path, ...]:
        """The notebooks in it, by name."""
        return tuple(sorted(p for p in self.path.glob("*.ipynb") if p.is_file()))

    def fetch(self, client: AcademyClient) -> None:
        """Lay down the released files; the folder appears whole or not at all.

        Raises:
            Conflict: the folder is already there.
        """
        if self.path.exists():
            raise Conflict(
                f"You already have a copy of the assignment: {self.path}",
                "Work in it, or add --replace to bring back files that are missing or broken.",
            )
        files = unpack(client.release(self.course_id, self.name))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f".{self.name}.{secrets.token_hex(4)}")
        try:
            for path, data in files.items():
                target = beside / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            beside.rename(self.path)
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def restore(self, client: AcademyClient, now: datetime) -> tuple[Path, ...]:
        """Bring back released files that are missing, and notebooks that cannot be read any more.

        A broken notebook is kept beside the fresh one as ``<name>.broken-<time>``; any other file is left as it is.
        """
        restored = []
        for path, data in unpack(client.release(self.course_id, self.name)).items():
            target = self.path / path
            if target.exists() and not _is_broken(target):
                continue
            if target.exists():
                target.rename(target.with_name(f"{target.name}.broken-{now:%Y%m%d-%H%M%S}"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            restored.append(target)
        return tuple(restored)

    def notebook(self, wanted: str = "") -> Path:
        """The notebook of that name, without suffix; with no name the first.

        Raises:
            NotFound: there is no such notebook in the folder.
        """
        here = self.notebooks()
        found = next((p for p in here if wanted in ("", p.stem)), None)
        if found is None:
            names = ", ".join(p.stem for p in here) or "no notebook"
            raise NotFound(f"{self.path} has no notebook {wanted!r}; it holds {names}.", "Open it from the file list.")
        return found


def missing_and_extra(released: Sequence[str], present: Sequence[str]) -> tuple[list[str], list[str]]:
    """Notebooks that were released and are not present, and the other way round."""
    return sorted(set(released) - set(present)), sorted(set(present) - set(released))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is either the old or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_bytes(data)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _is_broken(path: Path) -> bool:
    if path.suffix != ".ipynb":
        return False
    try:
        return not isinstance(json.loads(path.read_bytes()).get("cells"), list)
    except (ValueError, AttributeError, OSError, RecursionError):
        return True
