"""nbgrader's formgrader, served by a real Jupyter server on a gradebook's folder."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx


@contextmanager
def formgrader(folder: Path) -> Iterator[httpx.Client]:
    """A client of formgrader, signed in, for as long as the block lasts."""
    token = secrets.token_hex(16)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    argv += [f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
    argv += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
    environment = {**os.environ, "HOME": str(folder), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    log_path = folder / "server.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(argv, env=environment, cwd=folder, stdout=log, stderr=log)
    headers = {"Authorization": f"token {token}"}
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60, trust_env=False)
    try:
        _wait_for(client, process, log_path)
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait(30)


def _wait_for(client: httpx.Client, process: subprocess.Popen[bytes], log_path: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, log_path.read_text()
        try:
            if client.get("/formgrader/api/assignments").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(log_path.read_text())
