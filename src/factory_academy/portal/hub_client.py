"""What the portal asks the hub: to trade a sign-in code, and whose token this is."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

import httpx

from factory_academy.errors import InfrastructureFault, SignInRefused

REMEMBER_SECONDS = 20.0
REMEMBER_TOKENS = 2000


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

    def _ask(self, method: str, path: str, **content: object) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **content)  # type: ignore[arg-type]
        except (httpx.HTTPError, UnicodeError) as error:
            raise InfrastructureFault("The hub does not answer.", "Try again in a minute.") from error
        if answer.status_code >= 500:
            raise InfrastructureFault("The hub has a fault at the moment.", "Try again in a minute.")
        return answer


def _json(answer: httpx.Response) -> dict[str, object]:
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
