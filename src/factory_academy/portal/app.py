"""The portal: pages and REST API of all roles, as one application mounted behind the hub's proxy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from factory_academy.bootstrap import Academy
from factory_academy.portal import public, sign_in
from factory_academy.portal.api import application as api
from factory_academy.portal.deps import Portal, TheAcademy
from factory_academy.portal.errors_pages import handle_errors
from factory_academy.portal.guards import RequestGuard, SecurityHeaders
from factory_academy.portal.hub_client import HubClient
from factory_academy.portal.pages import routes as pages
from factory_academy.portal.session_cookie import SessionCookie

STATIC = Path(__file__).parent / "static"


def create_app(
    academy: Academy,
    *,
    hub_api_url: str,
    service_token: str,
    prefix: str = "/services/portal",
    hub: HubClient | None = None,
) -> FastAPI:
    """The portal of this academy.

    hub_api_url: the hub's API as this process reaches it, e.g. ``http://127.0.0.1:8001/hub/api``.
    service_token: the portal's own token at the hub; cookies are signed with a key derived from it.
    prefix: where the proxy mounts the portal, without a slash at the end.
    hub: another client of the hub, for tests.
    """
    secure = academy.settings.url.startswith("https://")
    portal = Portal(
        academy=academy,
        hub=hub or HubClient(hub_api_url, service_token),
        cookie=SessionCookie(service_token, f"{prefix}/", secure),
        prefix=prefix,
    )
    app = FastAPI(title="factory-academy", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.portal = portal
    app.state.error_page = pages.error_page
    handle_errors(app)
    app.add_middleware(RequestGuard, prefix=prefix)
    app.add_middleware(SecurityHeaders)
    app.add_api_route(prefix, _first_page(prefix), include_in_schema=False)
    app.add_api_route(f"{prefix}/health", health, include_in_schema=False)
    app.mount(f"{prefix}/api/v1", api.create_api(portal))
    app.mount(f"{prefix}/static", StaticFiles(directory=STATIC), name="static")
    for router in (sign_in.router, public.router, pages.router):
        app.include_router(router, prefix=prefix)
    return app


def health(academy: TheAcademy) -> dict[str, str]:
    """Whether the portal can serve: it reads the records."""
    with academy.records.reading() as repositories:
        repositories.people.is_empty()
    return {"status": "ok"}


def _first_page(prefix: str) -> Callable[[], RedirectResponse]:
    def first_page() -> RedirectResponse:
        return RedirectResponse(f"{prefix}/", 307)

    return first_page
