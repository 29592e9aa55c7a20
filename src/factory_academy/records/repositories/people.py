"""Everyone who can sign in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from factory_academy.domain.person import Person, Role
from factory_academy.errors import NotFound
from factory_academy.records.repositories.statements import in_parts
from factory_academy.records.rows.people import PersonRow


class PeopleRepository:
    """People by sign-in name, with the hashes of their passwords."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def find(self, person_id: str) -> Person | None:
        """The person, or None."""
        row = self._db.get(PersonRow, person_id)
        return person_of(row) if row else None

    def of_ids(self, person_ids: Sequence[str]) -> Mapping[str, Person]:
        """Those of these people who exist, by id."""
        found: dict[str, Person] = {}
        for part in in_parts(person_ids):
            rows = self._db.scalars(select(PersonRow).where(PersonRow.id.in_(part)))
            found.update((row.id, person_of(row)) for row in rows)
        return found

    def add(self, person: Person, password_hash: str | None = None) -> None:
        """Add a person.

        Raises:
            Conflict: the sign-in name is taken, or there is no such factory.
        """
        self._db.add(
            PersonRow(
                id=person.id,
                full_name=person.full_name,
                role=person.role,
                factory_id=person.factory_id,
                password_hash=password_hash,
            )
        )
        self._db.flush()

    def password_hash(self, person_id: str) -> str | None:
        """The stored hash; None where there is no such person or they have no password."""
        return self._db.scalar(select(PersonRow.password_hash).where(PersonRow.id == person_id))

    def set_password_hash(self, person_id: str, password_hash: str) -> None:
        """Replace the hash.

        Raises:
            NotFound: there is no such person.
        """
        row = self._db.get(PersonRow, person_id)
        if row is None:
            raise NotFound(f"There is no person {person_id!r}.")
        row.password_hash = password_hash
        self._db.flush()

    def with_role(self, role: Role) -> Sequence[Person]:
        """Everybody with this role, by id."""
        rows = self._db.scalars(select(PersonRow).where(PersonRow.role == role).order_by(PersonRow.id))
        return [person_of(row) for row in rows]

    def is_empty(self) -> bool:
        """Whether nobody can sign in yet."""
        return self._db.scalar(select(PersonRow.id).limit(1)) is None


def person_of(row: PersonRow) -> Person:
    """The person of a row."""
    return Person(row.id, row.full_name, Role(row.role), row.factory_id)
