"""What all spawners share: they ask for a plan, carry it out, and say what happens and why."""

from __future__ import annotations

import asyncio
import os
from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import Any

from jupyterhub.spawner import Spawner, SpawnException
from traitlets import Callable

from factory_academy.domain.session import SessionPlan, SessionState
from factory_academy.errors import AcademyError

_STILL_PENDING_SECONDS = 0.2
_STARTS_AT_ONCE = 2 * (os.cpu_count() or 1)


class AcademySpawner(Spawner):  # type: ignore[misc]
    """Decides nothing. ``plan_session(person, options)`` writes the lease and gives the plan, or raises AcademyError;
    ``note_session(session_id, state, reason)`` records what became of it. Both may block, so they run in threads.
    """

    plan_session = Callable(help="Plans a session of a person.").tag(config=True)
    note_session = Callable(help="Records what became of a session.").tag(config=True)

    session_id: str = ""
    _turns = asyncio.Semaphore(_STARTS_AT_ONCE)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._events: list[dict[str, Any]] = []

    @abstractmethod
    async def launch(self, plan: SessionPlan) -> tuple[str, int]:
        """Carry the plan out; gives address and port once the session's own server listens there.

        Raises:
            AcademyError: it cannot be carried out; nothing of it is left.
        """

    @abstractmethod
    async def end(self, now: bool) -> None:
        """End all of the session; returns when nothing of it is left."""

    @abstractmethod
    async def poll(self) -> int | None:
        """None while the session runs or nothing certain is known, else 0 or 1; never raises."""

    async def start(self) -> tuple[str, int]:
        """Start the session as planned, when it is its turn: too many starts at once would slow down all of them.

        Raises:
            SpawnException: refused, with the reason's code; its message is for the person.
        """
        self._events = []
        if self._turns.locked():
            self.say(5, "Others are starting right now; yours comes next.")
        async with self._turns:
            try:
                return await self._start()
            except AcademyError as error:
                message = f"{error} {error.next_step}".strip()
                raise SpawnException(message, reason=error.code, status_code=error.status) from error

    async def _start(self) -> tuple[str, int]:
        plan = await asyncio.to_thread(self.plan_session, self.user.name, self.user_options)
        self.session_id = plan.session_id
        device = f"{plan.device.model} is yours" if plan.device else "no GPU"
        self.say(15, f"Planned: {plan.profile.title}, {device}, until {plan.expires_at:%H:%M} UTC.")
        try:
            address = await self.launch(plan)
        except AcademyError as error:
            await self.note(SessionState.LOST, f"It could not start: {error}")
            raise
        except BaseException:
            await self.note(SessionState.LOST, "Its start was broken off.")
            raise
        await self.note(SessionState.RUNNING)
        return address

    async def stop(self, now: bool = False) -> None:
        """End the session; its lease ends with it."""
        if self.session_id:
            await self.end(now)
            await self.note(SessionState.STOPPED, "It was stopped.")

    async def note(self, state: SessionState, reason: str = "") -> bool:
        """Whether what became of the session could be recorded. If records are away, the next reconciling does it."""
        try:
            await asyncio.to_thread(self.note_session, self.session_id, state, reason)
        except Exception:
            self.log.exception("could not record that session %s is %s", self.session_id, state)
            return False
        return True

    def say(self, progress: int, message: str) -> None:
        """Tell whoever waits what happens now; ``progress`` goes from 0 to 100."""
        self._events.append({"progress": progress, "message": message})

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Every event of this start, as it happens; the hub ends the listening."""
        told = 0
        while True:
            for event in self._events[told:]:
                yield event
                told += 1
            await asyncio.sleep(_STILL_PENDING_SECONDS)

    def get_state(self) -> dict[str, Any]:
        """What a restarted hub must know."""
        return {**super().get_state(), "session_id": self.session_id}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what was known before the restart."""
        super().load_state(state)
        self.session_id = str(state.get("session_id", ""))

    def clear_state(self) -> None:
        """Forget the session: it is over."""
        super().clear_state()
        self.session_id = ""
