"""Sessions and the leases that they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from factory_academy.domain.session import Lease, SessionRecord, SessionState
from factory_academy.records.rows.sessions import LeaseRow, SessionRow

_PLANNING = 7_305_001


class SessionRepository:
    """Sessions by id, leases by device. A ``Session`` here is a trainee's; SQLAlchemy's is called ``db``."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def plan_alone(self) -> None:
        """Wait until no other transaction plans a session. On SQLite a transaction is alone from its beginning."""
        if self._db.get_bind().dialect.name == "postgresql":
            self._db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PLANNING})

    def add(self, session: SessionRecord) -> None:
        """Write down a session.

        Raises:
            Conflict: the id is taken, or there is no such person.
        """
        self._db.add(
            SessionRow(
                id=session.id,
                person_id=session.person_id,
                profile_id=session.profile_id,
                device_uuid=session.device_uuid,
                state=session.state,
                begun_at=session.begun_at,
                expires_at=session.expires_at,
                ended_at=session.ended_at,
                reason=session.reason,
            )
        )
        self._db.flush()

    def find(self, session_id: str) -> SessionRecord | None:
        """The session, or None."""
        row = self._db.get(SessionRow, session_id)
        return _session(row) if row else None

    def open(self, person_id: str | None = None) -> Sequence[SessionRecord]:
        """Sessions that have not ended, of one person or of all; the oldest first."""
        query = select(SessionRow).where(SessionRow.ended_at.is_(None)).order_by(SessionRow.begun_at, SessionRow.id)
        if person_id is not None:
            query = query.where(SessionRow.person_id == person_id)
        return [_session(row) for row in self._db.scalars(query)]

    def recent(self, limit: int = 50) -> Sequence[SessionRecord]:
        """The sessions that began last, the newest first."""
        query = select(SessionRow).order_by(SessionRow.begun_at.desc(), SessionRow.id.desc()).limit(limit)
        return [_session(row) for row in self._db.scalars(query)]

    def set_state(
        self, session_id: str, state: SessionState, reason: str = "", ended_at: datetime | None = None
    ) -> None:
        """Note where the session is, and when it ended if it did."""
        this = update(SessionRow).where(SessionRow.id == session_id)
        self._db.execute(this.values(state=state, reason=reason, ended_at=ended_at))

    def add_lease(self, lease: Lease) -> None:
        """Write down a claim on a device.

        Raises:
            Conflict: another lease of the device is open, or there is no such session.
        """
        self._db.add(
            LeaseRow(
                id=lease.id,
                session_id=lease.session_id,
                device_uuid=lease.device_uuid,
                begun_at=lease.begun_at,
                expires_at=lease.expires_at,
                ended_at=lease.ended_at,
            )
        )
        self._db.flush()

    def open_leases(self) -> Sequence[Lease]:
        """Leases that have not ended, the oldest first."""
        query = select(LeaseRow).where(LeaseRow.ended_at.is_(None)).order_by(LeaseRow.begun_at, LeaseRow.id)
        return [
            Lease(row.id, row.session_id, row.device_uuid, row.begun_at, row.expires_at, row.ended_at)
            for row in self._db.scalars(query)
        ]

    def end_leases(self, session_id: str, at: datetime) -> None:
        """End what the session holds; leases that ended before keep their time."""
        held = update(LeaseRow).where(LeaseRow.session_id == session_id, LeaseRow.ended_at.is_(None))
        self._db.execute(held.values(ended_at=at))


def _session(row: SessionRow) -> SessionRecord:
    return SessionRecord(
        id=row.id,
        person_id=row.person_id,
        profile_id=row.profile_id,
        device_uuid=row.device_uuid,
        state=SessionState(row.state),
        begun_at=row.begun_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        reason=row.reason,
    )
