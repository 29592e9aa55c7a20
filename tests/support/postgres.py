"""A private PostgreSQL for a test run: in a temporary folder, on a free loopback port, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OWNER = "academy"


def server_binaries() -> Path | None:
    """The folder of the newest installed server, or None."""
    found = (folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists())
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


@dataclass(frozen=True)
class PrivateServer:
    """A server in a folder of its own, which can be stopped, killed and started again."""

    binaries: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Its address, without a database name."""
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}"

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def start(self) -> None:
        """Start it, also after a kill: what still dies of the old one is waited for."""
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off -c max_connections=60"
        for attempts_left in reversed(range(20)):
            try:
                return _run(
                    self.binaries / "pg_ctl",
                    "-D",
                    self.data,
                    "-o",
                    options,
                    "-l",
                    str(self.folder / "log"),
                    "-w",
                    "start",
                )
            except subprocess.CalledProcessError:
                if not attempts_left:
                    raise
                time.sleep(0.25)

    def stop(self) -> None:
        """Stop it without waiting for anybody's transaction."""
        _run(self.binaries / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def kill(self) -> None:
        """SIGKILL its first process; the others end when they notice."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)

    @property
    def is_running(self) -> bool:
        """Whether it takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def private_server(binaries: Path) -> Iterator[PrivateServer]:
    """A new server, running. Trust and no fsync: for tests only."""
    folder = Path(tempfile.mkdtemp(prefix="academy-pg-"))
    server = PrivateServer(binaries, folder, _free_port())
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        _run(binaries / "initdb", "-D", server.data, "-A", "trust", "-U", OWNER, "-E", "UTF8", "--locale", "C", "-N")
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def private_cluster(binaries: Path) -> Iterator[str]:
    """The address of a new server, without a database name."""
    with private_server(binaries) as server:
        yield server.url


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
