"""A submission's feedback as one page that stands by itself, so that it can be kept in a home and read offline."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from factory_academy.errors import NotFound
from factory_academy.portal.api.trainee import SubmissionId
from factory_academy.portal.deps import SignedIn, TheAcademy
from factory_academy.portal.languages.feedback import Language, told_in
from factory_academy.portal.pages.render import render_alone
from factory_academy.workflows.course_view import SubmissionPage

router = APIRouter(tags=["trainee"])
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


@router.get("/submissions/{submission_id}/feedback", response_class=HTMLResponse)
def feedback(submission_id: SubmissionId, person: SignedIn, academy: TheAcademy, language: Language) -> HTMLResponse:
    """The feedback on one of your submissions, once it has its verdict: a page of ours, without scripts or links."""
    view = told_in(academy.view_submission(person, submission_id), language)
    if not view.submission.state.is_terminal:
        raise NotFound("There is no feedback yet: the submission waits for its verdict.", "Look again in a moment.")
    return HTMLResponse(feedback_page(view), headers={"Content-Security-Policy": POLICY})


def feedback_page(view: SubmissionPage) -> str:
    """The feedback as HTML: whatever a trainee or a test said is escaped text in it."""
    return render_alone("feedback.html", view=view, css=_style())


@cache
def _style() -> Markup:
    return Markup((Path(__file__).parents[1] / "static" / "academy.css").read_text(encoding="utf-8"))
