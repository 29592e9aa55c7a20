"""A folder of work ⇄ a zip archive whose bytes depend on names and contents only."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from factory_academy.domain.bundle import zip_bytes
from factory_academy.domain.submission import MAX_ARCHIVE_BYTES, MAX_ARCHIVE_FILES
from factory_academy.errors import BadArchive, TooLarge

_MIB = 1 << 20


def pack(folder: Path, ignore: Sequence[str] = ()) -> bytes:
    """The regular files of a folder as a zip archive; the same files always give the same bytes.

    ignore: patterns of file and folder names to leave out, such as ``*.pyc``.

    Raises:
        BadArchive: there is nothing to hand in, or a link or a special file among it; the message names it.
        TooLarge: more files or bytes than can be handed in; the message names the largest.
    """
    paths = sorted(_files(folder, ignore))
    if not paths:
        raise BadArchive(f"There is nothing to hand in: {folder} holds no file.", "Fetch the assignment first.")
    if len(paths) > MAX_ARCHIVE_FILES:
        raise TooLarge(
            f"At most {MAX_ARCHIVE_FILES} files can be handed in, {folder} holds {len(paths)}.",
            "Delete or move what does not belong to your answer.",
        )
    sizes = {path: path.stat().st_size for path in paths}
    total_bytes = sum(sizes.values())
    if total_bytes > MAX_ARCHIVE_BYTES:
        largest = max(paths, key=sizes.__getitem__)
        raise TooLarge(
            f"At most {MAX_ARCHIVE_BYTES // _MIB} MiB can be handed in, {folder} holds {_mib(total_bytes)} MiB; "
            f"the largest file is {largest.relative_to(folder)} with {_mib(sizes[largest])} MiB.",
            "Delete or move what does not belong to your answer.",
        )
    return zip_bytes({path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})


def unpack(archive: bytes) -> dict[PurePosixPath, bytes]:
    """The files of an archive by relative path.

    Raises:
        BadArchive: it is no zip archive, or names a path outside the folder it is for.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            names = [name for name in opened.namelist() if not name.endswith("/")]
            return {_inside(name): opened.read(name) for name in names}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise BadArchive("What the academy sent is not a whole zip archive.", "Fetch it again.") from error


def _files(folder: Path, ignore: Sequence[str]) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if any(fnmatch(entry.name, pattern) for pattern in ignore):
                continue
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                yield from _files(Path(entry.path), ignore)
            elif stat.S_ISREG(mode):
                yield Path(entry.path)
            else:
                kind = "a link" if stat.S_ISLNK(mode) else "not a regular file"
                raise BadArchive(f"{entry.path} is {kind}, which cannot be handed in.", "Put a copy of the file there.")


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\\" in name or "\0" in name:
        raise BadArchive(f"The archive names {name!r}, which lies outside the assignment's folder.", "Fetch it again.")
    return path


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / _MIB:.1f}"
