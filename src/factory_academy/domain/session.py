"""A trainee's running notebook server: what was asked, what was planned, what is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class SessionState(StrEnum):
    """Where a session is.

    ``starting``: the lease is written, the process is not yet known to be ready.
    ``running``: its process was seen alive.
    ``stopped``: it ended in order; its lease has ended too.
    ``lost``: it ended without being asked to; its lease has ended too.
    """

    STARTING = "starting"
    RUNNING = "running"
    STOPPED = "stopped"
    LOST = "lost"


class DeviceKind(StrEnum):
    """A whole GPU, or a MIG share of one."""

    GPU = "gpu"
    SLICE = "slice"


@dataclass(frozen=True, slots=True)
class Device:
    """One GPU or slice of the inventory. ``nodes`` are its device files."""

    uuid: str
    kind: DeviceKind
    model: str
    memory_bytes: int
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A named choice of environment and resources."""

    id: str
    title: str
    description: str
    memory_bytes: int
    processes: int
    disk_bytes: int
    wall_time: timedelta
    device_kind: DeviceKind | None = None
    model_contains: str = ""

    def fits(self, device: Device) -> bool:
        """Whether this device is of the kind and model the profile asks for."""
        return device.kind is self.device_kind and self.model_contains.lower() in device.model.lower()


@dataclass(frozen=True, slots=True)
class Lease:
    """A dated claim on a device by a session. ``ended_at`` is None while it is held."""

    id: str
    session_id: str
    device_uuid: str
    begun_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.expires_at <= self.begun_at:
            raise ValueError(f"lease {self.id} would expire before it begins")


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """What a spawner is to carry out; it decides nothing itself."""

    session_id: str
    person_id: str
    profile: Profile
    device: Device | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as records remember it."""

    id: str
    person_id: str
    profile_id: str
    device_uuid: str | None
    state: SessionState
    begun_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    reason: str = ""


def free_device(profile: Profile, devices: Sequence[Device], leases: Sequence[Lease]) -> Device | None:
    """The first device that fits the profile and that no open lease claims, or None."""
    held = {lease.device_uuid for lease in leases if lease.ended_at is None}
    return next((d for d in devices if profile.fits(d) and d.uuid not in held), None)


def unavailable_reason(
    profile: Profile, devices: Sequence[Device], leases: Sequence[Lease], inventory_note: str
) -> str:
    """Why the profile cannot start now, in words for its choice; empty when it can."""
    if profile.device_kind is None:
        return ""
    if not any(profile.fits(device) for device in devices):
        return inventory_note or "This machine has no such GPU."
    if free_device(profile, devices, leases) is None:
        return "Every such GPU is in use; CPU sessions start now."
    return ""


def chosen_profile_id(options: Mapping[str, object], default: str) -> str:
    """The profile named by spawn options; anything else in them is an error of the caller.

    Raises:
        ValueError: an option outside the allow-list, or one that is not text.
    """
    unknown = sorted(set(options) - {"profile"})
    if unknown:
        raise ValueError(f"expected only the option 'profile', got also {', '.join(map(repr, unknown))}")
    value = options.get("profile", default)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise ValueError(f"expected the name of a profile, got {type(value).__name__}")
    return value
