"""What the portal asks the hub: to trade a sign-in code, whose token this is, and to start and stop sessions."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from factory_academy.errors import BadOptions, InfrastructureFault, NoCapacity, SignInRefused

REMEMBER_SECONDS = 20.0
REMEMBER_TOKENS = 2000
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """A person's session as the hub sees it. ``pending`` is ``spawn`` or ``stop`` while that goes on, else empty."""

    ready: bool = False
    pending: str = ""


class HubClient:
    """A small client of the hub's API; it remembers for some seconds whose token it saw, by the token's hash.

    api_url: the hub's API, e.g. ``http://127.0.0.1:8001/hub/api``.
    client_id: the portal's OAuth name at the hub; its secret is the service token.
    """

    def __init__(
        self,
        api_url: str,
        service_token: str,
        client_id: str = "service-portal",
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client_id = client_id
        self._secret = service_token
        self._http = httpx.Client(base_url=api_url.rstrip("/"), timeout=10.0, transport=transport)
        self._clock = clock
        self._seen: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def token_for(self, code: str, verifier: str, redirect_uri: str) -> str:
        """The access token for a code that the hub gave a browser.

        Raises:
            SignInRefused: the hub does not take the code, e.g. since it was used before.
            InfrastructureFault: the hub does not answer.
        """
        form = {
            "client_id": self.client_id,
            "client_secret": self._secret,
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": redirect_uri,
        }
        answer = self._ask("POST", "/oauth2/token", data=form)
        token = _json(answer).get("access_token") if answer.is_success else None
        if not isinstance(token, str):
            raise SignInRefused("The hub did not accept this sign-in.", "Sign in again.")
        return token

    def name_of(self, token: str) -> str:
        """The sign-in name of the person whose token this is; any of their tokens will do, with the least of scopes.

        Raises:
            SignInRefused: the token has expired, was revoked, or is nobody's.
            InfrastructureFault: the hub does not answer.
        """
        key = hashlib.sha256(token.encode()).hexdigest()
        with self._lock:
            name, until = self._seen.get(key, ("", 0.0))
        if until > self._clock():
            return name
        answer = self._ask("GET", "/user", headers={"Authorization": f"token {token}"})
        if answer.status_code in (401, 403, 404):
            raise SignInRefused(
                "The token has expired or is not valid.",
                "In a session: stop it and start it again. Elsewhere: make a new token on the hub's token page.",
            )
        person = _json(answer) if answer.is_success else {}
        if person.get("kind") != "user" or not isinstance(person.get("name"), str):
            raise SignInRefused("This token belongs to no person.", "Use a token of your own account.")
        self._remember(key, str(person["name"]))
        return str(person["name"])

    def server_status(self, name: str) -> ServerStatus:
        """This person's session; one that never was is neither ready nor pending.

        Raises:
            InfrastructureFault: the hub does not answer.
        """
        answer = self._ask("GET", f"/users/{quote(name, safe='')}", headers=self._as_service)
        servers = _json(answer).get("servers") if answer.is_success else None
        server = servers.get("") if isinstance(servers, dict) else None
        if not isinstance(server, dict):
            return ServerStatus()
        return ServerStatus(server.get("ready") is True, str(server.get("pending") or ""))

    def start_server(self, name: str, options: Mapping[str, str]) -> None:
        """Ask for a session with these options; it may still be starting when this returns.

        Raises:
            NoCapacity: there is no room now; the message is the spawner's.
            BadOptions: the options are refused; the message is the spawner's.
            InfrastructureFault: the hub does not answer, or has a fault.
        """
        path = f"/users/{quote(name, safe='')}/server"
        answer = self._send("POST", path, json=dict(options), headers=self._as_service, timeout=START_SECONDS)
        if answer.is_success:
            return
        said = str(_json(answer).get("message") or "The hub did not start your session.")
        if answer.status_code < 500:
            raise BadOptions(said)
        raise NoCapacity(said) if answer.status_code == NoCapacity.status else InfrastructureFault(said)

    def stop_server(self, name: str) -> None:
        """Ask for this person's session to end; one that does not run is no error.

        Raises:
            InfrastructureFault: the hub does not answer.
        """
        self._ask("DELETE", f"/users/{quote(name, safe='')}/server", headers=self._as_service, timeout=START_SECONDS)

    def answers(self) -> bool:
        """Whether the hub is there."""
        try:
            return self._ask("GET", "/").is_success
        except InfrastructureFault:
            return False

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _remember(self, key: str, name: str) -> None:
        with self._lock:
            self._seen[key] = (name, self._clock() + REMEMBER_SECONDS)
            self._seen.move_to_end(key)
            while len(self._seen) > REMEMBER_TOKENS:
                self._seen.popitem(last=False)

    @property
    def _as_service(self) -> dict[str, str]:
        return {"Authorization": f"token {self._secret}"}

    def _ask(self, method: str, path: str, **content: object) -> httpx.Response:
        answer = self._send(method, path, **content)
        if answer.status_code >= 500:
            raise InfrastructureFault("The hub has a fault at the moment.", "Try again in a minute.")
        return answer

    def _send(self, method: str, path: str, **content: object) -> httpx.Response:
        try:
            return self._http.request(method, path, **content)  # type: ignore[arg-type]
        except (httpx.HTTPError, UnicodeError) as error:
            raise InfrastructureFault("The hub does not answer.", "Try again in a minute.") from error


def _json(answer: httpx.Response) -> dict[str, object]:
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
