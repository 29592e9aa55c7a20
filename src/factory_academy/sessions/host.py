"""Starts and ends sessions as sandboxes of this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from factory_academy.domain.session import SessionPlan
from factory_academy.isolation.capabilities import capabilities
from factory_academy.isolation.launch import Launched, LaunchRequest
from factory_academy.sessions.homes import Homes
from factory_academy.sessions.ports import listener_uid, uid_on_machine
from factory_academy.sessions.running import Presence, RunningSession, RunningSessions
from factory_academy.sessions.sandbox import limits_of, sandbox_of

_LOG_TAIL_BYTES = 4096
_FOR_INFORMATION = ("[I ", "[D ")


def host_of(homes: Path, run: Path, logs: Path) -> SessionHost:
    """This machine's host, with disk images for homes where those work. ``run`` and ``logs`` are the academy's."""
    images = capabilities().loop_images
    return SessionHost(Homes(homes, images), RunningSessions(run / "sessions"), logs / "sessions")


@dataclass(frozen=True, slots=True)
class SessionHost:
    """This machine, as far as sessions see it. Every method may block; none decides who may have what."""

    homes: Homes
    running: RunningSessions
    logs: Path

    def start(
        self, plan: SessionPlan, argv: Sequence[str], environment: Mapping[str, str], port: int
    ) -> RunningSession:
        """Start the plan's server, which will listen on ``port``; whatever is left of the person's last one ends first.

        Raises:
            CannotIsolate, InfrastructureFault: it could not be started, and nothing of it is left.
        """
        for earlier in self.running.of_person(plan.person_id):
            self.end(earlier.session_id, grace_seconds=2.0)
        home = self.homes.ensure(plan.person_id)
        home.grow(plan.profile.disk_bytes)
        session = RunningSession(plan.session_id, plan.person_id, home.uid, port, plan.expires_at)
        self.running.add(session)
        try:
            Launched.start(
                LaunchRequest(
                    spec=sandbox_of(plan, home, environment),
                    limits=limits_of(plan),
                    argv=tuple(argv),
                    log_path=str(self._fresh_log(plan.person_id)),
                    pid_path=str(self.running.keeper_file(plan.session_id)),
                    ending_path=str(self.running.ending_file(plan.session_id)),
                )
            )
        except BaseException:
            self.end(plan.session_id, grace_seconds=0.0)
            raise
        return session

    def is_listening(self, session: RunningSession) -> bool:
        """Whether the session's own server, and not somebody else's, listens on its port."""
        return listener_uid(session.port) == uid_on_machine(session.uid, os.geteuid())

    def is_gone(self, session_id: str) -> bool:
        """Whether it is certain that nothing of the session runs."""
        return self.running.presence(session_id) is Presence.GONE

    def end(self, session_id: str, grace_seconds: float = 10.0) -> None:
        """Stop the session and forget it."""
        self.running.stop(session_id, grace_seconds)
        self.running.forget(session_id)

    def end_all(self, grace_seconds: float = 10.0) -> tuple[RunningSession, ...]:
        """End every session at once; gives those that there were. Who may still start some must be stopped first."""
        sessions = self.running.all()
        with ThreadPoolExecutor(max_workers=32) as pool:
            list(pool.map(lambda session: self.end(session.session_id, grace_seconds), sessions))
        return sessions

    def last_words(self, person_id: str) -> str:
        """The last line that the person's latest server wrote, other than for information; or nothing."""
        try:
            with self._log(person_id).open("rb") as log:
                log.seek(max(0, log.seek(0, 2) - _LOG_TAIL_BYTES))
                lines = log.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        telling = [line.strip() for line in lines if line.strip() and not line.startswith(_FOR_INFORMATION)]
        return telling[-1][:300] if telling else ""

    def _log(self, person_id: str) -> Path:
        return self.logs / f"{person_id}.log"

    def _fresh_log(self, person_id: str) -> Path:
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._log(person_id).unlink(missing_ok=True)
        return self._log(person_id)
