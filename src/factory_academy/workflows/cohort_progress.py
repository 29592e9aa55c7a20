"""What a factory manager sees: how far each cohort is in each course, and the certificates issued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from factory_academy.domain.certificate import Certificate
from factory_academy.domain.course import Course
from factory_academy.domain.factory import Cohort, Factory
from factory_academy.domain.person import Person
from factory_academy.domain.progress import Progress
from factory_academy.workflows.group_progress import progress_of_many
from factory_academy.workflows.ports import Records, Repositories

NO_COHORT = "No cohort"


@dataclass(frozen=True, slots=True)
class TraineeStanding:
    """One trainee of a factory in one course."""

    factory: Factory
    cohort: str
    person: Person
    progress: Progress
    certificate: Certificate | None

    @property
    def submissions(self) -> int:
        """How often they handed in."""
        return sum(a.submissions for a in self.progress.assignments)

    @property
    def latest_at(self) -> datetime | None:
        """When they last handed in; None if never."""
        return max((a.latest_at for a in self.progress.assignments if a.latest_at), default=None)


@dataclass(frozen=True, slots=True)
class CohortLine:
    """One cohort in one course. ``mean_fraction`` is the mean of the trainees' progress, 0–1."""

    factory: Factory
    cohort: str
    course: Course
    trainees: int
    started: int
    certified: int
    mean_fraction: float

    @property
    def under_way(self) -> int:
        """Those who handed in and have no certificate yet."""
        return self.started - self.certified

    @property
    def not_begun(self) -> int:
        """Those who have neither."""
        return self.trainees - self.started


@dataclass(frozen=True, slots=True)
class FactoryPage:
    """A manager's page: a line a cohort and course, everyone's standing, the certificates newest first."""

    factories: tuple[Factory, ...]
    lines: tuple[CohortLine, ...]
    standings: tuple[TraineeStanding, ...]
    certificates: tuple[Certificate, ...]

    @property
    def trainees(self) -> int:
        """People in at least one course."""
        return len({s.person.id for s in self.standings})

    @property
    def started(self) -> int:
        """People who handed in at least once."""
        return len({s.person.id for s in self.standings if s.submissions})


@dataclass(frozen=True, slots=True)
class CohortProgress:
    """The progress of a manager's factory; of all factories for a manager of none in particular."""

    records: Records

    def __call__(self, manager: Person) -> FactoryPage:
        """In the order of factories, courses and cohorts; names but no notebooks."""
        with self.records.reading() as repositories:
            factories = tuple(f for f in repositories.factories.all() if manager.factory_id in (None, f.id))
            issued = [
                c for course in repositories.courses.all() for c in repositories.certificates.of_course(course.id)
            ]
            standings = tuple(s for f in factories for s in _standings(repositories, f, issued))
        shown = {f.id for f in factories}
        theirs = sorted((c for c in issued if c.factory_id in shown), key=lambda c: c.issued_at, reverse=True)
        return FactoryPage(factories, cohort_lines(standings), standings, tuple(theirs))


def cohort_lines(standings: tuple[TraineeStanding, ...]) -> tuple[CohortLine, ...]:
    """The standings summed up, a line a cohort and course, in the order in which they first appear."""
    groups: dict[tuple[str, str, str], list[TraineeStanding]] = {}
    for standing in standings:
        key = (standing.factory.id, standing.cohort, standing.progress.course.id)
        groups.setdefault(key, []).append(standing)
    return tuple(
        CohortLine(
            factory=group[0].factory,
            cohort=group[0].cohort,
            course=group[0].progress.course,
            trainees=len(group),
            started=sum(1 for s in group if s.submissions or s.certificate),
            certified=sum(1 for s in group if s.certificate),
            mean_fraction=sum(s.progress.fraction for s in group) / len(group),
        )
        for group in groups.values()
    )


def _standings(repositories: Repositories, factory: Factory, issued: list[Certificate]) -> list[TraineeStanding]:
    cohort_of = _cohort_of(repositories, repositories.factories.cohorts(factory.id))
    held = {(c.trainee_id, c.course_id): c for c in issued if c.revoked_at is None}
    sections = [s for s in repositories.courses.sections() if s.factory_id == factory.id]
    enrolments = [e for e in repositories.enrolments.of_sections([s.id for s in sections]) if e.is_active]
    people = repositories.people.of_ids(sorted({e.trainee_id for e in enrolments}))
    standings = []
    for course in repositories.courses.all():
        here = {s.id for s in sections if s.course_id == course.id}
        enrolled = sorted({e.trainee_id for e in enrolments if e.section_id in here and e.trainee_id in people})
        if not enrolled:
            continue
        progress = progress_of_many(repositories, enrolled, course)
        standings += [
            TraineeStanding(
                factory, cohort_of.get(who, NO_COHORT), people[who], progress[who], held.get((who, course.id))
            )
            for who in enrolled
        ]
    return sorted(standings, key=lambda s: (s.cohort == NO_COHORT, s.cohort))


def _cohort_of(repositories: Repositories, cohorts: Sequence[Cohort]) -> dict[str, str]:
    return {
        person.id: cohort.name for cohort in cohorts for person in repositories.factories.trainees_of_cohort(cohort.id)
    }
