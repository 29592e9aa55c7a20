"""Rows of sessions and leases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from factory_academy.records.rows.base import Row


class SessionRow(Row):
    """One trainee's notebook server, running or ended."""

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    profile_id: Mapped[str]
    device_uuid: Mapped[str | None]
    state: Mapped[str]
    begun_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    reason: Mapped[str]


class LeaseRow(Row):
    """One claim on a device; the database itself refuses a second open one."""

    __tablename__ = "lease"
    __table_args__ = (
        Index(
            "uq_lease_open",
            "device_uuid",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("session.id"), index=True)
    device_uuid: Mapped[str]
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
