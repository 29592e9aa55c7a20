"""What a cell prints, within a cap, whether it comes from Python, from native code or from a child process."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable


class CappedText(io.TextIOBase):
    """Keeps the first ``limit`` characters of what is written and counts the rest."""

    def __init__(self, limit: int) -> None:
        self._limit, self._kept, self._parts, self._cut = limit, 0, [], 0  # type: ignore[var-annotated]
        self.buffer = _Bytes(self)

    def write(self, words: str) -> int:
        """Take words; more than the cap only counts."""
        room = self._limit - self._kept
        if room > 0:
            self._parts.append(words[:room])
            self._kept += min(room, len(words))
        self._cut += max(0, len(words) - max(room, 0))
        return len(words)

    def writable(self) -> bool:
        """It is."""
        return True

    def take(self) -> str:
        """What was kept since the last time, with a word on what was cut."""
        kept, cut = "".join(self._parts), self._cut
        self._parts, self._kept, self._cut = [], 0, 0
        return f"{kept}\n… {cut} more characters were cut" if cut else kept


class _Bytes(io.RawIOBase):
    def __init__(self, into: CappedText) -> None:
        self._into = into

    def write(self, data: object) -> int:
        raw = bytes(data)  # type: ignore[call-overload]
        self._into.write(raw.decode("utf-8", "replace"))
        return len(raw)

    def writable(self) -> bool:
        return True


class Outputs:
    """Collects both streams of this process from now on. ``limit`` is in characters per taking."""

    def __init__(self, limit: int) -> None:
        self._text, self._limit = CappedText(limit), limit
        self._file = os.memfd_create("output", os.MFD_CLOEXEC)
        for descriptor in (1, 2):
            os.dup2(self._file, descriptor)

    def connect(self) -> None:
        """Make this process's streams ours again, whatever they are now."""
        sys.stdout = sys.stderr = self._text

    def show(self, lines: Iterable[str]) -> None:
        """Write lines as a cell's own."""
        for line in lines:
            self._text.write(f"{line}\n")

    def take(self) -> str:
        """What was printed since the last time."""
        size = os.lseek(self._file, 0, os.SEEK_END)
        if size:
            self._text.write(os.pread(self._file, self._limit, 0).decode("utf-8", "replace"))
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
        return self._text.take()
