"""Note what became of a session; its leases end with it."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.domain.session import SessionState
from factory_academy.workflows.ports import Clock, Records


@dataclass(frozen=True, slots=True)
class NoteSession:
    """Record that a session runs, stopped in order, or was lost. Ending it twice changes nothing."""

    records: Records
    clock: Clock

    def __call__(self, session_id: str, state: SessionState, reason: str = "") -> None:
        """Note the state; of a session that has ended, or that nobody planned, nothing is noted."""
        ends = state in (SessionState.STOPPED, SessionState.LOST)
        with self.records.transaction() as repositories:
            session = repositories.sessions.find(session_id)
            if session is None or session.ended_at is not None:
                return
            repositories.sessions.set_state(session_id, state, reason, self.clock() if ends else None)
            if ends:
                repositories.sessions.end_leases(session_id, self.clock())
