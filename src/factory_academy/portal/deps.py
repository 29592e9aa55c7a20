"""What a handler may ask for: the person who is signed in, the academy, and a role that guards a route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from factory_academy.bootstrap import Academy
from factory_academy.domain.person import Person, Role
from factory_academy.errors import NotAllowed, SignInRefused
from factory_academy.portal.hub_client import HubClient
from factory_academy.portal.session_cookie import SessionCookie

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Portal:
    """What every handler shares. ``prefix`` is where the portal is mounted, without a slash at the end."""

    academy: Academy
    hub: HubClient
    cookie: SessionCookie
    prefix: str

    @property
    def hub_prefix(self) -> str:
        """Where the hub is mounted on the same public address, with slashes at both ends."""
        return self.prefix[: self.prefix.rindex("/services/") + 1]


def portal_of(request: Request) -> Portal:
    """The portal that serves this request."""
    portal: Portal = request.app.state.portal
    return portal


def the_academy(request: Request) -> Academy:
    """The academy behind the portal."""
    return portal_of(request).academy


def is_api(request: Request) -> bool:
    """Whether a program asks: it is answered in JSON, and may sign in with a token."""
    return request.url.path.startswith(f"{portal_of(request).prefix}/api/")


def signed_in_name(request: Request) -> str:
    """The sign-in name behind a request.

    A hub token in ``Authorization`` counts under ``/api`` only. The cookie counts for pages, and for reading under
    ``/api``: nothing is ever changed there on the strength of a cookie.

    Raises:
        SignInRefused: there is neither, or it has expired.
    """
    portal = portal_of(request)
    if is_api(request):
        header = request.headers.get("authorization", "")
        if header:
            return portal.hub.name_of(_token(header))
        if request.method not in SAFE_METHODS:
            raise SignInRefused(
                "This request changes something, so it needs a hub token; a browser's sign-in is not enough.",
                "Send the header 'Authorization: token <your hub token>'.",
            )
    return portal.cookie.name_in(request.cookies)


def signed_in(request: Request) -> Person:
    """The person behind a request, as records know them.

    Raises:
        SignInRefused: nobody is signed in.
        NotAllowed: the hub knows them, the records do not.
    """
    name = signed_in_name(request)
    with the_academy(request).records.reading() as repositories:
        person = repositories.people.find(name)
    if person is None:
        raise NotAllowed(f"{name!r} can sign in but is not on record here.", "Ask your factory manager to add you.")
    return person


def guard(*roles: Role) -> Callable[[Request], Person]:
    """A dependency that lets only these roles pass."""

    def allowed(request: Request) -> Person:
        person = signed_in(request)
        if person.role not in roles:
            wanted = " or ".join(role.value.replace("_", " ") for role in roles)
            raise NotAllowed(
                f"This is for the role {wanted}; you are signed in as {person.role.value.replace('_', ' ')}.",
                "Sign in with another account, or go back to your own pages.",
            )
        return person

    return allowed


def _token(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() not in ("token", "bearer") or not token.strip() or not token.isascii():
        raise SignInRefused(
            "The Authorization header is not understood.", "Send 'Authorization: token <your hub token>'."
        )
    return token.strip()


ThePortal = Annotated[Portal, Depends(portal_of)]
TheAcademy = Annotated[Academy, Depends(the_academy)]
SignedIn = Annotated[Person, Depends(signed_in)]
Trainee = Annotated[Person, Depends(guard(Role.TRAINEE))]
Instructor = Annotated[Person, Depends(guard(Role.INSTRUCTOR))]
FactoryManager = Annotated[Person, Depends(guard(Role.FACTORY_MANAGER))]
Operator = Annotated[Person, Depends(guard(Role.OPERATOR))]
