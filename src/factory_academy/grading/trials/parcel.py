"""What a forked process is given: an order (JSON) and files, in one run of bytes that the worker made."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct("!Q")


def pack(order: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Order and files in one run of bytes."""
    table = json.dumps({"order": order, "files": [[name, len(data)] for name, data in files.items()]}).encode()
    return b"".join([_LENGTH.pack(len(table)), table, *files.values()])


def unpack(parcel: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What ``pack`` was given."""
    start = _LENGTH.size + _LENGTH.unpack_from(parcel)[0]
    table = json.loads(parcel[_LENGTH.size : start])
    files = {}
    for name, length in table["files"]:
        files[name] = parcel[start : start + length]
        start += length
    return table["order"], files


def lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files below a folder. Names were checked at intake."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
