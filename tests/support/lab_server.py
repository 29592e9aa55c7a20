"""A real JupyterLab server with a session's configuration, on a loopback port, for as long as a block lasts."""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx

from tests.support.lab_session import LabSession


@contextmanager
def lab_server(session: LabSession) -> Iterator[httpx.Client]:
    """A client of the server, signed in with the server's own token; redirects are not followed."""
    token = secrets.token_hex(16)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    argv += [
        "--ServerApp.port_retries=0",
        f"--ServerApp.base_url=/user/{session.name}/",
        f"--IdentityProvider.token={token}",
    ]
    log_path = session.home / "lab.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(argv, env=session.environment, cwd=session.home, stdout=log, stderr=log)
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}/user/{session.name}",
        headers={"Authorization": f"token {token}"},
        timeout=60,
        trust_env=False,
    )
    try:
        _wait_for(client, process, log_path)
        yield client
    finally:
        client.close()
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(client: httpx.Client, process: subprocess.Popen[bytes], log_path: object) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended; see {log_path}"
        try:
            if client.get("/api/status").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"the server did not answer; see {log_path}")
