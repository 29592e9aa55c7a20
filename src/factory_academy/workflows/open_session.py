"""Plan a session: check what is asked, write the lease first, then let a spawner carry it out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
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
    unavailable_reason,
)
from factory_academy.errors import BadOptions, InfrastructureFault, NoCapacity, UnknownProfile
from factory_academy.workflows.ports import Clock, Inventory, Profiles, Records, Repositories


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Plan one person's session. Earlier sessions of theirs that are still on record as open are ended first.

    The lease is written before anything starts, and planning is done by one at a time: so no device is held twice.
    """

    records: Records
    profiles: Profiles
    inventory: Inventory
    clock: Clock

    def __call__(self, person_id: str, options: Mapping[str, object]) -> SessionPlan:
        """The plan, already on record.

        Raises:
            BadOptions: the options are not of the form that is offered.
            UnknownProfile: there is no such profile.
            NoCapacity: nothing that would fit is free; nothing was changed.
            Conflict: there is no such person.
        """
        profile = self._profile(options)
        devices, note = self._devices(profile)
        now = self.clock()
        with self.records.transaction() as repositories:
            repositories.sessions.plan_alone()
            for stale in repositories.sessions.open(person_id):
                repositories.sessions.end_leases(stale.id, now)
                repositories.sessions.set_state(stale.id, SessionState.LOST, "A new session took its place.", now)
            device = _free_device(repositories, profile, devices, note)
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
        if not offered:
            raise InfrastructureFault("No profile is on offer, so no session can start.", "Tell an operator.")
        try:
            wanted = chosen_profile_id(options, offered[0].id)
        except ValueError as error:
            raise BadOptions(f"This session cannot start: {error}.", "Choose a profile on the start page.") from error
        profile = self.profiles.find(wanted)
        if profile is None:
            names = ", ".join(p.id for p in offered)
            raise UnknownProfile(f"There is no profile {wanted!r}; on offer are: {names}.", "Choose one of these.")
        return profile

    def _devices(self, profile: Profile) -> tuple[Sequence[Device], str]:
        """What the machine has; asked before any transaction, since a driver may take its time to answer."""
        if profile.device_kind is None:
            return (), ""
        return self.inventory.devices(), self.inventory.note


def _free_device(repositories: Repositories, profile: Profile, devices: Sequence[Device], note: str) -> Device | None:
    leases = repositories.sessions.open_leases()
    why = unavailable_reason(profile, devices, leases, note)
    if why:
        raise NoCapacity(f"{profile.title} cannot start now: {why}", "Start on CPU now, or try again later.")
    return free_device(profile, devices, leases) if profile.device_kind else None
