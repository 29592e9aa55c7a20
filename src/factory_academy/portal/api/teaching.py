"""The API of an instructor: who is in a course, what they handed in, and to have it graded again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from factory_academy.domain.submission import SubmissionState
from factory_academy.portal.api.models.common import (
    CourseOut,
    PageOut,
    ProgressOut,
    RosterLineOut,
    RosterOut,
    RunOut,
    SubmissionOut,
    SubmissionsOut,
)
from factory_academy.portal.api.refusals import RefusalsOut
from factory_academy.portal.api.trainee import CourseId, SubmissionId
from factory_academy.portal.deps import Instructor, TheAcademy
from factory_academy.workflows.paging import Paging

router = APIRouter(prefix="/teaching", tags=["instructor"])
PageNumber = Annotated[int, Query(ge=1, description="Which page, from 1; past the end gives the last one.")]


@router.get("/courses")
def taught_courses(instructor: Instructor, academy: TheAcademy) -> tuple[CourseOut, ...]:
    """The courses you teach."""
    return tuple(CourseOut.of(taught.course) for taught in academy.taught_courses(instructor))


@router.get("/courses/{course_id}/roster")
def roster(course_id: CourseId, instructor: Instructor, academy: TheAcademy, page: PageNumber = 1) -> RosterOut:
    """Who is in a course you teach, by name, and how far they are."""
    found = academy.roster(instructor, course_id, page)
    trainees = tuple(
        RosterLineOut(
            trainee_id=line.person.id,
            full_name=line.person.full_name,
            section_id=line.section.id,
            progress=ProgressOut.of(line.progress),
            certified=line.certificate is not None and line.certificate.revoked_at is None,
        )
        for line in found.lines
    )
    return RosterOut(page=_page(found.paging), trainees=trainees)


@router.get("/courses/{course_id}/submissions")
def submissions(
    course_id: CourseId,
    instructor: Instructor,
    academy: TheAcademy,
    assignment: Annotated[str | None, Query(description="Only those of this assignment.")] = None,
    state: Annotated[SubmissionState | None, Query(description="Only those in this state.")] = None,
    page: PageNumber = 1,
) -> SubmissionsOut:
    """What was handed in for a course you teach, newest first."""
    found = academy.taught_submissions(instructor, course_id, assignment_name=assignment, state=state, page=page)
    lines = tuple(
        SubmissionOut.of(
            line.handed_in.submission,
            line.handed_in.grade.earned if line.handed_in.grade else None,
            line.handed_in.grade.possible if line.handed_in.grade else None,
        )
        for line in found.lines
    )
    return SubmissionsOut(page=_page(found.paging), submissions=lines)


@router.get("/courses/{course_id}/refusals")
def refusals(
    course_id: CourseId,
    instructor: Instructor,
    academy: TheAcademy,
    assignment: Annotated[str | None, Query(description="Only those of this assignment.")] = None,
) -> tuple[RefusalsOut, ...]:
    """Which tests formed no verdict, how often, for whom, and what their author can do; the most refusing first."""
    return tuple(RefusalsOut.of(line) for line in academy.refusals_of_course(instructor, course_id, assignment))


@router.get("/submissions/{submission_id}")
def submission_with_run(submission_id: SubmissionId, instructor: Instructor, academy: TheAcademy) -> RunOut:
    """One submission of a trainee of yours: verdicts, the run cell by cell in plain text, the grade's history."""
    return RunOut.of(academy.taught_submission(instructor, submission_id))


@router.post("/submissions/{submission_id}/regrade", status_code=202)
def regrade(submission_id: SubmissionId, instructor: Instructor, academy: TheAcademy) -> SubmissionOut:
    """Have a finished submission graded again. It waits behind those that people wait for; history is kept."""
    page = academy.taught_submission(instructor, submission_id)
    again = academy.regrade(page.submission.id, instructor.id)
    return SubmissionOut.of(
        again, page.grade.earned if page.grade else None, page.grade.possible if page.grade else None
    )


def _page(paging: Paging) -> PageOut:
    return PageOut(number=paging.number, pages=paging.pages, total=paging.total)
