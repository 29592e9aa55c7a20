"""Rows of people, factories and cohorts."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from factory_academy.records.rows.base import Row


class FactoryRow(Row):
    """One AI factory."""

    __tablename__ = "factory"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    city: Mapped[str]
    country: Mapped[str]
    focus: Mapped[str]


class PersonRow(Row):
    """One person who can sign in; without a password hash, only by other means."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(primary_key=True)
    full_name: Mapped[str]
    role: Mapped[str] = mapped_column(index=True)
    factory_id: Mapped[str | None] = mapped_column(ForeignKey("factory.id"), index=True)
    password_hash: Mapped[str | None]


class CohortRow(Row):
    """One group of a factory's trainees."""

    __tablename__ = "cohort"

    id: Mapped[str] = mapped_column(primary_key=True)
    factory_id: Mapped[str] = mapped_column(ForeignKey("factory.id"), index=True)
    name: Mapped[str]


class CohortMemberRow(Row):
    """One trainee in a cohort."""

    __tablename__ = "cohort_member"

    cohort_id: Mapped[str] = mapped_column(ForeignKey("cohort.id"), primary_key=True)
    trainee_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
