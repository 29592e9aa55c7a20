"""What stands before every handler: a limit on bodies, the same-origin rule for forms, headers on every answer."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from factory_academy.domain.submission import MAX_ARCHIVE_BYTES
from factory_academy.errors import AcademyError, NotAllowed, TooLarge
from factory_academy.portal.errors_pages import answer_to

MAX_FORM_BYTES = 1 << 20
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SecurityHeaders:
    """Adds the headers to every answer that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if "/static/" not in scope["path"]:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class RequestGuard:
    """Refuses bodies that are too large before they are read, and forms that another site sent."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._api = f"{prefix}/api/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = MAX_ARCHIVE_BYTES if self._is_upload(scope) else MAX_FORM_BYTES
        refusal = self._refusal(scope, limit)
        if refusal is not None:
            await answer_to(Request(scope), refusal)(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)

    def _is_upload(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return scope["method"] == "POST" and path.startswith(self._api) and path.endswith("/submissions")

    def _refusal(self, scope: Scope, limit: int) -> AcademyError | None:
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            return too_large(declared, limit)
        if scope["method"] in ("GET", "HEAD", "OPTIONS") or scope["path"].startswith(self._api):
            return None
        if _is_from_here(headers):
            return None
        return NotAllowed("This form was not sent from the academy's own pages.", "Open the page again and retry.")


def too_large(got: object, limit: int) -> TooLarge:
    """The refusal of a body that is longer than its limit, in bytes."""
    return TooLarge(f"At most {limit} bytes are taken here, got {got}.", "Send less; remove large files you made.")


def _is_from_here(headers: Headers) -> bool:
    source = headers.get("origin") or headers.get("referer") or ""
    return bool(source) and urlsplit(source).netloc == headers.get("host")


def _counted(receive: Receive, limit: int) -> Receive:
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > limit:
            raise too_large("more", limit)
        return message

    return counted
