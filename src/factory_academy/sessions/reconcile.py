"""What to do when records and the machine disagree about a session."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from factory_academy.domain.session import SessionRecord, SessionState
from factory_academy.sessions.running import STARTING_SECONDS, Presence

_STARTING = timedelta(seconds=STARTING_SECONDS)


class Step(StrEnum):
    """``keep``: they agree, or nothing is certain. ``note_running``: it runs, records do not know yet.
    ``note_ended``: it is gone, records do not know yet. ``expire``: its time is up. ``stop``: nobody owns it.
    ``forget``: it is over on both sides.
    """

    KEEP = "keep"
    NOTE_RUNNING = "note_running"
    NOTE_ENDED = "note_ended"
    EXPIRE = "expire"
    STOP = "stop"
    FORGET = "forget"


def next_step(record: SessionRecord | None, presence: Presence, now: datetime) -> Step:
    """The step that brings both sides together; what is unknown changes nothing."""
    if presence is Presence.UNKNOWN:
        return Step.KEEP
    is_open = record is not None and record.ended_at is None
    if record is None or not is_open:
        return Step.STOP if presence is Presence.RUNNING else Step.FORGET
    if presence is Presence.GONE:
        is_fresh = record.state is SessionState.STARTING and now < record.begun_at + _STARTING
        return Step.KEEP if is_fresh else Step.NOTE_ENDED
    if now >= record.expires_at:
        return Step.EXPIRE
    return Step.NOTE_RUNNING if record.state is SessionState.STARTING else Step.KEEP
