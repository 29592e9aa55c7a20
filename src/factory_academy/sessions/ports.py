"""Loopback ports for sessions, and whose they are."""

from __future__ import annotations

import socket
from pathlib import Path

_LISTENING = "0A"


def free_port() -> int:
    """A loopback TCP port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listener_uid(port: int, table: Path = Path("/proc/net/tcp")) -> int | None:
    """The uid of whoever listens on this IPv4 port, or None if nobody does.

    Sessions share the machine's loopback, so an answer on a port is not yet an answer of the session that was given it.
    """
    for line in table.read_text().splitlines()[1:]:
        columns = line.split()
        if columns[3] == _LISTENING and int(columns[1].rsplit(":", 1)[1], 16) == port:
            return int(columns[7])
    return None


def uid_on_machine(session_uid: int, starter_uid: int) -> int:
    """The uid that the machine sees for a session: its own if root started it, else that of whoever did.

    Without root a sandbox is a user namespace, in which the session's uid is only a name for the starter's.
    """
    return session_uid if starter_uid == 0 else starter_uid
