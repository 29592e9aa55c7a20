"""The memory of the academy: one database, reached in transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from factory_academy.records.engine import open_engine
from factory_academy.records.faults import told_as_academy_errors
from factory_academy.records.repositories.appeals import AppealRepository
from factory_academy.records.repositories.certificates import CertificateRepository
from factory_academy.records.repositories.courses import CourseRepository
from factory_academy.records.repositories.deadlines import DeadlineRepository
from factory_academy.records.repositories.enrolments import EnrolmentRepository
from factory_academy.records.repositories.factories import FactoryRepository
from factory_academy.records.repositories.grades import GradeRepository
from factory_academy.records.repositories.grading_workers import GradingWorkerRepository
from factory_academy.records.repositories.kept_scores import KeptScoreRepository
from factory_academy.records.repositories.marks import MarkRepository
from factory_academy.records.repositories.people import PeopleRepository
from factory_academy.records.repositories.queue import QueueRepository
from factory_academy.records.repositories.regrades import RegradeRepository
from factory_academy.records.repositories.rubrics import RubricRepository
from factory_academy.records.repositories.sessions import SessionRepository
from factory_academy.records.repositories.submissions import SubmissionRepository


class RecordStore:
    """Records in a SQLite file or a PostgreSQL database. Threads and processes may share one database.

    Raises:
        BadSetting: the address is not one of these.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    @contextmanager
    def transaction(self) -> Iterator[AllRepositories]:
        """Repositories of one transaction: committed when the block ends, rolled back when it raises.

        Raises:
            Conflict: what was written contradicts what is on record.
            InfrastructureFault: the records are away, full, busy or not set up.
        """
        with told_as_academy_errors(), Session(self._engine) as db, db.begin():
            yield AllRepositories(db)

    @contextmanager
    def reading(self) -> Iterator[AllRepositories]:
        """Repositories to look at, all showing one moment. Waits for no writer and keeps none waiting.

        Raises:
            InfrastructureFault: as for ``transaction``, and where something is written.
        """
        with told_as_academy_errors(), Session(self._looking) as db, db.begin():
            yield AllRepositories(db)

    def close(self) -> None:
        """Give up all connections; the next transaction opens new ones."""
        self._engine.dispose()

    @cached_property
    def _looking(self) -> Engine:
        options = {"postgresql_readonly": True}
        if self._engine.dialect.name == "postgresql":
            return self._engine.execution_options(isolation_level="REPEATABLE READ", **options)
        return self._engine.execution_options(**options)


class AllRepositories:
    """All repositories of one transaction, each made when it is first asked for."""

    def __init__(self, db: Session) -> None:
        self._db = db

    @cached_property
    def people(self) -> PeopleRepository:
        """Everyone who can sign in."""
        return PeopleRepository(self._db)

    @cached_property
    def factories(self) -> FactoryRepository:
        """Factories and their cohorts."""
        return FactoryRepository(self._db)

    @cached_property
    def courses(self) -> CourseRepository:
        """Courses, their sections and released versions."""
        return CourseRepository(self._db)

    @cached_property
    def enrolments(self) -> EnrolmentRepository:
        """Trainees in sections."""
        return EnrolmentRepository(self._db)

    @cached_property
    def submissions(self) -> SubmissionRepository:
        """Everything ever handed in."""
        return SubmissionRepository(self._db)

    @cached_property
    def queue(self) -> QueueRepository:
        """What waits for a verdict."""
        return QueueRepository(self._db)

    @cached_property
    def grading_workers(self) -> GradingWorkerRepository:
        """Who works on the queue, and how long it takes."""
        return GradingWorkerRepository(self._db)

    @cached_property
    def grades(self) -> GradeRepository:
        """Append-only grade events."""
        return GradeRepository(self._db)

    @cached_property
    def regrades(self) -> RegradeRepository:
        """What is graded again after a correction."""
        return RegradeRepository(self._db)

    @cached_property
    def kept_scores(self) -> KeptScoreRepository:
        """Scores by what decides about them."""
        return KeptScoreRepository(self._db)

    @cached_property
    def sessions(self) -> SessionRepository:
        """Sessions and leases."""
        return SessionRepository(self._db)

    @cached_property
    def certificates(self) -> CertificateRepository:
        """Certificates and credentials."""
        return CertificateRepository(self._db)

    @cached_property
    def marks(self) -> MarkRepository:
        """Marks that people give."""
        return MarkRepository(self._db)

    @cached_property
    def rubrics(self) -> RubricRepository:
        """What people mark by."""
        return RubricRepository(self._db)

    @cached_property
    def appeals(self) -> AppealRepository:
        """Appeals and their answers."""
        return AppealRepository(self._db)

    @cached_property
    def deadlines(self) -> DeadlineRepository:
        """Deadlines and extensions."""
        return DeadlineRepository(self._db)
