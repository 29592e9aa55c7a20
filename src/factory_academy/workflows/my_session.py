"""What someone sees before they start a session, and while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from factory_academy.domain.person import Person
from factory_academy.domain.session import Profile, SessionRecord, unavailable_reason
from factory_academy.workflows.ports import Clock, Inventory, Profiles, Records


@dataclass(frozen=True, slots=True)
class Choice:
    """A profile on offer; ``why_not`` says why it cannot start now, else it is empty."""

    profile: Profile
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class SessionPage:
    """The choices, the session on record as open, and the last one that ended."""

    at: datetime
    choices: tuple[Choice, ...]
    session: SessionRecord | None
    last: SessionRecord | None

    @property
    def profile(self) -> Profile | None:
        """The profile of the open session, if it is still on offer."""
        wanted = self.session.profile_id if self.session else None
        return next((c.profile for c in self.choices if c.profile.id == wanted), None)

    @property
    def time_left(self) -> timedelta:
        """Until the open session expires; nothing without one."""
        return max(timedelta(0), self.session.expires_at - self.at) if self.session else timedelta(0)


@dataclass(frozen=True, slots=True)
class MySession:
    """One person's session, and what they could start."""

    records: Records
    profiles: Profiles
    inventory: Inventory
    clock: Clock

    def __call__(self, person: Person) -> SessionPage:
        """The page of this person, whatever their role."""
        devices, note = self.inventory.devices(), self.inventory.note
        with self.records.reading() as repositories:
            mine = sorted(repositories.sessions.open(person.id), key=lambda s: s.begun_at)
            leases = repositories.sessions.open_leases()
            recent = [s for s in repositories.sessions.recent() if s.person_id == person.id and s.ended_at]
        choices = tuple(Choice(p, unavailable_reason(p, devices, leases, note)) for p in self.profiles.all())
        last = max(recent, key=lambda s: s.begun_at, default=None)
        return SessionPage(self.clock(), choices, mine[-1] if mine else None, last)
