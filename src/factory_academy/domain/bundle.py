"""An assignment version as one deterministic archive: what is released, what is hidden, what judges it.

Paths inside: ``source/<notebook>.ipynb`` (instructor's version: solutions and hidden tests),
``release/<notebook>.ipynb`` and other ``release/…`` files (what trainees get), ``grader/…`` (hidden checks,
imported by the judge alone), ``references/<name>/<notebook>.ipynb`` (further right solutions, as full instructor's
versions), ``hints.json`` (misconception code → hint levels), ``allow.json`` (what the author allows besides),
``contract.json`` (what the reference solutions were seen to do; absent where none ran).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from factory_academy.domain.course import Task, TaskKind

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class GradingLimits:
    """What one run may use. Seconds of wall-clock time, bytes of memory, per trainee's process."""

    cell_seconds: float = 60.0
    total_seconds: float = 120.0
    memory_bytes: int = 2 << 30
    processes: int = 64
    output_bytes: int = 1 << 20


@dataclass(frozen=True, slots=True)
class AssignmentBundle:
    """One immutable version of an assignment, with everything needed to release and to grade it."""

    course_id: str
    name: str
    title: str
    tasks: tuple[Task, ...]
    files: Mapping[str, bytes]
    limits: GradingLimits = field(default_factory=GradingLimits)
    extra_files: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    attempts_per_hour: int | None = None

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Names of the notebooks, without suffix, in order."""
        return tuple(
            sorted(
                p[len("source/") : -len(".ipynb")]
                for p in self.files
                if p.startswith("source/") and p.endswith(".ipynb")
            )
        )

    @property
    def is_hardened(self) -> bool:
        """Whether the reference solution's contract was recorded."""
        return "contract.json" in self.files

    @property
    def version(self) -> str:
        """sha256 of the archive, in hex."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def release_files(self) -> dict[str, bytes]:
        """What a trainee fetches, by path."""
        return {p[len("release/") :]: data for p, data in self.files.items() if p.startswith("release/")}

    def to_bytes(self) -> bytes:
        """A zip whose bytes depend on the content only."""
        manifest = {
            "course_id": self.course_id,
            "name": self.name,
            "title": self.title,
            "tasks": [asdict(task) for task in self.tasks],
            "limits": asdict(self.limits),
            "extra_files": list(self.extra_files),
            "preload": list(self.preload),
            **({} if self.attempts_per_hour is None else {"attempts_per_hour": self.attempts_per_hour}),
        }
        return zip_bytes({"manifest.json": json.dumps(manifest, sort_keys=True, indent=1).encode(), **self.files})

    @classmethod
    def from_bytes(cls, data: bytes) -> AssignmentBundle:
        """The bundle of an archive that ``to_bytes`` made. Never give it bytes from outside."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest: dict[str, Any] = json.loads(files.pop("manifest.json"))
        return cls(
            course_id=manifest["course_id"],
            name=manifest["name"],
            title=manifest["title"],
            tasks=tuple(Task(**{**t, "kind": TaskKind(t["kind"])}) for t in manifest["tasks"]),
            files=files,
            limits=GradingLimits(**manifest["limits"]),
            extra_files=tuple(manifest["extra_files"]),
            preload=tuple(manifest["preload"]),
            attempts_per_hour=manifest.get("attempts_per_hour"),
        )


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """A zip archive whose bytes depend on names and contents only."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[name])
    return out.getvalue()
