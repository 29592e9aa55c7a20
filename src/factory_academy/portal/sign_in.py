"""Signing in through the hub (OAuth with a proof key), and signing out."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from factory_academy.errors import SignInRefused
from factory_academy.portal.deps import ThePortal
from factory_academy.portal.errors_pages import CALLBACK
from factory_academy.portal.session_cookie import SignInAttempt

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def begin_sign_in(portal: ThePortal, next: str = "") -> RedirectResponse:
    """Send the browser to the hub; what it brings back counts in this browser only."""
    attempt = SignInAttempt(secrets.token_urlsafe(24), secrets.token_urlsafe(48), local_path(next, portal.prefix))
    query = {
        "client_id": portal.hub.client_id,
        "redirect_uri": f"{portal.prefix}{CALLBACK}",
        "response_type": "code",
        "state": attempt.state,
        "code_challenge": _challenge(attempt.verifier),
        "code_challenge_method": "S256",
    }
    response = RedirectResponse(f"{portal.hub_prefix}hub/api/oauth2/authorize?{urlencode(query)}", 302)
    portal.cookie.begin(response, attempt)
    return response


@router.get(CALLBACK)
def finish_sign_in(request: Request, portal: ThePortal, code: str = "", state: str = "") -> RedirectResponse:
    """Take the hub's answer: it must belong to a sign-in that this very browser began."""
    attempt = portal.cookie.attempt_in(request.cookies, state) if state else None
    if attempt is None:
        raise SignInRefused("This sign-in was not begun here, or it took more than ten minutes.", "Sign in again.")
    if not code:
        raise SignInRefused("The hub did not let you in.", "Sign in again, or ask your factory manager.")
    token = portal.hub.token_for(code, attempt.verifier, f"{portal.prefix}{CALLBACK}")
    response = RedirectResponse(attempt.next_path, 303)
    portal.cookie.sign_in(response, portal.hub.name_of(token))
    portal.cookie.finish(response, state)
    return response


@router.post("/sign-out")
def sign_out(portal: ThePortal) -> RedirectResponse:
    """Forget the person here, then at the hub."""
    response = RedirectResponse(f"{portal.hub_prefix}hub/logout", 303)
    portal.cookie.sign_out(response)
    return response


def local_path(wanted: str, prefix: str) -> str:
    """The wanted path if it lies inside the portal, else the portal's first page: no redirect leads elsewhere."""
    parts = urlsplit(wanted.replace("\\", "/"))
    inside = parts.path.startswith(f"{prefix}/") and ".." not in parts.path.split("/")
    if parts.scheme or parts.netloc or not inside or any(ord(c) < 32 for c in wanted):
        return f"{prefix}/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
