"""The API of appeals: a trainee asks for another look at a task, a person answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from factory_academy.portal.api.models.appeals import AnswerIn, AppealIn, AppealOut, AppealToAnswerOut, MyMarkingOut
from factory_academy.portal.api.trainee import CourseId, SubmissionId
from factory_academy.portal.deps import Instructor, SignedIn, TheAcademy

trainee_router = APIRouter(tags=["trainee"])
instructor_router = APIRouter(prefix="/teaching", tags=["instructor"])


@trainee_router.get("/submissions/{submission_id}/marking")
def my_marking(submission_id: SubmissionId, person: SignedIn, academy: TheAcademy) -> MyMarkingOut:
    """How one of your submissions was judged: its grade's history, comments, appeals. Nobody is named."""
    return MyMarkingOut.of(academy.marking.mine(person, submission_id))


@trainee_router.post("/submissions/{submission_id}/appeals", status_code=201)
def appeal(submission_id: SubmissionId, person: SignedIn, academy: TheAcademy, asked: AppealIn) -> AppealOut:
    """Ask that a person looks at one task again; a task can be appealed against once, and points never fall."""
    return AppealOut.of(academy.marking.appeal(person, submission_id, asked.task_id, asked.reason))


@instructor_router.get("/courses/{course_id}/appeals")
def appeals(
    course_id: CourseId,
    instructor: Instructor,
    academy: TheAcademy,
    everything: Annotated[bool, Query(description="Also those that were answered.")] = False,
) -> tuple[AppealToAnswerOut, ...]:
    """The appeals of your trainees, in the order in which they were opened."""
    found = academy.marking.appeals(instructor, course_id, open_only=not everything)
    return tuple(AppealToAnswerOut.of(one) for one in found)


@instructor_router.post("/appeals/{appeal_id}/answer")
def answer_appeal(
    appeal_id: Annotated[str, Path(description="An appeal's id in the list.")],
    instructor: Instructor,
    academy: TheAcademy,
    answer: AnswerIn,
) -> AppealOut:
    """Decide about an appeal: more points, or none to uphold the score. Either way it is an event of the grade."""
    return AppealOut.of(academy.marking.answer(instructor, appeal_id, answer.points, answer.reason))
