"""The sessions of this machine as their keepers left them on disk: who, where, until when, and whether alive."""

from __future__ import annotations

import json
import re
import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from factory_academy.isolation.launch import Launched
from factory_academy.isolation.spec import Ending

STARTING_SECONDS = 60.0
_ID = re.compile(r"[0-9a-f]{32}")


class Presence(StrEnum):
    """Whether a session's process is there.

    ``running``: it was seen alive. ``gone``: there is positive evidence that it is not.
    ``unknown``: it may be about to begin; nothing may be concluded.
    """

    RUNNING = "running"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RunningSession:
    """A session that was started on this machine. ``port`` is its loopback TCP port."""

    session_id: str
    person_id: str
    uid: int
    port: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RunningSessions:
    """One folder a session. It is written before the process starts and removed after it is gone."""

    folder: Path

    def add(self, session: RunningSession) -> None:
        """Remember a session that is about to start."""
        own = self._of(session.session_id)
        own.mkdir(mode=0o700, parents=True)
        note = {
            "person_id": session.person_id,
            "uid": session.uid,
            "port": session.port,
            "expires_at": session.expires_at.isoformat(),
        }
        (own / "session.json").write_text(json.dumps(note))

    def keeper_file(self, session_id: str) -> Path:
        """Where the keeper of the sandbox writes its pid and start time."""
        return self._of(session_id) / "keeper.json"

    def ending_file(self, session_id: str) -> Path:
        """Where the keeper of the sandbox writes how it ended."""
        return self._of(session_id) / "ending.json"

    def all(self) -> tuple[RunningSession, ...]:
        """Every session that is remembered, alive or not."""
        names = sorted(path.parent.name for path in self.folder.glob("*/session.json"))
        found = (self.find(name) for name in names if _ID.fullmatch(name))
        return tuple(session for session in found if session is not None)

    def of_person(self, person_id: str) -> tuple[RunningSession, ...]:
        """Those of one person."""
        return tuple(session for session in self.all() if session.person_id == person_id)

    def find(self, session_id: str) -> RunningSession | None:
        """The session of that id, or None if this machine does not remember it."""
        note = _read(self._of(session_id) / "session.json")
        if note is None:
            return None
        return RunningSession(
            session_id=session_id,
            person_id=str(note["person_id"]),
            uid=int(str(note["uid"])),
            port=int(str(note["port"])),
            expires_at=datetime.fromisoformat(str(note["expires_at"])),
        )

    def presence(self, session_id: str) -> Presence:
        """Whether its process is there; a session that this machine does not remember is gone."""
        launched = self._launched(session_id)
        if launched is not None:
            return Presence.RUNNING if launched.is_alive() else Presence.GONE
        try:
            age = time.time() - (self._of(session_id) / "session.json").stat().st_mtime
        except FileNotFoundError:
            return Presence.GONE
        return Presence.UNKNOWN if age < STARTING_SECONDS else Presence.GONE

    def ending(self, session_id: str) -> Ending | None:
        """How its process ended, if its keeper could say."""
        launched = self._launched(session_id)
        return launched.ending() if launched is not None else None

    def stop(self, session_id: str, grace_seconds: float = 10.0) -> None:
        """End its processes, if there are any; returns when nothing of it is left."""
        launched = self._launched(session_id)
        if launched is not None:
            launched.stop(grace_seconds)

    def forget(self, session_id: str) -> None:
        """Remove what is remembered of a session that is gone."""
        shutil.rmtree(self._of(session_id), ignore_errors=True)

    def _launched(self, session_id: str) -> Launched | None:
        keeper = _read(self.keeper_file(session_id))
        if keeper is None:
            return None
        ending = str(self.ending_file(session_id))
        return Launched.from_state(int(str(keeper["pid"])), int(str(keeper["start_ticks"])), ending)

    def _of(self, session_id: str) -> Path:
        if not _ID.fullmatch(session_id):
            raise ValueError(f"a session id is 32 hex digits, got {session_id!r}")
        return self.folder / session_id


def _read(path: Path) -> dict[str, object] | None:
    """The object in a JSON file, or None while it is missing or half written."""
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None
