"""Disk images that must hold more than they were made for."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from factory_academy.errors import InfrastructureFault

_SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_MENDED = 1


def grow_image(path: Path, size_bytes: int) -> None:
    """Grow the ext4 image to this size; one that is as large already stays as it is. It must not be mounted.

    Raises:
        InfrastructureFault: e2fsprogs is missing, or the image cannot be checked or grown.
    """
    before = path.stat().st_size
    if before >= size_bytes:
        return
    _run(["e2fsck", "-f", "-p", str(path)], _MENDED)
    os.truncate(path, size_bytes)
    try:
        _run(["resize2fs", str(path)], 0)
    except InfrastructureFault:
        os.truncate(path, before)
        raise


def _run(argv: Sequence[str], highest_code: int) -> None:
    try:
        done = subprocess.run(
            argv, env={"PATH": _SYSTEM_PATH}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise InfrastructureFault(
            f"{argv[0]} is missing, which disk limits need.", "apt-get install e2fsprogs"
        ) from error
    if not 0 <= done.returncode <= highest_code:
        why = (done.stderr or done.stdout).strip()[-300:]
        raise InfrastructureFault(f"The home's disk image cannot be made larger: {why}", "Ask your operator.")
