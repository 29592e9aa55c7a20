"""An operator's page: sessions, devices, the queue, and whether each part is well."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from factory_academy.domain.person import Person
from factory_academy.portal.deps import Operator, Portal, ThePortal
from factory_academy.portal.pages.format import duration, percent, size
from factory_academy.portal.pages.render import page
from factory_academy.workflows.operations import OperationsPage

router = APIRouter(prefix="/operate", include_in_schema=False)
FULL_FRACTION = 0.9
QUIET_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Check:
    """Whether one part is well, in a word and a sentence."""

    name: str
    tone: str
    state: str
    detail: str


@router.get("")
def operate(request: Request, person: Operator, portal: ThePortal) -> HTMLResponse:
    """The state of the academy now."""
    return _page(request, "operate.html", person, portal)


@router.get("/live")
def live(request: Request, person: Operator, portal: ThePortal) -> HTMLResponse:
    """The same without its frame, to renew the page in place."""
    return _page(request, "_operations.html", person, portal)


@router.post("/submissions/{submission}/requeue")
def requeue(person: Operator, portal: ThePortal, submission: str) -> RedirectResponse:
    """Have a submission tried again that ended as our fault."""
    portal.academy.requeue(submission, person)
    return RedirectResponse(f"{portal.prefix}/operate", 303)


def _page(request: Request, template: str, person: Person, portal: Portal) -> HTMLResponse:
    view = portal.academy.operations()
    profiles = {p.id: p.title for p in portal.academy.profiles.all()}
    health = (
        Check("Records", "good", "Well", "They were read for this page."),
        hub_check(portal.hub.answers()),
        grader_check(view),
        disk_check(portal.academy.settings.blobs),
    )
    return page(request, template, person, view=view, profiles=profiles, health=health)


def hub_check(answers: bool) -> Check:
    """Whether the hub answers."""
    if answers:
        return Check("Hub", "good", "Well", "It answers.")
    return Check("Hub", "bad", "Away", "It does not answer: nobody can sign in or start a session.")


def grader_check(view: OperationsPage) -> Check:
    """Whether graders do their work: a queue that waits while nothing is graded is a fault."""
    last = view.last_graded_at
    said = f"Last verdict {duration(view.at - last)} ago." if last else "No verdict yet."
    stuck = view.waiting > 0 and view.held == 0 and _quiet(view.at, last)
    if stuck:
        return Check("Graders", "bad", "Silent", f"{said} {view.waiting} wait and none is being graded.")
    if view.waiting == 0 and view.held == 0:
        return Check("Graders", "good", "Idle", f"{said} Nothing waits.")
    return Check("Graders", "good", "At work", f"{said} {view.held} being graded, {view.waiting} waiting.")


def disk_check(folder: Path) -> Check:
    """How full the disk of the blobs is; nothing can be handed in once it is full."""
    existing = next((f for f in (folder, *folder.parents) if f.exists()), Path("/"))
    usage = shutil.disk_usage(existing)
    said = f"{size(usage.free)} free of {size(usage.total)}, {percent(usage.used / usage.total)} used."
    if usage.used / usage.total > FULL_FRACTION:
        return Check("Disk of the blobs", "warn", "Nearly full", said)
    return Check("Disk of the blobs", "good", "Well", said)


def _quiet(now: datetime, last: datetime | None) -> bool:
    return last is None or now - last > QUIET_FOR
