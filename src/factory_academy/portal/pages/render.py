"""Templates → pages: one frame for all of them, everything escaped."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from factory_academy.domain.person import Person, Role
from factory_academy.errors import AcademyError
from factory_academy.portal.deps import portal_of
from factory_academy.portal.pages import words as pages_words
from factory_academy.portal.pages.format import FILTERS
from factory_academy.portal.pages.tasks import offers_of, results_of

_HERE = Path(__file__).parents[1]
HTMX = "vendor/htmx-2.0.11.min.js"
NAVIGATION = {
    Role.TRAINEE: (("/", "Home"), ("/session", "Session"), ("/certificates", "Certificates")),
    Role.INSTRUCTOR: (("/teach", "Teaching"), ("/session", "Session")),
    Role.FACTORY_MANAGER: (("/factory", "Cohorts"),),
    Role.OPERATOR: (("/operate", "Operations"), ("/session", "Session")),
}


@cache
def static_version(name: str) -> str:
    """A few characters that change when the static file does, so that browsers may keep it."""
    return hashlib.sha256((_HERE / "static" / name).read_bytes()).hexdigest()[:10]


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS, results=results_of, offers=offers_of)
    environment.globals.update(words=pages_words, static_version=static_version, htmx=HTMX)
    return environment


_TEMPLATES = _environment()


def render(request: Request, template: str, person: Person | None = None, **context: object) -> str:
    """The HTML of a template. ``person`` decides about header and navigation."""
    portal = portal_of(request)
    return _TEMPLATES.get_template(template).render(
        prefix=portal.prefix,
        hub_prefix=portal.hub_prefix,
        path=request.url.path.removeprefix(portal.prefix),
        person=person,
        navigation=NAVIGATION[person.role] if person else (),
        **context,
    )


def render_alone(template: str, **context: object) -> str:
    """The HTML of a template that needs no frame, no person and no portal around it."""
    return _TEMPLATES.get_template(template).render(**context)


def page(
    request: Request, template: str, person: Person | None = None, status: int = 200, **context: object
) -> HTMLResponse:
    """A template as an answer."""
    return HTMLResponse(render(request, template, person, **context), status)


def person_if_known(request: Request) -> Person | None:
    """Who is signed in, for a page that anyone may see; whatever goes wrong, it is nobody."""
    portal = portal_of(request)
    try:
        name = portal.cookie.name_in(request.cookies)
        with portal.academy.records.reading() as repositories:
            return repositories.people.find(name)
    except AcademyError:
        return None


def error_page(request: Request, error: AcademyError) -> HTMLResponse:
    """An error as a calm page in the person's own frame."""
    person = person_if_known(request)
    return page(request, "error.html", person, error.status, message=str(error), next_step=error.next_step)
