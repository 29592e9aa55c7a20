"""The REST API, version 1: the same workflows as the pages, for programs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from factory_academy.portal.api import (
    appeals,
    deadlines,
    feedback,
    hints,
    manager,
    marking,
    operator,
    regrade,
    teaching,
    trainee,
)
from factory_academy.portal.api.docs import api_page
from factory_academy.portal.api.models.common import ProblemOut
from factory_academy.portal.deps import Portal
from factory_academy.portal.errors_pages import handle_errors

VERSION = "1.0"
DESCRIPTION = (
    "Everything the academy's pages show, for programs. Sign in with a hub token: "
    "`Authorization: token <token>`. A browser that is signed in may read, but not change anything. "
    "Whatever is refused is answered with a code, a message and a next step."
)
TAGS = [
    {"name": "trainee", "description": "What one person learns, hands in and earns: their own only."},
    {"name": "instructor", "description": "The courses an instructor teaches, and what is handed in there."},
    {"name": "factory manager", "description": "How far the cohorts of a factory are."},
    {"name": "operator", "description": "Sessions, devices, leases, the queue and the health of the parts."},
]
REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemOut, "description": "Nobody is signed in, or the token has expired."},
    403: {"model": ProblemOut, "description": "The role or the enrolment does not permit it."},
    404: {"model": ProblemOut, "description": "It does not exist, or not for this person."},
    422: {"model": ProblemOut, "description": "What was sent has the wrong shape."},
}


def routers() -> tuple[APIRouter, ...]:
    """Every router of the API, in the order in which it is documented."""
    return (
        trainee.router,
        feedback.router,
        hints.router,
        appeals.trainee_router,
        deadlines.trainee_router,
        teaching.router,
        regrade.router,
        marking.router,
        appeals.instructor_router,
        deadlines.instructor_router,
        manager.router,
        operator.router,
    )


def create_api(portal: Portal) -> FastAPI:
    """The API of a portal, as an application of its own; errors are JSON throughout."""
    api = build_api()
    api.state.portal = portal
    return api


def build_api() -> FastAPI:
    """The API before it is anyone's: routes and document only."""
    api = FastAPI(
        title="factory-academy",
        version=VERSION,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    handle_errors(api)
    for router in routers():
        api.include_router(router, responses=REFUSALS)

    @api.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        """The API, described for people."""
        return HTMLResponse(api_page(api.openapi()))

    return api


def _operation_id(route: APIRoute) -> str:
    return route.name
