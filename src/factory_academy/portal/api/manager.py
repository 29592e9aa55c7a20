"""The API of a factory manager: how far each cohort is."""

from __future__ import annotations

from fastapi import APIRouter

from factory_academy.portal.api.models.common import Model
from factory_academy.portal.deps import FactoryManager, TheAcademy

router = APIRouter(prefix="/factory", tags=["factory manager"])


class CohortOut(Model):
    """One cohort in one course. ``mean_fraction`` is the mean of the trainees' progress, 0–1."""

    factory_id: str
    factory_name: str
    cohort: str
    course_id: str
    course_title: str
    trainees: int
    started: int
    certified: int
    mean_fraction: float


@router.get("/cohorts")
def cohort_progress(manager: FactoryManager, academy: TheAcademy) -> tuple[CohortOut, ...]:
    """How far each cohort of your factory is in each course; counts and means, nobody's work."""
    return tuple(
        CohortOut(
            factory_id=line.factory.id,
            factory_name=line.factory.name,
            cohort=line.cohort,
            course_id=line.course.id,
            course_title=line.course.title,
            trainees=line.trainees,
            started=line.started,
            certified=line.certified,
            mean_fraction=line.mean_fraction,
        )
        for line in academy.cohort_progress(manager).lines
    )
