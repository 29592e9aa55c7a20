"""What a grading worker is called, and how this machine sees that one is gone."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence


def worker_name() -> str:
    """``<host>-<process namespace>-<process id>`` of this process."""
    return f"{_here()}-{os.getpid()}"


def vanished(names: Sequence[str]) -> list[str]:
    """Those of these workers that were processes of this machine and are none any more.

    Of workers elsewhere, in another container too, nothing is known here: their leases run out.
    """
    here = _here()
    gone = []
    for name in names:
        where, _, pid = name.rpartition("-")
        if where == here and pid.isdecimal() and int(pid) != os.getpid() and not _runs(int(pid)):
            gone.append(name)
    return gone


def _here() -> str:
    try:
        namespace = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        namespace = 0
    return f"{socket.gethostname()}-{namespace}"


def _runs(pid: int) -> bool:
    """Whether there is such a process; one that ended and was not yet waited for does not run."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except FileNotFoundError:
        return False
    except OSError:
        return True
