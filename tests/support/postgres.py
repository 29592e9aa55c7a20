"""A private PostgreSQL for a test run: in a temporary folder, on a free loopback port, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OWNER = "academy"


def server_binaries() -> Path | None:
    """The folder of the newest installed server, or None."""
    found = (folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists())
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


@contextmanager
def private_cluster(binaries: Path) -> Iterator[str]:
    """The address of a new server, without a database name. Trust and no fsync: for tests only."""
    folder = Path(tempfile.mkdtemp(prefix="academy-pg-"))
    port = _free_port()
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        data = str(folder / "data")
        _run(binaries / "initdb", "-D", data, "-A", "trust", "-U", OWNER, "-E", "UTF8", "--locale", "C", "-N")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off -c max_connections=60"
        _run(binaries / "pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"postgresql://{OWNER}@127.0.0.1:{port}"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: Path, *arguments: str) -> None:
    """Run one of the server's programs, as nobody where we are root: it refuses to be root."""
    user = "nobody" if os.geteuid() == 0 else None
    subprocess.run(
        [str(program), *arguments], check=True, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
