"""The portal's own cookies: who is signed in, and one sign-in that is under way."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from starlette.responses import Response

from factory_academy.errors import SignInRefused

NAME = "factory-academy-portal"
SESSION_LASTS = timedelta(hours=12)
SIGN_IN_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """One sign-in under way: the state sent to the hub, the proof-key secret, and where to go after it."""

    state: str
    verifier: str
    next_path: str


class SessionCookie:
    """Writes and reads signed cookies; the key is derived from the portal's own hub token.

    The session cookie holds a sign-in name and its time of issue, nothing else.
    """

    def __init__(self, service_token: str, path: str, secure: bool) -> None:
        key = hmac.new(service_token.encode(), b"factory-academy portal cookies", hashlib.sha256).digest()
        self._sessions = URLSafeTimedSerializer(key, salt="session")
        self._attempts = URLSafeTimedSerializer(key, salt="sign-in")
        self._path = path
        self._secure = secure

    def sign_in(self, response: Response, name: str) -> None:
        """Put the session cookie of this person on a response."""
        self._set(response, NAME, self._sessions.dumps(name), SESSION_LASTS)

    def sign_out(self, response: Response) -> None:
        """Take the session cookie away."""
        response.delete_cookie(NAME, path=self._path, secure=self._secure, httponly=True, samesite="lax")

    def name_in(self, cookies: Mapping[str, str]) -> str:
        """The name in the session cookie.

        Raises:
            SignInRefused: there is none, it was altered, or it is older than twelve hours.
        """
        again = "Sign in again."
        value = cookies.get(NAME)
        if not value:
            raise SignInRefused("You are not signed in.", "Sign in.")
        try:
            name = self._sessions.loads(value, max_age=int(SESSION_LASTS.total_seconds()))
        except SignatureExpired as error:
            raise SignInRefused("Your sign-in has expired.", again) from error
        except BadSignature as error:
            raise SignInRefused("Your sign-in is not valid here.", again) from error
        if not isinstance(name, str):
            raise SignInRefused("Your sign-in is not valid here.", again)
        return name

    def begin(self, response: Response, attempt: SignInAttempt) -> None:
        """Remember a sign-in under way, in this browser only."""
        value = self._attempts.dumps([attempt.state, attempt.verifier, attempt.next_path])
        self._set(response, _attempt_name(attempt.state), value, SIGN_IN_LASTS)

    def finish(self, response: Response, state: str) -> None:
        """Forget a sign-in that is done."""
        response.delete_cookie(
            _attempt_name(state), path=self._path, secure=self._secure, httponly=True, samesite="lax"
        )

    def attempt_in(self, cookies: Mapping[str, str], state: str) -> SignInAttempt | None:
        """The sign-in that this browser began with this state; None if it began none, or too long ago."""
        try:
            value = self._attempts.loads(
                cookies.get(_attempt_name(state), ""), max_age=int(SIGN_IN_LASTS.total_seconds())
            )
        except BadSignature:
            return None
        attempt = SignInAttempt(*value)
        return attempt if hmac.compare_digest(attempt.state.encode(), state.encode()) else None

    def _set(self, response: Response, name: str, value: str, lasts: timedelta) -> None:
        response.set_cookie(
            name,
            value,
            max_age=int(lasts.total_seconds()),
            path=self._path,
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )


def _attempt_name(state: str) -> str:
    return f"{NAME}-{hashlib.sha256(state.encode()).hexdigest()[:12]}"
