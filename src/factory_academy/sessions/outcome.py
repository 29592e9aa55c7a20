"""What the end of a session's process means, in words for its owner."""

from __future__ import annotations

from factory_academy.domain.session import SessionState
from factory_academy.isolation.spec import Ending


def outcome_of(ending: Ending | None) -> tuple[SessionState, str]:
    """The state to record, and why."""
    if ending is None:
        return SessionState.LOST, "Its process is gone; nothing says why. Saved work is kept."
    if ending.how == "out_of_memory":
        return SessionState.LOST, "It needed more memory than its profile allows. Saved work is kept."
    if ending.how == "killed":
        return SessionState.LOST, "It was killed from outside. Saved work is kept."
    if ending.how == "exited" and ending.code == 0:
        return SessionState.STOPPED, "It was shut down from inside."
    how = f"with exit code {ending.code}" if ending.how == "exited" else f"by signal {ending.signal}"
    return SessionState.LOST, f"Its server ended {how}. Saved work is kept."
