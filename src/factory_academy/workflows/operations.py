"""What an operator sees: sessions, devices and their leases, the queue, and what needs a hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from factory_academy.domain.person import Person
from factory_academy.domain.session import Device, Lease, SessionRecord
from factory_academy.domain.submission import Submission, SubmissionState
from factory_academy.workflows.ports import Clock, Inventory, Records, SubmissionFilter

RECENT_SESSIONS = 25
DEAD_LETTERS = 20


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session, whose it is, and the device it holds."""

    session: SessionRecord
    person: Person | None
    device: Device | None
    lease: Lease | None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.session.ended_at is None


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A device and who holds it."""

    device: Device
    lease: Lease | None
    person: Person | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A submission that we could not grade, and whose it is."""

    submission: Submission
    person: Person | None


@dataclass(frozen=True, slots=True)
class OperationsPage:
    """The state of the academy at ``at``. ``device_note`` says why there are no devices, if so."""

    at: datetime
    sessions: tuple[SessionLine, ...]
    devices: tuple[DeviceLine, ...]
    device_note: str
    waiting: int
    held: int
    by_state: Mapping[SubmissionState, int]
    dead_letters: tuple[DeadLetter, ...]
    last_graded_at: datetime | None

    @property
    def open_sessions(self) -> int:
        """How many sessions have not ended."""
        return sum(1 for line in self.sessions if line.is_open)


@dataclass(frozen=True, slots=True)
class Operations:
    """Everything an operator watches, in a fixed number of queries."""

    records: Records
    inventory: Inventory
    clock: Clock

    def __call__(self) -> OperationsPage:
        """Open sessions first, then the latest that ended."""
        devices = {d.uuid: d for d in self.inventory.devices()}
        with self.records.reading() as repositories:
            still_open = list(repositories.sessions.open())
            ended = [s for s in repositories.sessions.recent(RECENT_SESSIONS) if s.ended_at is not None]
            leases = repositories.sessions.open_leases()
            failed = SubmissionFilter(states=frozenset({SubmissionState.INFRASTRUCTURE_FAILED}))
            dead = repositories.submissions.matching(failed, DEAD_LETTERS)
            ids = {s.person_id for s in [*still_open, *ended]} | {s.trainee_id for s in dead}
            people = repositories.people.of_ids(sorted(ids))
            lease_of_session = {lease.session_id: lease for lease in leases}
            lines = tuple(
                SessionLine(
                    session,
                    people.get(session.person_id),
                    devices.get(session.device_uuid or ""),
                    lease_of_session.get(session.id),
                )
                for session in [*_oldest_first(still_open), *ended]
            )
            person_of_lease = {line.lease.id: line.person for line in lines if line.lease}
            lease_of_device = {lease.device_uuid: lease for lease in leases}
            return OperationsPage(
                at=self.clock(),
                sessions=lines,
                devices=tuple(
                    DeviceLine(d, lease, person_of_lease.get(lease.id) if lease else None)
                    for d in devices.values()
                    for lease in [lease_of_device.get(d.uuid)]
                ),
                device_note=self.inventory.note,
                waiting=repositories.queue.waiting(),
                held=repositories.queue.held(),
                by_state=repositories.submissions.count_by_state(),
                dead_letters=tuple(DeadLetter(s, people.get(s.trainee_id)) for s in dead),
                last_graded_at=repositories.grades.last_at(),
            )


def _oldest_first(sessions: list[SessionRecord]) -> list[SessionRecord]:
    return sorted(sessions, key=lambda s: s.begun_at)
