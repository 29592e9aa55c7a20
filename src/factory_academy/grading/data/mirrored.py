"""Files of plain formats in the working folder, as both sides see it: what changed here, what came from there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from factory_academy.grading.data.nodes import Malformed

SUFFIXES = frozenset(
    (".csv", ".tsv", ".txt", ".json", ".jsonl", ".md", ".log", ".yaml", ".yml", ".toml", ".ini", ".html", ".svg",
     ".png", ".jpg", ".jpeg", ".pdf", ".npy", ".npz", ".parquet")
)  # fmt: skip
"""Nothing that an import or an unpickling could run is among them."""

LARGEST_FILE = 8 << 20
"""Bytes; a larger file stays where it is. ``judge.file`` brings it."""

_MOST_FILES = 500
_DEEPEST = 4
_OURS = "grader"
_Stamp = tuple[int, int]


class Mirrored:
    """One folder. What lies in it at first is never told and never overwritten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, _Stamp] = dict(self._stamps())
        self._fixed = frozenset(self._known)
        self._put_here: dict[str, _Stamp] = {}

    def changed(self) -> tuple[tuple[str, bytes | None], ...]:
        """Names and bytes of the files that are new or another since the last time; None for bytes: it is gone."""
        try:
            return self._told(dict(self._stamps()))
        except OSError:
            return ()

    def _told(self, now: dict[str, _Stamp]) -> tuple[tuple[str, bytes | None], ...]:
        gone = [(name, None) for name in self._known.keys() - now.keys()]
        names = [name for name, stamp in now.items() if self._known.get(name) != stamp]
        told = (*gone, *((name, (self._folder / name).read_bytes()) for name in names))
        self._known = now
        return told

    def is_own(self, name: str) -> bool:
        """Whether a file lies here that the other side did not write, or that was written anew here since."""
        try:
            return self._put_here.get(name) != _stamp((self._folder / name).lstat())
        except OSError:
            return False

    def put(self, name: str, content: bytes | None) -> None:
        """Write a file that the other side told of, or delete it; one that cannot be written is left out."""
        if name in self._fixed:
            return
        with suppress(OSError):
            self._put(self._folder / name, name, content)

    def _put(self, path: Path, name: str, content: bytes | None) -> None:
        if content is None:
            path.unlink(missing_ok=True)
            self._known.pop(name, None)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self._known[name] = self._put_here[name] = _stamp(path.stat())

    def _stamps(self) -> Iterator[tuple[str, _Stamp]]:
        left, waiting = _MOST_FILES, [("", 0)]
        while waiting and left > 0:
            inside, depth = waiting.pop()
            for entry in os.scandir(self._folder / inside):
                left -= 1
                name = f"{inside}/{entry.name}" if inside else entry.name
                if entry.is_dir(follow_symlinks=False) and depth < _DEEPEST and _may_enter(name):
                    waiting.append((name, depth + 1))
                elif entry.is_file(follow_symlinks=False) and _is_plain(name):
                    stat = entry.stat(follow_symlinks=False)
                    if stat.st_size <= LARGEST_FILE:
                        yield name, _stamp(stat)


def checked_files(told: Any) -> list[tuple[str, bytes | None]]:
    """Files as the other side told of them.

    Raises:
        Malformed: a name leads elsewhere or is of no plain format, or it is no list of files at all.
    """
    if type(told) is not tuple or len(told) > _MOST_FILES:
        raise Malformed("no files")
    for entry in told:
        if type(entry) is not tuple or len(entry) != 2 or type(entry[0]) is not str or not _is_plain(entry[0]):
            raise Malformed("no name of a file")
        if entry[1] is not None and (type(entry[1]) is not bytes or len(entry[1]) > LARGEST_FILE):
            raise Malformed("no content of a file")
    return [(name, content) for name, content in told]


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    is_inside = (
        name == str(path) and not path.is_absolute() and ".." not in path.parts and 0 < len(path.parts) <= _DEEPEST + 1
    )
    return is_inside and name.isprintable() and len(name) <= 200 and path.suffix in SUFFIXES and _may_enter(name)


def _may_enter(name: str) -> bool:
    first = PurePosixPath(name).parts[0]
    return first != _OURS and not any(part.startswith(".") for part in PurePosixPath(name).parts)


def _stamp(stat: os.stat_result) -> _Stamp:
    return stat.st_mtime_ns, stat.st_size
