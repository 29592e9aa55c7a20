"""Plan a session: check what is asked, write the lease first, then let a spawner carry it out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from factory_academy.domain.session import (
    Device,
    Lease,
    Profile,
    SessionPlan,
    SessionRecord,
    SessionState,
    chosen_profile_id,
    free_device,
)
from factory_academy.errors import BadOptions, NoCapacity, UnknownProfile
from factory_academy.workflows.ports import Clock, Inventory, Profiles, Records, Repositories


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Plan one person's session. Earlier sessions of theirs that are still on record as open are ended first."""

    records: Records
    profiles: Profiles
    inventory: Inventory
    clock: Clock

    def __call__(self, person_id: str, options: Mapping[str, object]) -> SessionPlan:
        profile = self._profile(options)
        now = self.clock()
        with self.records.transaction() as repositories:
            for stale in repositories.sessions.open(person_id):
                repositories.sessions.end_leases(stale.id, now)
                repositories.sessions.set_state(stale.id, SessionState.LOST, "A new session took its place.", now)
            device = self._device(repositories, profile)
            session_id = uuid.uuid4().hex
            expires_at = now + profile.wall_time
            repositories.sessions.add(
                SessionRecord(
                    id=session_id,
                    person_id=person_id,
                    profile_id=profile.id,
                    device_uuid=device.uuid if device else None,
                    state=SessionState.STARTING,
                    begun_at=now,
                    expires_at=expires_at,
                )
            )
            if device is not None:
                repositories.sessions.add_lease(Lease(uuid.uuid4().hex, session_id, device.uuid, now, expires_at))
        return SessionPlan(session_id, person_id, profile, device, expires_at)

    def _profile(self, options: Mapping[str, object]) -> Profile:
        offered = self.profiles.all()
        try:
            wanted = chosen_profile_id(options, offered[0].id)
        except ValueError as error:
            raise BadOptions(f"This session cannot start: {error}.", "Choose a profile on the start page.") from error
        profile = self.profiles.find(wanted)
        if profile is None:
            names = ", ".join(p.id for p in offered)
            raise UnknownProfile(f"There is no profile {wanted!r}; on offer are: {names}.", "Choose one of these.")
        return profile

    def _device(self, repositories: Repositories, profile: Profile) -> Device | None:
        if profile.device_kind is None:
            return None
        device = free_device(profile, self.inventory.devices(), repositories.sessions.open_leases())
        if device is None:
            why = self.inventory.note or "Every device that fits is in use."
            raise NoCapacity(f"{profile.title} cannot start now: {why}", "Start on CPU now, or try again later.")
        return device
