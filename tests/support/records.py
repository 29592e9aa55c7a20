"""The fake of the records: in memory, one transaction at a time, rolled back when it raises.

``stocked`` fills any records with what most tests need. The fake refuses what a database would: a second row with
one id, a reference to nothing, two open leases of one device.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from factory_academy.domain.course import Assignment, CertificateRule, Course, Section, Task, TaskKind
from factory_academy.domain.enrolment import Enrolment
from factory_academy.domain.factory import Factory
from factory_academy.domain.person import Person, Role
from factory_academy.errors import InfrastructureFault
from factory_academy.workflows.ports import Records
from tests.support.fake_state import State
from tests.support.marking_repositories import FakeAppeals, FakeDeadlines, FakeMarks, FakeRubrics
from tests.support.queue_repositories import FakeGradingWorkers, FakeQueue
from tests.support.regrade_repositories import FakeKeptScores, FakeRegrades
from tests.support.repositories import (
    FakeCertificates,
    FakeCourses,
    FakeEnrolments,
    FakeFactories,
    FakeGrades,
    FakePeople,
    FakeSessions,
    FakeSubmissions,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOLOGNA = Factory("bologna", "IT4LIA", "Bologna", "IT", "agri-food")
MIRA = Person("mira", "Mira Moretti", Role.TRAINEE, "bologna")
JUN = Person("jun", "Jun Aalto", Role.TRAINEE, "bologna")
IVO = Person("ivo", "Ivo Instructor", Role.INSTRUCTOR, "bologna")
TASKS = (Task("t1", 6.0, TaskKind.VISIBLE, "Load"), Task("t2", 4.0, TaskKind.HIDDEN, "Join"))
PIPELINES = Course("pipelines", "Data pipelines", certificate=CertificateRule("Pipeline builder", pass_fraction=0.7))
DP4 = Assignment("pipelines", "dp4", "Streaming", TASKS, version="d4" * 32, source_version="54" * 32, hardened=True)
SPRING = Section("pipelines-spring", "pipelines", "bologna", "Spring", starts_at=datetime(2026, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class FakeRepositories:
    people: FakePeople
    factories: FakeFactories
    courses: FakeCourses
    enrolments: FakeEnrolments
    submissions: FakeSubmissions
    queue: FakeQueue
    grading_workers: FakeGradingWorkers
    grades: FakeGrades
    sessions: FakeSessions
    certificates: FakeCertificates
    marks: FakeMarks
    rubrics: FakeRubrics
    appeals: FakeAppeals
    deadlines: FakeDeadlines
    regrades: FakeRegrades
    kept_scores: FakeKeptScores


class FakeRecords:
    """Implements ``Records``. ``away`` says why no transaction can begin, as when a database is gone."""

    def __init__(self) -> None:
        self.away = ""
        self._state = State()
        self._lock = threading.Lock()
        self._owner: int | None = None

    @contextmanager
    def transaction(self) -> Iterator[FakeRepositories]:
        with self._alone():
            work = self._state.copy()
            yield _repositories(work)
            self._state = work

    @contextmanager
    def reading(self) -> Iterator[FakeRepositories]:
        with self._alone():
            work = self._state.copy()
            yield _repositories(work)
            if work != self._state:
                raise InfrastructureFault("Something was written where only reading was agreed.")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self.away:
            raise InfrastructureFault(self.away)
        if self._owner == threading.get_ident():
            raise RuntimeError("transactions do not nest: a real database would wait for itself here")
        with self._lock:
            self._owner = threading.get_ident()
            try:
                yield
            finally:
                self._owner = None


def _repositories(state: State) -> FakeRepositories:
    return FakeRepositories(
        FakePeople(state),
        FakeFactories(state),
        FakeCourses(state),
        FakeEnrolments(state),
        FakeSubmissions(state),
        FakeQueue(state),
        FakeGradingWorkers(state),
        FakeGrades(state),
        FakeSessions(state),
        FakeCertificates(state),
        FakeMarks(state),
        FakeRubrics(state),
        FakeAppeals(state),
        FakeDeadlines(state),
        FakeRegrades(state),
        FakeKeptScores(state),
    )


def stocked(records: Records, blob: str = "b" * 64) -> None:
    """Put in one factory, two trainees and an instructor, one course with one released assignment, one section.

    Mira and Jun are enrolled. The bundle of the assignment is said to lie at ``blob``.
    """
    with records.transaction() as repositories:
        repositories.factories.ensure(BOLOGNA)
        for person in (MIRA, JUN, IVO):
            repositories.people.add(person)
        repositories.courses.ensure(PIPELINES)
        repositories.courses.release(DP4, blob, NOON)
        repositories.courses.ensure_section(SPRING)
        for trainee in (MIRA, JUN):
            repositories.enrolments.add(Enrolment(trainee.id, SPRING.id, NOON))
