"""Issued certificates with their signed credentials."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from factory_academy.domain.certificate import Certificate
from factory_academy.errors import Conflict, NotFound
from factory_academy.records.repositories.statements import insert, insert_new
from factory_academy.records.repositories.texts import pairs_from_text, pairs_to_text, rule_from_text, rule_to_text
from factory_academy.records.rows.certificates import CertificateRow, CounterRow

_COUNTER = "certificate_status"


class CertificateRepository:
    """Certificates by their unguessable id; lists are in order of time."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, certificate: Certificate, credential: str) -> bool:
        """Whether it is new; False where the trainee holds one of this course already.

        Raises:
            Conflict: the id or the status index is taken, or the trainee, course or factory is not on record.
        """
        if insert_new(self._db, CertificateRow, {**_values(certificate), "credential": credential}):
            return True
        holds_one = (CertificateRow.trainee_id == certificate.trainee_id) & (
            CertificateRow.course_id == certificate.course_id
        )
        if not self._where(holds_one):
            raise Conflict(f"The id or the status index {certificate.status_index} of a new certificate is taken.")
        return False

    def find(self, certificate_id: str) -> Certificate | None:
        """The certificate, revoked or not, or None."""
        row = self._db.get(CertificateRow, certificate_id)
        return _certificate(row) if row else None

    def credential(self, certificate_id: str) -> str | None:
        """The signed credential as JSON text, byte for byte as it was issued, or None."""
        return self._db.scalar(select(CertificateRow.credential).where(CertificateRow.id == certificate_id))

    def of_trainee(self, trainee_id: str) -> Sequence[Certificate]:
        """All that a trainee was ever issued."""
        return self._where(CertificateRow.trainee_id == trainee_id)

    def of_course(self, course_id: str) -> Sequence[Certificate]:
        """All that were ever issued for a course."""
        return self._where(CertificateRow.course_id == course_id)

    def next_status_index(self) -> int:
        """A place in the status list that no other certificate has, from 0.

        Whoever else asks waits until this transaction ends: the counter's row is locked.
        """
        first = insert(self._db, CounterRow).values(name=_COUNTER, value=1)
        grown = first.on_conflict_do_update(index_elements=["name"], set_={"value": CounterRow.value + 1})
        return int(self._db.execute(grown.returning(CounterRow.value)).scalar_one()) - 1

    def revoked_indices(self) -> frozenset[int]:
        """The places in the status list of all that were revoked."""
        query = select(CertificateRow.status_index).where(CertificateRow.revoked_at.is_not(None))
        return frozenset(self._db.scalars(query))

    def revoke(self, certificate_id: str, at: datetime) -> None:
        """Take a certificate back; one that was revoked before keeps its time.

        Raises:
            NotFound: there is no such certificate.
        """
        row = self._db.get(CertificateRow, certificate_id)
        if row is None:
            raise NotFound(f"There is no certificate {certificate_id!r}.")
        row.revoked_at = row.revoked_at or at
        self._db.flush()

    def _where(self, condition: ColumnElement[bool]) -> list[Certificate]:
        query = select(CertificateRow).where(condition).order_by(CertificateRow.issued_at, CertificateRow.id)
        return [_certificate(row) for row in self._db.scalars(query)]


def _values(certificate: Certificate) -> dict[str, object]:
    return {
        "id": certificate.id,
        "trainee_id": certificate.trainee_id,
        "trainee_name": certificate.trainee_name,
        "course_id": certificate.course_id,
        "course_title": certificate.course_title,
        "factory_id": certificate.factory_id,
        "factory_name": certificate.factory_name,
        "rule": rule_to_text(certificate.rule),
        "fraction": certificate.fraction,
        "issued_at": certificate.issued_at,
        "evidence": pairs_to_text(certificate.evidence),
        "status_index": certificate.status_index,
        "revoked_at": certificate.revoked_at,
    }


def _certificate(row: CertificateRow) -> Certificate:
    return Certificate(
        id=row.id,
        trainee_id=row.trainee_id,
        trainee_name=row.trainee_name,
        course_id=row.course_id,
        course_title=row.course_title,
        factory_id=row.factory_id,
        factory_name=row.factory_name,
        rule=rule_from_text(row.rule),
        fraction=row.fraction,
        issued_at=row.issued_at,
        evidence=pairs_from_text(row.evidence),
        status_index=row.status_index,
        revoked_at=row.revoked_at,
    )
