"""Brings records and machine together: at the hub's start, and every minute after."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from factory_academy.domain.session import SessionRecord, SessionState
from factory_academy.sessions.host import SessionHost
from factory_academy.sessions.outcome import outcome_of
from factory_academy.sessions.reconcile import Step, next_step
from factory_academy.workflows.ports import Clock, Records

log = logging.getLogger(__name__)
EVERY_SECONDS = 60.0
_TIME_IS_UP = "Its time was up. Saved work is kept; start again to go on."


@dataclass(frozen=True, slots=True)
class Reconciler:
    """One round looks at every session that records hold open or that this machine remembers."""

    records: Records
    host: SessionHost
    note: Callable[[str, SessionState, str], None]
    clock: Clock

    def __call__(self) -> None:
        """One round. A session that cannot be handled now is left for the next round."""
        for session_id, record in self._known().items():
            try:
                self._settle(session_id, record)
            except Exception:
                log.exception("session %s could not be settled; the next round tries again", session_id)

    def _known(self) -> dict[str, SessionRecord | None]:
        on_machine = [session.session_id for session in self.host.running.all()]
        with self.records.reading() as repositories:
            known: dict[str, SessionRecord | None] = {s.id: s for s in repositories.sessions.open()}
            for session_id in on_machine:
                known.setdefault(session_id, repositories.sessions.find(session_id))
        return known

    def _settle(self, session_id: str, record: SessionRecord | None) -> None:
        step = next_step(record, self.host.running.presence(session_id), self.clock())
        if step is Step.NOTE_RUNNING:
            self.note(session_id, SessionState.RUNNING, "")
        elif step is Step.NOTE_ENDED:
            self.note(session_id, *outcome_of(self.host.running.ending(session_id)))
            self.host.end(session_id)
        elif step is Step.EXPIRE:
            self.host.end(session_id)
            self.note(session_id, SessionState.STOPPED, _TIME_IS_UP)
        elif step in (Step.STOP, Step.FORGET):
            self.host.end(session_id)


def keep_reconciled(reconcile: Callable[[], None], every_seconds: float = EVERY_SECONDS) -> threading.Thread:
    """Run rounds in the background for as long as this process lives; a round that fails does not end them."""

    def rounds() -> None:
        pause = threading.Event()
        while True:
            try:
                reconcile()
            except Exception:
                log.exception("records could not be compared with the machine; the next round tries again")
            pause.wait(every_seconds)

    thread = threading.Thread(target=rounds, name="reconcile", daemon=True)
    thread.start()
    return thread
