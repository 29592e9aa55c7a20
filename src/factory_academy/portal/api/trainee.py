"""The API of a trainee: fetch, hand in, see what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from factory_academy.domain.bundle import zip_bytes
from factory_academy.domain.submission import MAX_ARCHIVE_BYTES, Submission
from factory_academy.domain.waiting import Wait
from factory_academy.errors import BadArchive
from factory_academy.portal.api.models.common import (
    AssignmentOut,
    CertificateOut,
    CourseOut,
    ProgressOut,
    ReceiptOut,
    SubmissionDetailOut,
    SubmissionOut,
    WaitOut,
)
from factory_academy.portal.deps import SignedIn, TheAcademy, ThePortal
from factory_academy.portal.guards import too_large

router = APIRouter(tags=["trainee"])
CourseId = Annotated[str, Path(description="The id of a course, e.g. `data-pipelines`.")]
AssignmentName = Annotated[str, Path(description="The name of an assignment, e.g. `dp4`.")]
SubmissionId = Annotated[str, Path(description="The id on the receipt.")]
ZIP = {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}


async def archive_body(request: Request) -> bytes:
    """The body of an upload, never more of it than the limit.

    Raises:
        BadArchive: the body is not declared as a zip archive.
        TooLarge: it is longer than the limit.
    """
    kind = request.headers.get("content-type", "nothing").partition(";")[0]
    if kind != "application/zip":
        raise BadArchive(f"Expected a body of type application/zip, got {kind}.", "Send a zip archive.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_ARCHIVE_BYTES:
            raise too_large("more", MAX_ARCHIVE_BYTES)
    return bytes(body)


@router.get("/courses")
def my_courses(person: SignedIn, academy: TheAcademy) -> tuple[CourseOut, ...]:
    """The courses you are enrolled in, with their released assignments."""
    return tuple(CourseOut.of(enrolled.course) for enrolled in academy.my_courses(person).courses)


@router.get("/courses/{course_id}/assignments")
def assignments(course_id: CourseId, person: SignedIn, academy: TheAcademy) -> tuple[AssignmentOut, ...]:
    """The released assignments of one of your courses, in course order."""
    return tuple(AssignmentOut.of(a) for a in academy.view_course(person, course_id).course.assignments)


@router.get("/courses/{course_id}/assignments/{name}/release", response_class=Response, responses={200: {**ZIP}})
def release(course_id: CourseId, name: AssignmentName, person: SignedIn, academy: TheAcademy) -> Response:
    """The files you begin an assignment with, as a zip archive; the same version gives the same bytes."""
    return Response(zip_bytes(academy.fetch_release(person.id, course_id, name)), media_type="application/zip")


@router.post(
    "/courses/{course_id}/assignments/{name}/submissions",
    status_code=201,
    responses={
        200: {"model": ReceiptOut, "description": "These very bytes were handed in before: their receipt."},
        413: {"description": "More bytes or files than allowed."},
        429: {"description": "Handed in as often as the assignment allows within an hour; the answer says until when."},
    },
    openapi_extra={"requestBody": {"required": True, **ZIP}},
)
async def submit(
    course_id: CourseId,
    name: AssignmentName,
    person: SignedIn,
    academy: TheAcademy,
    archive: Annotated[bytes, Depends(archive_body)],
    response: Response,
) -> ReceiptOut:
    """Hand in a zip archive of your assignment folder. Sending the same bytes again gives the same receipt."""
    began_at = academy.clock()
    submission = await run_in_threadpool(academy.submit, person.id, course_id, name, archive)
    if submission.received_at < began_at:
        response.status_code = 200
    return receipt_of(submission, *await run_in_threadpool(academy.my_submissions.place, submission))


@router.get("/submissions")
def my_submissions(
    person: SignedIn,
    academy: TheAcademy,
    course: Annotated[str | None, Query(description="Only those of this course.")] = None,
    assignment: Annotated[str | None, Query(description="Only those of this assignment.")] = None,
) -> tuple[SubmissionOut, ...]:
    """What you handed in, newest first."""
    found, grades = academy.my_submissions(person, course, assignment)
    return tuple(
        SubmissionOut.of(s, grades[s.id].earned, grades[s.id].possible)
        if s.id in grades
        else SubmissionOut.of(s, None, None)
        for s in found
    )


@router.get("/submissions/{submission_id}")
def my_submission(submission_id: SubmissionId, person: SignedIn, academy: TheAcademy) -> SubmissionDetailOut:
    """One of your submissions: its state and reason, and the verdict of every task."""
    return SubmissionDetailOut.of(academy.view_submission(person, submission_id))


@router.post("/submissions/{submission_id}/requeue", status_code=202)
def requeue(submission_id: SubmissionId, person: SignedIn, academy: TheAcademy) -> SubmissionOut:
    """Have a submission that ended as our fault tried again: your own, one of a trainee of yours, or as an operator.

    It costs no attempt. One that waits already is left alone.
    """
    return SubmissionOut.of(academy.requeue(submission_id, person), None, None)


@router.get("/dead-letters")
def dead_letters(
    person: SignedIn,
    academy: TheAcademy,
    course: Annotated[str | None, Query(description="Only those of this course.")] = None,
) -> tuple[SubmissionOut, ...]:
    """What could not be graded for a fault of ours, newest first: your own, your trainees', or as an operator all."""
    return tuple(SubmissionOut.of(s, None, None) for s in academy.dead_letters(person, course))


@router.get("/progress")
def my_progress(person: SignedIn, academy: TheAcademy) -> tuple[ProgressOut, ...]:
    """How far you are in each of your courses."""
    return tuple(ProgressOut.of(enrolled.progress) for enrolled in academy.my_courses(person).courses)


@router.get("/certificates")
def my_certificates(person: SignedIn, academy: TheAcademy, portal: ThePortal) -> tuple[CertificateOut, ...]:
    """Your certificates, newest first, also those that were taken back."""
    return tuple(CertificateOut.of(c, portal.prefix) for c in academy.my_certificates(person))


def receipt_of(submission: Submission, position: int | None, wait: Wait | None = None) -> ReceiptOut:
    """The receipt of a submission, with its place in the queue and how long that takes."""
    receipt = submission.receipt
    return ReceiptOut(
        submission_id=receipt.submission_id,
        assignment_id=receipt.assignment_id,
        content=receipt.content,
        received_at=receipt.received_at,
        state=submission.state.value,
        position=position,
        wait=WaitOut.of(wait),
    )
