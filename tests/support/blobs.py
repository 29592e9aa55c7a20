"""Blobs in memory."""

from __future__ import annotations

import hashlib

from factory_academy.errors import InfrastructureFault


class FakeBlobs:
    """Implements ``Blobs``. ``full`` makes it refuse to keep more, as a full disk does."""

    def __init__(self) -> None:
        self.full = False
        self._kept: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        if self.full:
            raise InfrastructureFault("The disk that keeps handed-in work is full.")
        name = hashlib.sha256(data).hexdigest()
        self._kept[name] = data
        return name

    def get(self, sha256: str) -> bytes:
        if sha256 not in self._kept:
            raise InfrastructureFault(f"The blob {sha256} is not where it was put.")
        return self._kept[sha256]

    def __len__(self) -> int:
        return len(self._kept)
