"""The spawner alone: it carries out, tells, and never concludes what is not certain."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from jupyterhub.spawner import SpawnException

from factory_academy.domain.session import Device, DeviceKind, Profile, SessionPlan, SessionState
from factory_academy.errors import CannotIsolate, NoCapacity
from factory_academy.hub.spawners.local import LocalSpawner
from factory_academy.isolation.spec import Ending
from factory_academy.sessions.running import Presence, RunningSession

ID = "a" * 32
CPU = Profile("cpu", "CPU", "Plain.", 2 << 30, 256, 5 << 30, timedelta(hours=4))
LATER = datetime(2030, 1, 1, 16, tzinfo=UTC)
GPU = Device("GPU-1", DeviceKind.GPU, "NVIDIA H100", 80 << 30)
PLAN = SessionPlan(ID, "ada", CPU, None, LATER)


@dataclass
class FakeHost:
    """Stands in for SessionHost: starts nothing, remembers all."""

    refuses: Exception | None = None
    listens: bool = True
    presence_now: Presence | Exception = Presence.RUNNING
    how: Ending | None = None
    started: list[tuple[SessionPlan, list[str], dict[str, str]]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    remembered: tuple[RunningSession, ...] = ()

    @property
    def running(self):
        return self

    def start(self, plan, argv, environment, port):
        if self.refuses:
            raise self.refuses
        self.started.append((plan, argv, environment))
        return RunningSession(plan.session_id, plan.person_id, 200000, port, plan.expires_at)

    def is_listening(self, session):
        return self.listens

    def is_gone(self, session_id):
        return self.presence_now is Presence.GONE

    def presence(self, session_id):
        if isinstance(self.presence_now, Exception):
            raise self.presence_now
        return self.presence_now

    def ending(self, session_id):
        return self.how

    def end(self, session_id, grace_seconds=10.0):
        self.ended.append(session_id)

    def forget(self, session_id):
        self.forgotten.append(session_id)

    def last_words(self, person_id):
        return "ImportError: no such thing"

    def of_person(self, person_id):
        return self.remembered

    def find(self, session_id):
        return next((s for s in self.remembered if s.session_id == session_id), None)


def spawner_on(host, plan=PLAN, notes=None):
    def plan_session(person_id, options):
        if isinstance(plan, Exception):
            raise plan
        return plan

    hub = SimpleNamespace(public_host="", api_url="http://127.0.0.1:1/hub/api", base_url="/hub/")
    user = SimpleNamespace(name="ada", url="/user/ada/", escaped_name="ada")
    return LocalSpawner(
        host=host,
        user=user,
        hub=hub,
        plan_session=plan_session,
        note_session=lambda *note: (notes if notes is not None else []).append(note),
    )


def test_a_plan_is_carried_out_and_noted():
    notes, host = [], FakeHost()
    spawner = spawner_on(host, notes=notes)
    address = asyncio.run(spawner.start())
    assert address == ("127.0.0.1", spawner.port)
    assert notes == [(ID, SessionState.RUNNING, "")]
    assert [plan.session_id for plan, _, _ in host.started] == [ID]


def test_the_token_travels_in_the_environment_and_never_on_the_command_line():
    host = FakeHost()
    spawner = spawner_on(host)
    spawner.api_token = "very-secret"
    asyncio.run(spawner.start())
    ((_, argv, environment),) = host.started
    assert environment["JUPYTERHUB_API_TOKEN"] == "very-secret"
    assert not any("very-secret" in word for word in argv)
    assert all(name.startswith("JUPYTERHUB_") for name in environment)


def test_a_refused_plan_is_told_in_words_with_its_code_and_status():
    host = FakeHost()
    spawner = spawner_on(host, NoCapacity("Every GPU is in use.", "Start on CPU now."))
    with pytest.raises(SpawnException) as caught:
        asyncio.run(spawner.start())
    refused = caught.value
    assert (refused.message, refused.reason, refused.status_code) == (
        "Every GPU is in use. Start on CPU now.",
        "no_capacity",
        503,
    )
    assert host.started == []


def test_a_sandbox_that_cannot_be_built_ends_the_lease_with_its_reason():
    notes = []
    spawner = spawner_on(FakeHost(refuses=CannotIsolate("no namespaces", "Run doctor.")), notes=notes)
    with pytest.raises(SpawnException, match="cannot_isolate"):
        asyncio.run(spawner.start())
    assert notes == [(ID, SessionState.LOST, "It could not start: no namespaces")]


def test_a_fault_nobody_foresaw_ends_the_lease_too():
    notes = []
    spawner = spawner_on(FakeHost(refuses=RuntimeError("boom")), notes=notes)
    with pytest.raises(RuntimeError):
        asyncio.run(spawner.start())
    assert [note[1] for note in notes] == [SessionState.LOST]


def test_a_server_that_ends_while_it_starts_is_not_waited_for():
    notes, host = [], FakeHost(listens=False, presence_now=Presence.GONE)
    with pytest.raises(SpawnException) as caught:
        asyncio.run(spawner_on(host, notes=notes).start())
    assert "ended while it started. ImportError: no such thing" in caught.value.message
    assert host.ended == [ID]
    assert notes[0][1] is SessionState.LOST


def test_a_start_that_is_broken_off_leaves_nothing():
    async def impatient():
        await asyncio.wait_for(spawner.start(), 0.3)

    notes, host = [], FakeHost(listens=False)
    spawner = spawner_on(host, notes=notes)
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(impatient())
    assert host.ended == [ID]
    assert notes == [(ID, SessionState.LOST, "Its start was broken off.")]


def test_progress_says_what_happens():
    async def listen():
        heard = []
        await spawner.start()
        async for event in spawner.progress():
            heard.append(event["message"])
            if len(heard) == 4:
                return heard

    spawner = spawner_on(FakeHost(), SessionPlan(ID, "ada", CPU, GPU, LATER))
    heard = asyncio.run(listen())
    assert heard[0] == "Planned: CPU, NVIDIA H100 is yours, until 16:00 UTC."
    assert "sandbox" in heard[1]
    assert "JupyterLab" in heard[2]


@pytest.mark.parametrize(
    ("presence", "expected"),
    [
        (Presence.RUNNING, None),
        (Presence.UNKNOWN, None),
        (OSError("the disk is away"), None),
        (Presence.GONE, 1),
    ],
)
def test_only_what_is_certain_is_concluded(presence, expected):
    notes = []
    spawner = spawner_on(FakeHost(presence_now=presence), notes=notes)
    spawner.load_state({"session_id": ID})
    assert asyncio.run(spawner.poll()) == expected
    assert bool(notes) is (expected is not None)


def test_an_end_that_cannot_be_recorded_is_kept_for_later():
    def away(*_note):
        raise OSError("records are away")

    host = FakeHost(presence_now=Presence.GONE)
    spawner = spawner_on(host)
    spawner.note_session = away
    spawner.load_state({"session_id": ID})
    assert asyncio.run(spawner.poll()) == 1
    assert host.forgotten == []


def test_a_session_shut_down_from_inside_ended_well():
    notes = []
    spawner = spawner_on(FakeHost(presence_now=Presence.GONE, how=Ending("exited", 0, None, None, 1.0)), notes=notes)
    spawner.load_state({"session_id": ID})
    assert asyncio.run(spawner.poll()) == 0
    assert notes == [(ID, SessionState.STOPPED, "It was shut down from inside.")]


def test_nothing_runs_where_nothing_was_started():
    assert asyncio.run(spawner_on(FakeHost()).poll()) == 0


def test_a_restarted_hub_finds_a_session_again_by_its_state():
    spawner = spawner_on(FakeHost())
    asyncio.run(spawner.start())
    again = spawner_on(FakeHost())
    again.load_state(spawner.get_state())
    assert asyncio.run(again.poll()) is None


def test_a_hub_that_was_killed_during_a_start_adopts_what_it_started():
    host = FakeHost(remembered=(RunningSession(ID, "ada", 200000, 4321, LATER),))
    spawner = spawner_on(host)
    spawner.load_state({})
    assert asyncio.run(spawner.poll()) is None
    assert asyncio.run(spawner.get_url()) == "http://127.0.0.1:4321"


def test_stopping_ends_the_session_and_notes_it():
    notes, host = [], FakeHost()
    spawner = spawner_on(host, notes=notes)
    asyncio.run(spawner.start())
    asyncio.run(spawner.stop())
    assert host.ended == [ID]
    assert notes[-1] == (ID, SessionState.STOPPED, "It was stopped.")
