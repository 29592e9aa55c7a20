"""The real academy, as `factory-academy up` starts it, in a home and on ports of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

CHECKOUT = Path(__file__).parents[2]
PORTS = ("PORT", "HUB_PORT", "PROXY_API_PORT", "PORTAL_PORT")


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_for(condition: Callable[[], object], what: str, seconds: float = 120.0, pause: float = 0.1) -> object:
    """The first true value of the condition; fails with ``what`` if none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")


@dataclass
class RunningAcademy:
    """An academy that runs; ``accounts`` maps the first accounts' names to their passwords."""

    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['ACADEMY_PORT']}"

    @property
    def portal(self) -> str:
        return f"{self.url}/services/portal"

    def pid(self, part: str) -> int:
        """The process id of proxy, hub, portal or grader-1, as the supervisor notes it."""
        return int((self.home / "run" / f"{part}.pid").read_text())

    def kill(self, part: str) -> None:
        """SIGKILL a part, if it runs at this moment."""
        try:
            os.kill(self.pid(part), signal.SIGKILL)
        except (ProcessLookupError, FileNotFoundError, ValueError):
            return

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a `factory-academy` command in this academy."""
        argv = [sys.executable, "-m", "factory_academy.cli.main", *words]
        return subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=300, check=False)

    def let_in(self, name: str) -> None:
        """Add a trainee to the academy, as its operator would."""
        added = self.command("person", "add", name, "--full-name", f"{name.capitalize()} Example")
        assert added.returncode == 0, added.stderr
        self.accounts[name] = added.stdout.split()[-1]

    def stop(self) -> str:
        """Ctrl-C, and all that was said to the end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
        assert self.process.stdout is not None
        self.said.append(self.process.stdout.read())
        return "".join(self.said)


def start_academy(home: Path, **settings: str) -> RunningAcademy:
    """Start the academy in this home and wait for its address."""
    environment = {**os.environ, "ACADEMY_HOME": str(home), **{f"ACADEMY_{k.upper()}": v for k, v in settings.items()}}
    for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True):
        environment.setdefault(f"ACADEMY_{name}", str(port))
    argv = [sys.executable, "-m", "factory_academy.cli.main", "up"]
    process = subprocess.Popen(
        argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=CHECKOUT
    )
    academy = RunningAcademy(home, environment, process)
    assert process.stdout is not None
    for line in process.stdout:
        academy.said.append(line)
        if account := re.match(r"  (\w+)\s+(\S{16})   \w+", line):
            academy.accounts[account[1]] = account[2]
        if line.startswith("Logs:"):
            return academy
    raise AssertionError(f"the academy did not open:\n{''.join(academy.said)}")


@contextmanager
def running_academy(home: Path, **settings: str) -> Iterator[RunningAcademy]:
    """An academy that runs while the block lasts."""
    academy = start_academy(home, **settings)
    try:
        yield academy
    finally:
        academy.stop()


class Visitor:
    """Somebody with a browser's cookies, over plain HTTP."""

    def __init__(self, academy: RunningAcademy, name: str, password: str) -> None:
        self.academy, self.name, self.password = academy, name, password
        self.http = httpx.Client(base_url=academy.url, follow_redirects=True, timeout=60)

    def sign_in(self) -> Visitor:
        """Sign in through the hub's own form."""
        self.http.get("/hub/login")
        answer = self.http.post(
            "/hub/login",
            params=self._xsrf(),
            data={
                "username": self.name,
                "password": self.password,
                **self._xsrf(),
            },
        )
        assert answer.status_code < 400, f"sign-in of {self.name}: {answer.status_code}"
        return self

    def token(self) -> str:
        """A hub token of the visitor's own."""
        answer = self.http.post(
            f"/hub/api/users/{self.name}/tokens", headers={"X-XSRFToken": self._xsrf()["_xsrf"]}, json={"note": "test"}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def start_session(self, **options: str) -> httpx.Response:
        """Ask the hub for a session and wait until it is ready, or refused."""
        headers = {"X-XSRFToken": self._xsrf()["_xsrf"]}
        answer = self.http.post(f"/hub/api/users/{self.name}/server", headers=headers, json={"user_options": options})
        if answer.status_code == 202:
            wait_for(self.session_is_ready, f"the session of {self.name}")
        return answer

    def session_is_ready(self) -> bool:
        """Whether the hub says that the session is up."""
        server = self.http.get(f"/hub/api/users/{self.name}").json().get("servers", {}).get("", {})
        return bool(server.get("ready"))

    def _xsrf(self) -> dict[str, str]:
        jar = [c for c in self.http.cookies.jar if c.name == "_xsrf" and c.path == "/hub/"]
        return {"_xsrf": jar[0].value or ""} if jar else {}


class ApiClient:
    """The REST API with a person's token; retries while a part is restarting, as a real client does."""

    def __init__(self, academy: RunningAcademy, token: str) -> None:
        self._http = httpx.Client(base_url=f"{academy.portal}/api/v1/", headers={"Authorization": f"token {token}"})

    def hand_in(self, course: str, assignment: str, archive: bytes) -> httpx.Response:
        """Submit an archive."""
        path, kind = f"courses/{course}/assignments/{assignment}/submissions", {"Content-Type": "application/zip"}
        return self.call("POST", path, content=archive, headers=kind)

    def submission(self, submission_id: str) -> dict[str, Any]:
        """One submission as it stands: state, reason, points."""
        return dict(self.call("GET", f"submissions/{submission_id}").json()["submission"])

    def verdict(self, submission_id: str) -> dict[str, Any]:
        """The submission once it is in a terminal state."""
        found = wait_for(
            lambda: (s := self.submission(submission_id))["state"] not in ("queued", "running") and s, "a verdict"
        )
        assert isinstance(found, dict)
        return found

    def call(self, method: str, path: str, **more: object) -> httpx.Response:
        """The first answer that is not the proxy's or a restart's."""

        def answer() -> httpx.Response | None:
            try:
                got = self._http.request(method, path, timeout=30, **more)  # type: ignore[arg-type]
            except httpx.HTTPError:
                return None
            return None if got.status_code >= 500 or (got.status_code == 404 and "code" not in got.text) else got

        got = wait_for(answer, f"{method} {path}", seconds=180, pause=0.3)
        assert isinstance(got, httpx.Response)
        return got
