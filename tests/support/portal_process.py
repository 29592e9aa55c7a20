"""The portal as a process of its own on a loopback port, with the fake hub inside. Can be killed and started again."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from tests.support.portal_world import PREFIX, FakeHub, make_portal

CHECKOUT = Path(__file__).parents[2]


@dataclass
class PortalProcess:
    """A portal over the records in ``home``, made with ``make_world``."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is mounted."""
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        argv = [sys.executable, "-m", "tests.support.portal_process", str(self.home), str(self.port)]
        with (self.home / "portal.log").open("ab") as log:
            self.process = subprocess.Popen(argv, cwd=CHECKOUT, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, f"the portal did not answer: {self.log()}"
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log(self) -> str:
        """What it has written."""
        return (self.home / "portal.log").read_text(errors="replace")[-3000:]

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def portal_process(home: Path) -> Iterator[PortalProcess]:
    """A portal that runs while the block lasts."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        portal = PortalProcess(home, probe.getsockname()[1])
    try:
        portal.start()
        yield portal
    finally:
        portal.kill()


def main(home: Path, port: int) -> None:
    """Serve."""
    from factory_academy.bootstrap import Academy
    from factory_academy.settings import Settings

    app = make_portal(Academy(Settings(home=home)), FakeHub())
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
