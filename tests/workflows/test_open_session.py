import threading
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.support.clock import FakeClock
from tests.support.devices import CPU, GPU, SLICE, FakeInventory, FakeProfiles, gpus
from tests.support.records import FakeRecords, stocked

from factory_academy.domain.person import Person, Role
from factory_academy.domain.session import SessionState
from factory_academy.errors import BadOptions, Conflict, InfrastructureFault, NoCapacity, UnknownProfile
from factory_academy.workflows.note_session import NoteSession
from factory_academy.workflows.open_session import OpenSession

HOUR = timedelta(hours=1)


@pytest.fixture
def profiles():
    return FakeProfiles(CPU, GPU, SLICE)


@pytest.fixture
def open_session(hall, profiles):
    return OpenSession(hall.records, profiles, FakeInventory(gpus(1)), hall.clock)


@pytest.fixture
def note_session(hall):
    return NoteSession(hall.records, hall.clock)


def leases(hall):
    with hall.records.reading() as repositories:
        return repositories.sessions.open_leases()


def session(hall, session_id: str):
    with hall.records.reading() as repositories:
        return repositories.sessions.find(session_id)


def test_the_plan_is_on_record_before_anything_starts(hall, open_session):
    plan = open_session("mira", {"profile": "gpu"})
    assert (plan.profile, plan.device, plan.expires_at) == (GPU, gpus(1)[0], hall.clock() + GPU.wall_time)
    written = session(hall, plan.session_id)
    assert (written.state, written.device_uuid, written.ended_at) == (SessionState.STARTING, "GPU-0", None)
    (lease,) = leases(hall)
    assert (lease.session_id, lease.device_uuid, lease.expires_at) == (plan.session_id, "GPU-0", plan.expires_at)


def test_with_no_choice_the_first_profile_is_taken_and_no_device(hall, open_session):
    plan = open_session("mira", {})
    assert (plan.profile, plan.device) == (CPU, None)
    assert leases(hall) == []


def test_a_device_in_use_is_given_to_nobody_else(hall, open_session):
    open_session("mira", {"profile": "gpu"})
    with pytest.raises(NoCapacity, match="in use"):
        open_session("jun", {"profile": "gpu"})
    assert len(leases(hall)) == 1


def test_asking_in_vain_leaves_an_earlier_session_as_it_was(hall, open_session):
    open_session("mira", {"profile": "gpu"})
    mine = open_session("jun", {"profile": "cpu"})
    with pytest.raises(NoCapacity):
        open_session("jun", {"profile": "gpu"})
    assert session(hall, mine.session_id).ended_at is None


def test_a_new_session_ends_the_persons_old_one_and_its_lease(hall, open_session):
    old = open_session("mira", {"profile": "gpu"})
    hall.clock.advance(HOUR)
    new = open_session("mira", {"profile": "gpu"})
    assert session(hall, old.session_id).state is SessionState.LOST
    assert session(hall, old.session_id).ended_at == hall.clock()
    assert [lease.session_id for lease in leases(hall)] == [new.session_id]


def test_a_device_the_machine_lacks_is_explained(hall, profiles, open_session):
    with pytest.raises(NoCapacity, match="no such GPU"):
        open_session("mira", {"profile": "slice"})
    without = OpenSession(hall.records, profiles, FakeInventory(note="No driver is loaded."), hall.clock)
    with pytest.raises(NoCapacity, match="No driver is loaded"):
        without("mira", {"profile": "gpu"})


@pytest.mark.parametrize("options", [{"profile": "gpu", "image": "evil"}, {"profile": 7}, {"profile": ["cpu", "gpu"]}])
def test_options_that_are_not_offered_are_refused(open_session, options):
    with pytest.raises(BadOptions):
        open_session("mira", options)


def test_an_unknown_profile_is_refused_with_those_on_offer(open_session):
    with pytest.raises(UnknownProfile, match="cpu, gpu, slice"):
        open_session("mira", {"profile": "dgx"})


def test_without_any_profile_the_fault_is_ours(hall):
    with pytest.raises(InfrastructureFault):
        OpenSession(hall.records, FakeProfiles(), FakeInventory(), hall.clock)("mira", {})


def test_nobody_has_no_session(open_session):
    with pytest.raises(Conflict):
        open_session("nobody-here", {})


def test_many_who_want_the_last_device_at_once_get_it_once(hall, open_session):
    plans, refusals = [], []

    def want(person: str) -> None:
        try:
            plans.append(open_session(person, {"profile": "gpu"}))
        except NoCapacity as refusal:
            refusals.append(refusal)

    threads = [threading.Thread(target=want, args=(person,)) for person in ("mira", "jun", "ivo")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(plans), len(refusals)) == (1, 2)


def test_ending_a_session_frees_its_device_and_twice_changes_nothing(hall, open_session, note_session):
    plan = open_session("mira", {"profile": "gpu"})
    note_session(plan.session_id, SessionState.RUNNING)
    assert session(hall, plan.session_id).state is SessionState.RUNNING
    note_session(plan.session_id, SessionState.STOPPED, "signed out")
    hall.clock.advance(HOUR)
    note_session(plan.session_id, SessionState.LOST, "too late")
    note_session(plan.session_id, SessionState.RUNNING)
    note_session("no-such-session", SessionState.RUNNING)
    ended = session(hall, plan.session_id)
    assert (ended.state, ended.reason, ended.ended_at) == (SessionState.STOPPED, "signed out", hall.clock() - HOUR)
    assert leases(hall) == []
    assert open_session("jun", {"profile": "gpu"}).device is not None


PEOPLE = [f"p{n}" for n in range(4)]


class Sessions(RuleBasedStateMachine):
    """Whatever people and processes do, in whatever order, a device has one holder at most."""

    def __init__(self) -> None:
        super().__init__()
        self.records, self.clock, self.plans = FakeRecords(), FakeClock(), []
        stocked(self.records)
        with self.records.transaction() as repositories:
            for person in PEOPLE:
                repositories.people.add(Person(person, person, Role.TRAINEE))
        profiles, inventory = FakeProfiles(CPU, GPU, SLICE), FakeInventory(gpus(2))
        self.open_session = OpenSession(self.records, profiles, inventory, self.clock)
        self.note_session = NoteSession(self.records, self.clock)

    @rule(person=st.sampled_from(PEOPLE), profile=st.sampled_from(["cpu", "gpu", "slice"]))
    def ask(self, person: str, profile: str) -> None:
        try:
            self.plans.append(self.open_session(person, {"profile": profile}))
        except NoCapacity:
            assert profile != "cpu"

    @precondition(lambda self: self.plans)
    @rule(data=st.data(), state=st.sampled_from(SessionState))
    def note(self, data, state: SessionState) -> None:
        self.note_session(data.draw(st.sampled_from(self.plans)).session_id, state, "noted")

    @rule(by=st.timedeltas(timedelta(0), timedelta(hours=9)))
    def wait(self, by: timedelta) -> None:
        self.clock.advance(by)

    @invariant()
    def leases_and_sessions_agree(self) -> None:
        with self.records.reading() as repositories:
            held = repositories.sessions.open_leases()
            open_sessions = repositories.sessions.open()
        assert len({lease.device_uuid for lease in held}) == len(held) <= 2
        assert len({s.person_id for s in open_sessions}) == len(open_sessions)
        assert {(s.id, s.device_uuid) for s in open_sessions if s.device_uuid} == {
            (lease.session_id, lease.device_uuid) for lease in held
        }


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
