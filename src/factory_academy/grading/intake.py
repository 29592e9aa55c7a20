"""Archives from outside: opened in memory, with every name, kind and size checked before its bytes are believed."""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
import zlib

from factory_academy.errors import BadArchive, TooLarge

MAX_UNPACKED_BYTES = 50 << 20
MAX_FILES = 500
_LONGEST_NAME = 255
_LONGEST_PATH = 1024
_DEEPEST = 20
_BOMB_RATIO = 200
_BOMB_FROM_BYTES = 4 << 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_ADVICE = "Hand in a plain zip of your notebook and the files that the assignment asks for."


def check_archive(archive: bytes) -> None:
    """Refuse an archive that must not be kept.

    Raises:
        BadArchive: it is broken, or names a path, link or device it must not name, or is made to burst.
        TooLarge: more bytes or files than allowed.
    """
    open_archive(archive)


def open_archive(archive: bytes, max_bytes: int = MAX_UNPACKED_BYTES, max_files: int = MAX_FILES) -> dict[str, bytes]:
    """The files of an archive by path; nothing is written anywhere.

    Raises:
        BadArchive, TooLarge: as ``check_archive``.
    """
    if len(archive) > max_bytes:
        raise TooLarge(f"the archive has {len(archive)} bytes; at most {max_bytes} are allowed", _ADVICE)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return _read_all(opened, max_bytes, max_files)
    except (BadArchive, TooLarge):
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError,
            OverflowError, MemoryError, IndexError, UnicodeError) as error:  # fmt: skip
        raise BadArchive(f"the archive cannot be read: {error}", _ADVICE) from error


def _read_all(opened: zipfile.ZipFile, max_bytes: int, max_files: int) -> dict[str, bytes]:
    entries = opened.infolist()
    if len(entries) > max_files:
        raise TooLarge(f"the archive holds {len(entries)} files; at most {max_files} are allowed", _ADVICE)
    if sum(entry.file_size for entry in entries) > max_bytes:
        raise TooLarge(f"the archive unpacks to more than {max_bytes} bytes", _ADVICE)
    seen: dict[str, str] = {}
    files: dict[str, bytes] = {}
    room = max_bytes
    for entry in entries:
        _check_name(entry, seen)
        _check_kind(entry)
        if not entry.is_dir():
            files[entry.filename] = _read(opened, entry, room)
            room -= len(files[entry.filename])
    _check_folders(files)
    return files


def _read(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> bytes:
    if entry.file_size > _BOMB_FROM_BYTES and entry.file_size > _BOMB_RATIO * max(entry.compress_size, 1):
        raise BadArchive(f"{_shown(entry.filename)} is packed more tightly than work ever is", _ADVICE)
    with opened.open(entry) as file:
        data = file.read(room + 1)
    if len(data) > room:
        raise TooLarge("the archive unpacks to more bytes than it says and than are allowed", _ADVICE)
    return data


def _check_name(entry: zipfile.ZipInfo, seen: dict[str, str]) -> None:
    name = entry.orig_filename
    parts = name.removesuffix("/").split("/")
    if _CONTROL.search(name) or "\\" in name or _has_surrogate(name):
        raise BadArchive(f"{_shown(name)} holds characters that no file name may hold", _ADVICE)
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or any(part in ("", ".", "..") for part in parts):
        raise BadArchive(f"{_shown(name)} leads out of the archive", _ADVICE)
    too_long = len(name) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST_NAME for part in parts)
    if too_long or len(parts) > _DEEPEST:
        raise BadArchive(f"{_shown(name)} is too long", _ADVICE)
    key = unicodedata.normalize("NFKC", name.removesuffix("/")).casefold()
    if key in seen:
        raise BadArchive(f"{_shown(name)} and {_shown(seen[key])} are the same name on some machines", _ADVICE)
    seen[key] = name


def _check_kind(entry: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadArchive(f"{_shown(entry.filename)} is a link or a device, not a file", _ADVICE)
    if entry.flag_bits & 0x1:
        raise BadArchive(f"{_shown(entry.filename)} is encrypted", _ADVICE)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadArchive(f"{_shown(entry.filename)} is packed by a method that is not read here", _ADVICE)


def _check_folders(files: dict[str, bytes]) -> None:
    for name in files:
        parts = name.split("/")
        if any("/".join(parts[:depth]) in files for depth in range(1, len(parts))):
            raise BadArchive(f"{_shown(name)} lies inside another file", _ADVICE)


def _has_surrogate(name: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in name)


def _shown(name: str) -> str:
    return ascii(name[:80])
