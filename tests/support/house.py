"""A real hub behind a real proxy, in an academy home of its own, with people who sign in as people do."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from factory_academy.bootstrap import Academy
from factory_academy.cli.prepare import make_folders
from factory_academy.cli.up import node_command
from factory_academy.domain.person import Person, Role
from factory_academy.records.migrate import migrate
from factory_academy.records.secrets import secret
from factory_academy.sessions.host import host_of
from factory_academy.settings import Settings, read_settings

CHECKOUT = Path(__file__).parents[2]
HUB_CONFIG = CHECKOUT / "hub_config" / "jupyterhub_config.py"
PROXY = CHECKOUT / "hub_config/proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
PORTS = ("PORT", "HUB_PORT", "PROXY_API_PORT", "PORTAL_PORT")
PASSWORD = "right horse battery"


def eventually(condition: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    """The first true value of the condition; fails, naming ``what``, if none comes in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.1)
    return value


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on now."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@dataclass
class Guest:
    """Someone signed in to the hub by name and password, with the cookies that a browser would hold."""

    name: str
    http: httpx.Client

    @property
    def headers(self) -> dict[str, str]:
        """What the hub's API wants of a browser."""
        return {"X-XSRFToken": self._cookie("/hub/")}

    def _cookie(self, path: str) -> str:
        return next((c.value or "" for c in self.http.cookies.jar if c.name == "_xsrf" and c.path == path), "")

    def start(self, options: Mapping[str, object] | None = None) -> httpx.Response:
        """Ask the hub's API for a session."""
        body = {"user_options": dict(options or {})}
        return self.http.post(f"/hub/api/users/{self.name}/server", json=body, headers=self.headers, timeout=120)

    def stop(self) -> httpx.Response:
        """Ask the hub's API to end the session."""
        return self.http.delete(f"/hub/api/users/{self.name}/server", headers=self.headers, timeout=60)

    def is_ready(self) -> bool:
        """Whether the hub says that the session is there."""
        user = self.http.get(f"/hub/api/users/{self.name}", headers=self.headers).json()
        return bool(user.get("servers", {}).get("", {}).get("ready"))


@dataclass
class House:
    """Processes of one academy; every one of them can be killed and started again by itself."""

    settings: Settings
    environment: dict[str, str]
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def academy(self) -> Academy:
        """The academy as another process would open it."""
        return Academy(self.settings)

    def add_person(self, name: str, role: Role = Role.TRAINEE, factory_id: str | None = None) -> None:
        """Someone who can sign in with ``PASSWORD``."""
        academy = self.academy
        with academy.records.transaction() as repositories:
            repositories.people.add(Person(name, name.title(), role, factory_id), academy.passwords.hash(PASSWORD))

    def start_process(self, name: str, *argv: str, environment: Mapping[str, str] | None = None) -> int:
        """Start a part of the house; gives its pid. Its output goes to ``<logs>/<name>.log``."""
        with (self.settings.logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                argv,
                env={**self.environment, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self._running[name].pid

    def start_proxy(self) -> None:
        """Start the proxy and wait until it listens."""
        token = secret(self.settings.keys / "proxy.token")
        s = self.settings
        self.start_process(
            "proxy",
            *(node_command(), str(PROXY), "--ip", s.host, "--port", str(s.port)),
            *("--api-ip", "127.0.0.1", "--api-port", str(s.proxy_api_port)),
            *("--error-target", f"http://127.0.0.1:{s.hub_port}/hub/error"),
            environment={"CONFIGPROXY_AUTH_TOKEN": token},
        )
        eventually(lambda: _answers(f"{s.url}/"), "the proxy")

    def start_hub(self) -> None:
        """Start the hub and wait until it can be reached through the proxy."""
        self.start_process("hub", sys.executable, "-m", "jupyterhub", "-f", str(HUB_CONFIG))
        eventually(lambda: self._hub_is_up() or self._fell("hub"), "the hub", 120)

    def kill(self, name: str) -> None:
        """End a part at once, without a chance to clean up."""
        self._running[name].kill()
        self._running.pop(name).wait()

    def sign_in(self, name: str, password: str = PASSWORD) -> Guest:
        """Sign in through the hub's page.

        Raises:
            AssertionError: refused; the message is what the page says.
        """
        guest = Guest(name, httpx.Client(base_url=self.settings.url, timeout=30))
        answer = self.try_to_sign_in(guest, password)
        assert answer.status_code == 302, shown(answer.text)
        guest.http.get("/hub/home", follow_redirects=True)
        return guest

    def try_to_sign_in(self, guest: Guest, password: str) -> httpx.Response:
        """Send the sign-in form as a browser does."""
        page = guest.http.get("/hub/login")
        token = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
        assert token, shown(page.text)
        form = {"username": guest.name, "password": password, "_xsrf": token[1]}
        return guest.http.post("/hub/login", data=form)

    def log(self, name: str) -> str:
        """What a part has written."""
        return (self.settings.logs / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        """End every session and every process."""
        s = self.settings
        host_of(s.homes, s.run, s.logs).end_all(grace_seconds=0.0)
        for name in reversed(list(self._running)):
            self._running[name].send_signal(signal.SIGTERM)
            try:
                self._running[name].wait(10)
            except subprocess.TimeoutExpired:
                self._running[name].kill()
                self._running[name].wait()
        self._running.clear()

    def _hub_is_up(self) -> bool:
        return _answers(f"{self.settings.url}/hub/health", 200)

    def _fell(self, name: str) -> bool:
        assert self._running[name].poll() is None, self.log(name)[-3000:]
        return False


@contextmanager
def house(folder: Path, **settings: str) -> Iterator[House]:
    """An academy in ``folder`` with empty records and nothing started; all of it ends with the block.

    ``settings`` are more of them, by name: ``profiles="…/profiles.toml"``.
    """
    ports = {f"ACADEMY_{name}": str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
    chosen = {f"ACADEMY_{name.upper()}": value for name, value in settings.items()}
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ACADEMY_")},
        **ports,
        **chosen,
        "ACADEMY_HOME": str(folder),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    made = House(read_settings(environment), environment)
    make_folders(made.settings)
    migrate(made.settings.records_url)
    try:
        yield made
    finally:
        made.close()


def shown(html: str) -> str:
    """The text of a page, roughly as people see it."""
    text = re.sub(r"<(style|script)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip()


def _answers(url: str, at_most: int = 599) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code <= at_most
    except httpx.HTTPError:
        return False
