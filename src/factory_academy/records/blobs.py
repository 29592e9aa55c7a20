"""Bytes by their sha256, one file each in a folder."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from factory_academy.errors import InfrastructureFault

_NAME = re.compile(r"[0-9a-f]{64}")


class FolderBlobs:
    """Blobs under ``<folder>/<first two digits>/<sha256>``. What was put is on the disk when ``put`` returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their sha256 in hex; bytes that are there already are not written again.

        Raises:
            InfrastructureFault: the disk is full or the folder cannot be written; nothing is left behind.
        """
        name = hashlib.sha256(data).hexdigest()
        file = self._file(name)
        try:
            if not self._holds(file, data):
                _write(file, data)
        except OSError as error:
            step = "Nothing was recorded. Make room there, or make it writable, and hand in again."
            raise InfrastructureFault(f"Blobs cannot be kept: {error.strerror or error}.", step) from error
        return name

    def get(self, sha256: str) -> bytes:
        """The bytes of that sha256.

        Raises:
            InfrastructureFault: they were never put, cannot be read, or are not what was put.
        """
        if not _NAME.fullmatch(sha256):
            raise InfrastructureFault(f"{sha256!r} is no sha256 in hex.")
        try:
            data = self._file(sha256).read_bytes()
        except OSError as error:
            step = "Put the folder of blobs back from its backup."
            raise InfrastructureFault(f"The blob {sha256} cannot be read: {error.strerror or error}.", step) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            step = "Put this file back from a backup; the disk may be failing."
            raise InfrastructureFault(f"The blob {sha256} is damaged: its bytes are not those that were put.", step)
        return data

    def _file(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _holds(self, file: Path, data: bytes) -> bool:
        return file.exists() and file.read_bytes() == data


def _write(file: Path, data: bytes) -> None:
    """Write beside the place, through to the disk, then rename: a reader sees all of it or nothing."""
    for folder in (file.parent.parent, file.parent):
        _make_folder(folder)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(file)
        _sync_folder(file.parent)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
