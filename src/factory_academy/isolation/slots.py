"""Distinct uids for sandboxes that run at the same time, held by locks that die with their holder."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from factory_academy.errors import NoCapacity


@dataclass(slots=True)
class UidSlot:
    """A uid (and a gid of the same number) that nobody else holds until ``release`` or the end of this process."""

    uid: int
    _lock: int | None

    def release(self) -> None:
        """Give the uid back; more than once does no harm."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> UidSlot:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.release()


class UidSlots:
    """The uids ``first`` … ``first + count - 1``, one lock file each in ``folder``.

    Every process that starts sandboxes on a machine must use the same folder, or two may share a uid.
    """

    def __init__(self, folder: Path, first: int = 60000, count: int = 1000) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._uids = folder, range(first, first + count)

    def take(self) -> UidSlot:
        """The lowest uid that is free.

        Raises:
            NoCapacity: all are held.
        """
        for uid in self._uids:
            lock = os.open(self._folder / f"uid-{uid}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return UidSlot(uid, lock)
            except BlockingIOError:
                os.close(lock)
        raise NoCapacity(
            f"all {len(self._uids)} sandbox uids are in use", "Wait for a session or a grading run to end, then retry."
        )
