"""A trainee's pages: home, courses, assignments, submissions, certificates."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from factory_academy.domain.person import Role
from factory_academy.errors import NotAllowed, SignInRefused
from factory_academy.portal.deps import Portal, SignedIn, TheAcademy, ThePortal, Trainee, signed_in
from factory_academy.portal.languages.feedback import Language, told_in
from factory_academy.portal.pages.render import page
from factory_academy.workflows.course_view import SubmissionPage

router = APIRouter(include_in_schema=False)
FIRST_PAGE = {Role.INSTRUCTOR: "/teach", Role.FACTORY_MANAGER: "/factory", Role.OPERATOR: "/operate"}


@router.get("/")
def home(request: Request, portal: ThePortal) -> Response:
    """The first page of whoever comes: their own by role, or what this is for those not signed in."""
    try:
        person = signed_in(request)
    except SignInRefused:
        return welcome(request, portal)
    if person.role is not Role.TRAINEE:
        return RedirectResponse(portal.prefix + FIRST_PAGE[person.role], 303)
    return page(request, "home.html", person, home=portal.academy.my_courses(person))


def welcome(request: Request, portal: ThePortal) -> HTMLResponse:
    """What this is and how to get in."""
    with portal.academy.records.reading() as repositories:
        factories = repositories.factories.all()
        courses = repositories.courses.all()
    return page(request, "welcome.html", factories=factories, courses=courses)


@router.post("/enrol")
def join(person: Trainee, portal: ThePortal, section: Annotated[str, Form()]) -> RedirectResponse:
    """Take a place in one of the sections that are open to this trainee, and go to its course."""
    offered = {place.section.id: place for place in portal.academy.my_courses(person).places}
    if section not in offered:
        raise NotAllowed("This section is not open to you.", "Choose one of the open sections on your home page.")
    portal.academy.enrol(person.id, section)
    return RedirectResponse(f"{portal.prefix}/courses/{offered[section].course.id}", 303)


@router.get("/courses/{course}")
def course(request: Request, person: Trainee, academy: TheAcademy, course: str) -> HTMLResponse:
    """A course with this trainee's standing."""
    return page(request, "course.html", person, view=academy.view_course(person, course))


@router.get("/courses/{course}/{assignment}")
def assignment(request: Request, person: Trainee, academy: TheAcademy, course: str, assignment: str) -> HTMLResponse:
    """An assignment, its tasks, and what this trainee handed in."""
    return page(request, "assignment.html", person, view=academy.view_assignment(person, course, assignment))


@router.get("/submissions/{submission}")
def submission(request: Request, person: SignedIn, portal: ThePortal, language: Language, submission: str) -> Response:
    """A submission with its verdict; an instructor is shown the instructor's page of it."""
    if person.role is Role.INSTRUCTOR:
        return RedirectResponse(f"{portal.prefix}/teach/submissions/{submission}", 303)
    view = told_in(portal.academy.view_submission(person, submission), language)
    hints = portal.academy.open_hints(person, submission)
    live = _live(portal, view)
    return page(request, "submission.html", person, view=view, seen=seen_of(view), live_address=live, hints=hints)


@router.get("/submissions/{submission}/live")
def live_verdict(
    request: Request, person: SignedIn, portal: ThePortal, language: Language, submission: str, seen: str = ""
) -> Response:
    """What changed since ``seen``: the new verdict, or nothing."""
    view = told_in(portal.academy.view_submission(person, submission), language)
    if seen == seen_of(view):
        return Response(status_code=204)
    hints, live = portal.academy.open_hints(person, submission), _live(portal, view)
    return page(request, "_verdict_update.html", person, view=view, seen=seen_of(view), live_address=live, hints=hints)


@router.post("/submissions/{submission}/requeue")
def requeue(person: SignedIn, portal: ThePortal, submission: str) -> RedirectResponse:
    """Have a submission tried again that ended as our fault, and look at it."""
    portal.academy.requeue(submission, person)
    return RedirectResponse(f"{portal.prefix}/submissions/{submission}", 303)


@router.get("/certificates")
def certificates(request: Request, person: Trainee, academy: TheAcademy) -> HTMLResponse:
    """A trainee's certificates, ready to be shown to others."""
    address = academy.settings.portal_url
    return page(request, "certificates.html", person, held=academy.my_certificates(person), address=address)


def seen_of(view: SubmissionPage) -> str:
    """What a page shows of a submission, so that the next look can tell whether anything changed."""
    return f"{view.submission.state.value}-{view.position}-{len(view.history)}"


def _live(portal: Portal, view: SubmissionPage) -> str:
    return f"{portal.prefix}/submissions/{view.submission.id}/live"
