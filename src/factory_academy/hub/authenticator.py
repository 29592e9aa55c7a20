"""Sign-in by name and password, as the academy's records have them."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyterhub.auth import Authenticator
from tornado.web import HTTPError
from traitlets import Callable

from factory_academy.errors import AcademyError, SignInRefused
from factory_academy.hub.sign_in_limit import SignInLimit


class AcademyAuthenticator(Authenticator):  # type: ignore[misc]
    """Everyone in the records may enter; nobody is an administrator of the hub.

    ``sign_in(name, password)`` raises AcademyError to refuse; it may block, so it runs in a thread.
    """

    sign_in = Callable(help="Checks a name and a password.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._limit = SignInLimit()

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str:
        """The person's id.

        Raises:
            HTTPError: refused; its message is for the person.
        """
        name = data.get("username", "").strip().lower()
        wait = self._limit.seconds_to_wait(name)
        if wait:
            raise HTTPError(429, f"Too many wrong passwords for this name. Try again in {wait} seconds.")
        try:
            person = await asyncio.to_thread(self.sign_in, name, data.get("password", ""))
        except SignInRefused as error:
            self._limit.note_failure(name)
            raise HTTPError(403, _for_people(error)) from error
        except AcademyError as error:
            raise HTTPError(error.status, _for_people(error)) from error
        self._limit.note_success(name)
        return str(person.id)


def _for_people(error: AcademyError) -> str:
    return f"{error} {error.next_step}".strip()
