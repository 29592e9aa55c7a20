"""Rows of certificates, and the counter that numbers their places in the status list."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from factory_academy.records.rows.base import Row


class CertificateRow(Row):
    """One issued certificate, with names as they were on that day; ``rule`` and ``evidence`` are JSON text."""

    __tablename__ = "certificate"
    __table_args__ = (UniqueConstraint("trainee_id", "course_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    trainee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    trainee_name: Mapped[str]
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"), index=True)
    course_title: Mapped[str]
    factory_id: Mapped[str] = mapped_column(ForeignKey("factory.id"))
    factory_name: Mapped[str]
    rule: Mapped[str]
    fraction: Mapped[float]
    issued_at: Mapped[datetime]
    evidence: Mapped[str]
    status_index: Mapped[int] = mapped_column(unique=True)
    revoked_at: Mapped[datetime | None]
    credential: Mapped[str] = mapped_column(deferred=True)


class CounterRow(Row):
    """One number that only grows. Its row is locked while a transaction holds a number it took."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
