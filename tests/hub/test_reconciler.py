from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.records import FakeRecords, stocked

from factory_academy.domain.session import Lease, SessionRecord, SessionState
from factory_academy.hub.reconcile import Reconciler
from factory_academy.isolation.spec import Ending
from factory_academy.sessions.running import Presence, RunningSession
from factory_academy.workflows.note_session import NoteSession

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
ONE, TWO = "1" * 32, "2" * 32


@dataclass
class FakeMachine:
    """Stands in for SessionHost and RunningSessions."""

    presences: dict[str, Presence] = field(default_factory=dict)
    endings: dict[str, Ending] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    logs: Path = Path("/nowhere")

    @property
    def running(self):
        return self

    def all(self):
        return [RunningSession(i, "mira", 200000, 4000, LATER) for i in self.presences]

    def presence(self, session_id):
        if session_id in self.broken:
            raise OSError("the disk is broken")
        return self.presences.get(session_id, Presence.GONE)

    def ending(self, session_id):
        return self.endings.get(session_id)

    def end(self, session_id, grace_seconds=10.0):
        self.ended.append(session_id)
        self.presences.pop(session_id, None)


@pytest.fixture
def records():
    records = FakeRecords()
    stocked(records)
    return records


def add(records, session_id, state=SessionState.RUNNING, expires_at=LATER, device="GPU-1"):
    with records.transaction() as repositories:
        session = SessionRecord(session_id, "mira", "gpu", device, state, NOON - timedelta(hours=1), expires_at)
        repositories.sessions.add(session)
        repositories.sessions.add_lease(Lease(f"lease-{session_id}", session_id, device, session.begun_at, expires_at))


def round_of(records, machine, now=NOON):
    clock = lambda: now  # noqa: E731
    Reconciler(records, machine, NoteSession(records, clock), clock)()


def look(records, session_id):
    with records.reading() as repositories:
        open_leases = [lease.session_id for lease in repositories.sessions.open_leases()]
        return repositories.sessions.find(session_id), session_id in open_leases


def test_a_session_whose_process_is_gone_is_lost_and_its_lease_ends(records):
    add(records, ONE)
    round_of(records, FakeMachine())
    session, holds = look(records, ONE)
    assert (session.state, holds) == (SessionState.LOST, False)


def test_how_a_session_ended_is_told_as_its_reason(records):
    add(records, ONE)
    machine = FakeMachine({ONE: Presence.GONE}, {ONE: Ending("out_of_memory", None, 9, None, 1.0)})
    round_of(records, machine)
    assert "more memory" in look(records, ONE)[0].reason
    assert machine.ended == [ONE]


def test_a_session_of_which_nothing_is_certain_is_left_alone(records):
    add(records, ONE)
    machine = FakeMachine({ONE: Presence.UNKNOWN})
    round_of(records, machine, LATER + timedelta(hours=9))
    session, holds = look(records, ONE)
    assert (session.state, holds, machine.ended) == (SessionState.RUNNING, True, [])


def test_a_process_that_nobody_owns_is_stopped(records):
    machine = FakeMachine({TWO: Presence.RUNNING})
    round_of(records, machine)
    assert machine.ended == [TWO]


def test_a_session_is_stopped_when_its_time_is_up(records):
    add(records, ONE)
    machine = FakeMachine({ONE: Presence.RUNNING})
    round_of(records, machine, LATER)
    session, holds = look(records, ONE)
    assert (session.state, holds, machine.ended) == (SessionState.STOPPED, False, [ONE])
    assert "time was up" in session.reason


def test_a_session_that_was_starting_and_runs_is_noted(records):
    add(records, ONE, SessionState.STARTING)
    round_of(records, FakeMachine({ONE: Presence.RUNNING}))
    assert look(records, ONE)[0].state is SessionState.RUNNING


def test_one_session_that_cannot_be_handled_does_not_keep_the_others(records):
    add(records, ONE)
    add(records, TWO, device="GPU-2")
    round_of(records, FakeMachine({ONE: Presence.RUNNING}, broken={ONE}))
    assert look(records, ONE)[0].state is SessionState.RUNNING
    assert look(records, TWO)[0].state is SessionState.LOST


def test_a_second_round_changes_nothing(records):
    add(records, ONE)
    round_of(records, FakeMachine())
    before = look(records, ONE)
    round_of(records, FakeMachine(), LATER)
    assert look(records, ONE) == before
