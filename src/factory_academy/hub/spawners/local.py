"""Sessions as sandboxes of the hub's own machine."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from traitlets import Any as AnyTrait

from factory_academy.domain.session import SessionPlan
from factory_academy.errors import InfrastructureFault
from factory_academy.hub.spawners.base import AcademySpawner
from factory_academy.sessions.outcome import outcome_of
from factory_academy.sessions.ports import free_port
from factory_academy.sessions.running import Presence, RunningSession

_LOOPBACK = "127.0.0.1"
_LOOK_SECONDS = 0.1
_ARGV = (sys.executable, "-m", "factory_academy.hub.session_server")


class LocalSpawner(AcademySpawner):
    """Starts sessions on this machine; a restarted hub finds them again by what their keepers wrote on disk."""

    host: Any = AnyTrait(help="The SessionHost of this machine.").tag(config=True)

    async def launch(self, plan: SessionPlan) -> tuple[str, int]:
        """Build the sandbox, start the server in it, wait until it listens."""
        self.ip, self.port = _LOOPBACK, free_port()
        self.say(30, "Building your sandbox: your files, your device, nobody else's.")
        argv = [*_ARGV, *self.get_args()]
        session = await asyncio.to_thread(self.host.start, plan, argv, self._environment(), self.port)
        self.say(55, "Starting JupyterLab inside it.")
        try:
            await self._listening(session)
        except BaseException:
            await asyncio.to_thread(self.host.end, plan.session_id, 0.0)
            raise
        self.say(90, "JupyterLab listens; opening the door.")
        return _LOOPBACK, self.port

    async def end(self, now: bool) -> None:
        """Ask the server to end, then end all of its sandbox."""
        await asyncio.to_thread(self.host.end, self.session_id, 0.0 if now else 10.0)

    async def poll(self) -> int | None:
        """None while the session runs or nothing certain is known, else 0 or 1; never raises."""
        try:
            if not self.session_id:
                self._adopt()
            presence = await asyncio.to_thread(self.host.running.presence, self.session_id) if self.session_id else None
            if presence is not Presence.GONE:
                return None if self.session_id else 0
            ending = await asyncio.to_thread(self.host.running.ending, self.session_id)
        except Exception:
            self.log.exception("could not look after session %s; nothing is concluded", self.session_id)
            return None
        if await self.note(*outcome_of(ending)):
            await asyncio.to_thread(self.host.running.forget, self.session_id)
        return 0 if ending is not None and ending.code == 0 else 1

    async def get_url(self) -> str:
        """Where the session listens, as its machine remembers it."""
        session = self.host.running.find(self.session_id) if self.session_id else None
        return f"http://{_LOOPBACK}:{session.port}" if session else str(await super().get_url())

    def _adopt(self) -> None:
        """A hub that was killed in the middle of a start has no state of it, but the machine has."""
        for session in self.host.running.of_person(self.user.name):
            if self.host.running.presence(session.session_id) is Presence.RUNNING:
                self.session_id = session.session_id

    def _environment(self) -> dict[str, str]:
        """The hub's own environment stays outside; what the session's server needs of the hub is told by name."""
        told = {name: value for name, value in self.get_env().items() if name.startswith("JUPYTERHUB_")}
        return {**told, **self.environment}

    async def _listening(self, session: RunningSession) -> None:
        while not await asyncio.to_thread(self.host.is_listening, session):
            if await asyncio.to_thread(self.host.is_gone, session.session_id):
                words = await asyncio.to_thread(self.host.last_words, session.person_id)
                raise InfrastructureFault(f"Your session ended while it started. {words}".strip(), "Try again.")
            await asyncio.sleep(_LOOK_SECONDS)


def session_arguments() -> list[str]:
    """What every session's server is told; kernels speak over sockets in a private folder, never over ports."""
    return [
        "--KernelManager.transport=ipc",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
