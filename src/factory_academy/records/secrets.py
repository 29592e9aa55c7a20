"""Secrets that the academy makes for itself, once."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path


def secret(path: Path) -> str:
    """The secret kept in this file, 32 random bytes in hex; made at first use, readable by its owner only.

    Two processes that ask at once get the same one: a file appears whole or not at all, and the first stays.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        handle, fresh = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(fresh)
    return path.read_text().strip()
