"""The API of an operator: sessions, devices and leases, the queue, the health of the parts."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from factory_academy.portal.api.models.common import Model
from factory_academy.portal.deps import Operator, TheAcademy, ThePortal

router = APIRouter(prefix="/operations", tags=["operator"])


class SessionOut(Model):
    """A session and the device it holds, if any."""

    id: str
    person_id: str
    profile_id: str
    state: str
    device_uuid: str | None
    begun_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    reason: str


class LeaseOut(Model):
    """A dated claim of a session on a device."""

    id: str
    session_id: str
    device_uuid: str
    begun_at: datetime
    expires_at: datetime


class DeviceOut(Model):
    """A GPU or a slice of one, and who holds it."""

    uuid: str
    kind: str
    model: str
    memory_bytes: int
    held_by: str | None


class DevicesOut(Model):
    """The devices of this machine. ``note`` says why there are none, else it is empty."""

    devices: tuple[DeviceOut, ...]
    note: str


class QueueOut(Model):
    """The grading queue: who waits, what is being graded, and how many submissions are in each state."""

    waiting: int
    held: int
    by_state: dict[str, int]
    last_graded_at: datetime | None


class HealthOut(Model):
    """Whether each part answers."""

    records: bool
    hub: bool


@router.get("/sessions")
def sessions(operator: Operator, academy: TheAcademy) -> tuple[SessionOut, ...]:
    """Open sessions first, then the latest that ended."""
    return tuple(
        SessionOut(
            id=line.session.id,
            person_id=line.session.person_id,
            profile_id=line.session.profile_id,
            state=line.session.state.value,
            device_uuid=line.session.device_uuid,
            begun_at=line.session.begun_at,
            expires_at=line.session.expires_at,
            ended_at=line.session.ended_at,
            reason=line.session.reason,
        )
        for line in academy.operations().sessions
    )


@router.get("/leases")
def leases(operator: Operator, academy: TheAcademy) -> tuple[LeaseOut, ...]:
    """The leases that are held now."""
    held = (line.lease for line in academy.operations().sessions)
    return tuple(
        LeaseOut(
            id=lease.id,
            session_id=lease.session_id,
            device_uuid=lease.device_uuid,
            begun_at=lease.begun_at,
            expires_at=lease.expires_at,
        )
        for lease in held
        if lease is not None
    )


@router.get("/devices")
def devices(operator: Operator, academy: TheAcademy) -> DevicesOut:
    """The GPUs and slices of this machine, and who holds each."""
    page = academy.operations()
    lines = tuple(
        DeviceOut(
            uuid=line.device.uuid,
            kind=line.device.kind.value,
            model=line.device.model,
            memory_bytes=line.device.memory_bytes,
            held_by=line.person.id if line.person else None,
        )
        for line in page.devices
    )
    return DevicesOut(devices=lines, note=page.device_note)


@router.get("/queue")
def queue(operator: Operator, academy: TheAcademy) -> QueueOut:
    """How much waits for a verdict, and what became of the rest."""
    page = academy.operations()
    counts = {state.value: count for state, count in page.by_state.items()}
    return QueueOut(waiting=page.waiting, held=page.held, by_state=counts, last_graded_at=page.last_graded_at)


@router.get("/health")
def parts_health(operator: Operator, academy: TheAcademy, portal: ThePortal) -> HealthOut:
    """Whether the records and the hub answer."""
    with academy.records.reading() as repositories:
        repositories.queue.waiting()
    return HealthOut(records=True, hub=portal.hub.answers())
