"""Factories and their cohorts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from factory_academy.domain.factory import Cohort, Factory
from factory_academy.domain.person import Person
from factory_academy.records.repositories.people import person_of
from factory_academy.records.repositories.statements import insert_new, upsert
from factory_academy.records.rows.people import CohortMemberRow, CohortRow, FactoryRow, PersonRow


class FactoryRepository:
    """Factories and cohorts by id; lists are in order of id."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def ensure(self, factory: Factory) -> None:
        """Add a factory or bring it up to date."""
        values = {"name": factory.name, "city": factory.city, "country": factory.country, "focus": factory.focus}
        upsert(self._db, FactoryRow, {"id": factory.id, **values})

    def find(self, factory_id: str) -> Factory | None:
        """The factory, or None."""
        row = self._db.get(FactoryRow, factory_id)
        return _factory(row) if row else None

    def all(self) -> Sequence[Factory]:
        """Every factory."""
        return [_factory(row) for row in self._db.scalars(select(FactoryRow).order_by(FactoryRow.id))]

    def ensure_cohort(self, cohort: Cohort) -> None:
        """Add a cohort or bring it up to date.

        Raises:
            Conflict: there is no such factory.
        """
        upsert(self._db, CohortRow, {"id": cohort.id, "factory_id": cohort.factory_id, "name": cohort.name})

    def cohorts(self, factory_id: str) -> Sequence[Cohort]:
        """The cohorts of a factory."""
        query = select(CohortRow).where(CohortRow.factory_id == factory_id).order_by(CohortRow.id)
        return [Cohort(row.id, row.factory_id, row.name) for row in self._db.scalars(query)]

    def add_to_cohort(self, cohort_id: str, trainee_id: str) -> None:
        """Put a trainee into a cohort; doing it again changes nothing.

        Raises:
            Conflict: there is no such cohort or person.
        """
        insert_new(self._db, CohortMemberRow, {"cohort_id": cohort_id, "trainee_id": trainee_id})

    def trainees_of_cohort(self, cohort_id: str) -> Sequence[Person]:
        """The trainees of a cohort."""
        query = select(PersonRow).join(CohortMemberRow, CohortMemberRow.trainee_id == PersonRow.id)
        query = query.where(CohortMemberRow.cohort_id == cohort_id).order_by(PersonRow.id)
        return [person_of(row) for row in self._db.scalars(query)]


def _factory(row: FactoryRow) -> Factory:
    return Factory(row.id, row.name, row.city, row.country, row.focus)
