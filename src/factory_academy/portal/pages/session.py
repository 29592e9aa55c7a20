"""Starting, watching and stopping one's own session, and going on to a notebook in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from factory_academy.domain.person import Person
from factory_academy.errors import AcademyError, InfrastructureFault, NoCapacity, UnknownProfile
from factory_academy.portal.deps import Portal, SignedIn, ThePortal
from factory_academy.portal.hub_client import ServerStatus
from factory_academy.portal.pages.render import page

router = APIRouter(prefix="/session", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Target:
    """The assignment that someone is on their way to; both empty when they just want a session."""

    course: str = ""
    assignment: str = ""

    @property
    def query(self) -> str:
        """As the end of an address; empty without an assignment."""
        named = {"course": self.course, "assignment": self.assignment}
        return f"?{urlencode(named)}" if self.course and self.assignment else ""

    def notebook(self, portal: Portal, person: Person) -> str:
        """Where its notebook is inside the person's session; JupyterLab itself without an assignment."""
        base = f"{portal.hub_prefix}user/{person.id}"
        return f"{base}/academy/open{self.query}" if self.query else f"{base}/lab"


def target_of(course: str = "", assignment: str = "") -> Target:
    """The target in an address."""
    return Target(course, assignment)


TheTarget = Annotated[Target, Depends(target_of)]


@router.get("/open")
def open_notebook(person: SignedIn, portal: ThePortal, target: TheTarget) -> RedirectResponse:
    """Go to the notebook, or first to the page that starts a session."""
    if portal.hub.server_status(person.id).ready:
        return RedirectResponse(target.notebook(portal, person), 303)
    return RedirectResponse(f"{portal.prefix}/session{target.query}", 303)


@router.get("")
def session(request: Request, person: SignedIn, portal: ThePortal, target: TheTarget, trying: str = "") -> Response:
    """The choices, or the session that starts or runs; with a target, a running one is gone to at once.

    ``trying`` is set where a start was asked for, so that its failure can be told from never having asked.
    """
    status = portal.hub.server_status(person.id)
    if status.ready and target.query:
        return RedirectResponse(target.notebook(portal, person), 303)
    failed = bool(trying) and not status.ready and not status.pending
    return _page(request, person, portal, target, status, "" if not failed else _why_not(portal, person))


@router.get("/live")
def live(person: SignedIn, portal: ThePortal, target: TheTarget, seen: str = "") -> Response:
    """What became of a start or stop since the page was drawn: nothing new, or where to go now."""
    status = portal.hub.server_status(person.id)
    if status.pending and status.pending == seen:
        return Response(status_code=204)
    if status.ready and target.query:
        return Response(headers={"HX-Redirect": target.notebook(portal, person)})
    return Response(headers={"HX-Redirect": _back(portal, target, trying=seen == "spawn")})


@router.post("/start")
def start(
    request: Request,
    person: SignedIn,
    portal: ThePortal,
    profile: Annotated[str, Form()],
    course: Annotated[str, Form()] = "",
    assignment: Annotated[str, Form()] = "",
) -> Response:
    """Ask the hub for a session with this profile; a refusal is shown above the choices."""
    target = Target(course, assignment)
    try:
        _check_choice(portal, person, profile)
        portal.hub.start_server(person.id, {"profile": profile})
    except AcademyError as error:
        status = portal.hub.server_status(person.id)
        said = f"{error} {error.next_step}".strip()
        return _page(request, person, portal, target, status, said, error.status)
    return RedirectResponse(_back(portal, target, trying=True), 303)


@router.post("/stop")
def stop(person: SignedIn, portal: ThePortal) -> RedirectResponse:
    """Ask the hub to end the session; files stay."""
    portal.hub.stop_server(person.id)
    return RedirectResponse(f"{portal.prefix}/session", 303)


def _page(
    request: Request,
    person: Person,
    portal: Portal,
    target: Target,
    status: ServerStatus,
    problem: str,
    code: int = 200,
) -> Response:
    view = portal.academy.my_session(person)
    lab = Target().notebook(portal, person)
    return page(
        request, "session.html", person, code, view=view, server=status, target=target, problem=problem, lab=lab
    )


def _check_choice(portal: Portal, person: Person, profile_id: str) -> None:
    choice = next((c for c in portal.academy.my_session(person).choices if c.profile.id == profile_id), None)
    if choice is None:
        raise UnknownProfile(f"There is no profile {profile_id!r}.", "Choose one of those below.")
    if choice.why_not:
        raise NoCapacity(f"{choice.profile.title} cannot start now: {choice.why_not}", "Choose another for now.")


def _why_not(portal: Portal, person: Person) -> str:
    try:
        last = portal.academy.my_session(person).last
    except InfrastructureFault:
        last = None
    return f"Your session did not start. {last.reason if last else ''}".strip()


def _back(portal: Portal, target: Target, trying: bool) -> str:
    query = target.query + ((("&" if target.query else "?") + "trying=1") if trying else "")
    return f"{portal.prefix}/session{query}"
