"""A trainee's session as their browser uses it: through the proxy, with their cookies, by kernels and files."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import Request

import websocket

from tests.support.house import Guest, eventually


@dataclass
class Browser:
    """A signed-in person's own JupyterLab."""

    guest: Guest

    @property
    def base(self) -> str:
        return f"/user/{self.guest.name}"

    def open(self) -> str:
        """Go to JupyterLab as a browser does, by way of the hub's OAuth; gives the page."""
        page = self.guest.http.get(f"{self.base}/lab", follow_redirects=True)
        assert page.status_code == 200, page.text[:500]
        return page.text

    def api(self, method: str, path: str, **content: Any) -> Any:
        """Ask the server's own API; fails unless it says yes."""
        headers = {"X-XSRFToken": self._cookies(f"{self.base}/").get("_xsrf", "")}
        answer = self.guest.http.request(method, f"{self.base}/api/{path}", headers=headers, **content)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    @contextmanager
    def kernel(self) -> Iterator[Kernel]:
        """A Python kernel, started by POST and spoken to over its websocket."""
        kernel_id = self.api("POST", "kernels", json={"name": "python3"})["id"]
        address = str(self.guest.http.base_url).replace("http", "ws", 1).rstrip("/")
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies(f"{self.base}/").items())
        url = f"{address}{self.base}/api/kernels/{kernel_id}/channels"
        connection = websocket.create_connection(url, cookie=cookies, timeout=60)
        try:
            yield Kernel(connection)
        finally:
            connection.close()
            self.api("DELETE", f"kernels/{kernel_id}")

    def _cookies(self, path: str) -> dict[str, str]:
        """The cookies that a browser would send to this path."""
        request = Request(f"{self.guest.http.base_url}".rstrip("/") + path)
        self.guest.http.cookies.jar.add_cookie_header(request)
        pairs = request.get_header("Cookie", "").split("; ")
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


@dataclass
class Kernel:
    """A running kernel."""

    connection: websocket.WebSocket

    def run(self, code: str) -> str:
        """Run the code; gives what it printed. An error ends the output with its name and text."""
        message_id = uuid.uuid4().hex
        header = {"msg_id": message_id, "msg_type": "execute_request", "username": "", "session": "s", "version": "5.4"}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        self.connection.send(json.dumps(message))
        said: list[str] = []
        while True:
            got = json.loads(self.connection.recv())
            if got["parent_header"].get("msg_id") != message_id:
                continue
            kind, content = got["msg_type"], got["content"]
            if kind == "stream":
                said.append(content["text"])
            elif kind == "error":
                said.append(f"{content['ename']}: {content['evalue']}")
            elif kind == "status" and content["execution_state"] == "idle":
                return "".join(said)


def session_of(guest: Guest, profile: str | None = None) -> Browser:
    """Start the person's session and open it."""
    answer = guest.start({"profile": profile} if profile else {})
    assert answer.status_code in (201, 202), answer.text
    eventually(guest.is_ready, f"the session of {guest.name}", 120)
    browser = Browser(guest)
    browser.open()
    return browser
