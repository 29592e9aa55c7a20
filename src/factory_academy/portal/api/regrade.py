"""The API of regrades: plan one, let it run, look at what it changes, then publish or drop it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from factory_academy.portal.api.models.regrade import RegradeIn, RegradeOut, RegradeReportOut
from factory_academy.portal.api.teaching import PageNumber
from factory_academy.portal.api.trainee import AssignmentName, CourseId
from factory_academy.portal.deps import Instructor, TheAcademy

router = APIRouter(prefix="/teaching", tags=["instructor"])
RegradeId = Annotated[str, Path(description="The id that planning gave.")]
OF_ASSIGNMENT = "/courses/{course_id}/assignments/{name}/regrades"


@router.get(OF_ASSIGNMENT)
def regrades(
    course_id: CourseId, name: AssignmentName, instructor: Instructor, academy: TheAcademy
) -> tuple[RegradeOut, ...]:
    """The regrades of an assignment, the newest first: who planned and decided them, when and why."""
    return tuple(RegradeOut.of(one) for one in academy.list_regrades(course_id, name, instructor))


@router.post(OF_ASSIGNMENT, status_code=201)
def plan_regrade(
    course_id: CourseId, name: AssignmentName, asked: RegradeIn, instructor: Instructor, academy: TheAcademy
) -> RegradeReportOut:
    """Plan to grade your trainees' submissions again with the present version. Nothing runs and nothing counts yet."""
    regrade = academy.plan_regrade(course_id, name, instructor, asked.wanted())
    return RegradeReportOut.of(academy.view_regrade(regrade.id, instructor))


@router.get("/regrades/{regrade_id}")
def regrade_report(
    regrade_id: RegradeId, instructor: Instructor, academy: TheAcademy, page: PageNumber = 1
) -> RegradeReportOut:
    """What a regrade changes: who gains, who loses, who comes to pass; those that lose first."""
    return RegradeReportOut.of(academy.view_regrade(regrade_id, instructor), page)


@router.post("/regrades/{regrade_id}/start", status_code=202)
def start_regrade(regrade_id: RegradeId, instructor: Instructor, academy: TheAcademy) -> RegradeOut:
    """Let the grading workers try what it needs, behind everything that people wait for."""
    return RegradeOut.of(academy.start_regrade(regrade_id, instructor))


@router.post("/regrades/{regrade_id}/publish")
def publish_regrade(regrade_id: RegradeId, instructor: Instructor, academy: TheAcademy) -> RegradeReportOut:
    """Let the new results count, once all is tried. Whoever was graded meanwhile is left alone. May be repeated."""
    return RegradeReportOut.of(academy.publish_regrade(regrade_id, instructor))


@router.post("/regrades/{regrade_id}/drop")
def drop_regrade(regrade_id: RegradeId, instructor: Instructor, academy: TheAcademy) -> RegradeOut:
    """Let nothing of it count."""
    return RegradeOut.of(academy.drop_regrade(regrade_id, instructor))
