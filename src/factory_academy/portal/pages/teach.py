"""An instructor's pages: courses and sections, roster, submissions, one submission with its run and history."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from factory_academy.domain.person import Person
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import AcademyError, BadInput
from factory_academy.portal.deps import Instructor, Portal, TheAcademy, ThePortal
from factory_academy.portal.pages.render import page
from factory_academy.portal.pages.trainee import seen_of

router = APIRouter(prefix="/teach", include_in_schema=False)
PageNumber = Annotated[str, Query(alias="page")]


@router.get("")
def teaching(request: Request, person: Instructor, academy: TheAcademy) -> HTMLResponse:
    """The courses this instructor teaches, with their sections."""
    return page(request, "teach.html", person, courses=academy.taught_courses(person))


@router.get("/submissions/{submission}")
def submission(request: Request, person: Instructor, portal: ThePortal, submission: str) -> HTMLResponse:
    """One submission with its run and the history of its grade."""
    view = portal.academy.taught_submission(person, submission)
    live = f"{portal.prefix}/teach/submissions/{view.submission.id}/live"
    return page(request, "teach_submission.html", person, view=view, seen=seen_of(view), live_address=live)


@router.get("/submissions/{submission}/live")
def live_submission(
    request: Request, person: Instructor, portal: ThePortal, submission: str, seen: str = ""
) -> Response:
    """What changed since ``seen``: the new verdict, or nothing."""
    view = portal.academy.taught_submission(person, submission)
    if seen == seen_of(view):
        return Response(status_code=204)
    live = f"{portal.prefix}/teach/submissions/{view.submission.id}/live"
    return page(request, "_verdict_update.html", person, view=view, seen=seen_of(view), live_address=live)


@router.post("/submissions/{submission}/regrade")
def regrade(person: Instructor, portal: ThePortal, submission: str) -> RedirectResponse:
    """Queue the submission again; only for a trainee this instructor teaches."""
    found = portal.academy.taught_submission(person, submission).submission
    portal.academy.regrade(found.id, person.id)
    return RedirectResponse(f"{portal.prefix}/teach/submissions/{found.id}", 303)


@router.get("/{course}")
def roster(
    request: Request, person: Instructor, portal: ThePortal, course: str, number: PageNumber = "1", added: str = ""
) -> HTMLResponse:
    """Who is in the course, and how far they are."""
    return _roster(request, person, portal, course, number=page_number(number), added=added)


@router.get("/{course}/submissions")
def submissions(
    request: Request,
    person: Instructor,
    academy: TheAcademy,
    course: str,
    assignment: str = "",
    state: str = "",
    number: PageNumber = "1",
) -> HTMLResponse:
    """What was handed in for the course, newest first."""
    found = academy.taught_submissions(
        person, course, assignment_name=assignment or None, state=_state(state), page=page_number(number)
    )
    query = urlencode({k: v for k, v in (("assignment", assignment), ("state", state)) if v})
    return page(
        request,
        "teach_submissions.html",
        person,
        found=found,
        assignment=assignment,
        state=state,
        query=f"{query}&" if query else "",
    )


@router.post("/{course}/trainees")
def add_trainee(
    request: Request,
    person: Instructor,
    portal: ThePortal,
    course: str,
    name: Annotated[str, Form()],
    section: Annotated[str, Form()],
) -> Response:
    """Put a trainee into one of this instructor's sections; a refusal is shown at the field."""
    taught = portal.academy.roster(person, course).taught
    wanted = name.strip().lower()
    try:
        if section not in {line.section.id for line in taught.sections}:
            raise BadInput("Choose one of your own sections.")
        portal.academy.enrol(wanted, section, by=person)
    except AcademyError as error:
        said = f"{error} {error.next_step}".strip()
        return _roster(request, person, portal, course, name=name, section=section, error=said, status=error.status)
    query = urlencode({"added": wanted})
    return RedirectResponse(f"{portal.prefix}/teach/{course}?{query}", 303)


def _roster(
    request: Request,
    person: Person,
    portal: Portal,
    course: str,
    *,
    number: int = 1,
    added: str = "",
    name: str = "",
    section: str = "",
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    found = portal.academy.roster(person, course, number)
    return page(
        request,
        "teach_course.html",
        person,
        status,
        roster=found,
        added=added,
        name=name,
        section=section,
        error=error,
    )


def page_number(text: str) -> int:
    """The page that an address asks for; the first where it asks for none that could be."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 1


def _state(text: str) -> SubmissionState | None:
    return SubmissionState(text) if text in set(SubmissionState) else None
