"""The portal over the demo world, in this process, with a hub that is answered from a dictionary."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.testclient import TestClient

from factory_academy.bootstrap import Academy
from factory_academy.domain.session import Device
from factory_academy.portal.app import create_app
from factory_academy.portal.hub_client import HubClient
from factory_academy.records.migrate import migrate
from factory_academy.settings import Settings
from tests.support import demo
from tests.support.clock import FakeClock
from tests.support.devices import FakeInventory

TOKEN = "a token that only tests know"


@dataclass
class FakeHub:
    """Answers the hub's API over httpx: whose server is ready or pending, and what was asked of it."""

    ready: set[str] = field(default_factory=set)
    pending: dict[str, str] = field(default_factory=dict)
    refusal: str = ""
    away: bool = False
    started: list[tuple[str, bytes]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def client(self) -> HubClient:
        """A client whose every request comes here."""
        return HubClient("http://hub.test/hub/api", TOKEN, transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What the hub says."""
        if self.away:
            raise httpx.ConnectError("nobody listens")
        parts = request.url.path.removeprefix("/hub/api").strip("/").split("/")
        if parts[0] != "users":
            return httpx.Response(200, json={"version": "6.1"})
        name = parts[1]
        if request.method == "POST":
            return self._start(name, request.content)
        if request.method == "DELETE":
            self.stopped.append(name)
            self.ready.discard(name)
            return httpx.Response(204)
        if name not in self.ready and name not in self.pending:
            return httpx.Response(200, json={"name": name, "servers": {}})
        server = {"ready": name in self.ready, "pending": self.pending.get(name)}
        return httpx.Response(200, json={"name": name, "servers": {"": server}})

    def _start(self, name: str, options: bytes) -> httpx.Response:
        if self.refusal:
            return httpx.Response(503, json={"status": 503, "message": self.refusal})
        self.started.append((name, options))
        self.pending[name] = "spawn"
        return httpx.Response(202)


@dataclass
class DemoPortal:
    """The application, the academy behind it, its hub and its clock."""

    app: FastAPI
    academy: Academy
    hub: FakeHub
    clock: FakeClock

    def cookie(self, name: str) -> dict[str, str]:
        """The cookie of someone signed in."""
        response = RedirectResponse("/")
        portal = self.app.state.portal
        portal.cookie.sign_in(response, name)
        key, _, rest = response.headers["set-cookie"].partition("=")
        return {key: rest.partition(";")[0]}


def demo_portal(
    home: Path, devices: Sequence[Device] = demo.DEVICES, note: str = "", seeded: bool = True
) -> DemoPortal:
    """A portal on records of its own under ``home``."""
    home.mkdir(parents=True, exist_ok=True)
    academy = Academy(Settings(home=home))
    clock = FakeClock(demo.NOW)
    academy.clock = clock
    academy.__dict__["inventory"] = FakeInventory(devices, note)
    migrate(academy.settings.records_url)
    if seeded:
        academy.settings.keys.mkdir(exist_ok=True)
        demo.seed(academy.records, academy.issuer)
    hub = FakeHub(ready={"ada"})
    app = create_app(academy, hub_api_url="http://hub.test/hub/api", service_token=TOKEN, hub=hub.client())
    return DemoPortal(app, academy, hub, clock)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address at which the app is served on a free loopback port, until the block ends."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="demo portal", daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


class Visitor:
    """Someone at the portal with a browser's manners: the cookie of a person, and forms sent from its own pages."""

    def __init__(self, portal: DemoPortal, name: str | None = None) -> None:
        self.prefix = portal.app.state.portal.prefix
        cookies = portal.cookie(name) if name else {}
        self._http = TestClient(portal.app, cookies=cookies, follow_redirects=False)

    def get(self, path: str, language: str = "") -> httpx.Response:
        """The page at a path inside the portal, as a browser of that language asks for it."""
        return self._http.get(self.prefix + path, headers={"Accept-Language": language} if language else None)

    def post(self, path: str, origin: str = "http://testserver", **form: str) -> httpx.Response:
        """Send a form."""
        return self._http.post(self.prefix + path, data=form, headers={"origin": origin})
