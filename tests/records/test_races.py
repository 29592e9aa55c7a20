"""Workflows that meet in the same moment, on real databases: each outcome is as if they had come one after another."""

import threading

import pytest
from tests.support.at_once import at_once
from tests.support.autograder import FixedAutograder
from tests.support.blobs import FakeBlobs
from tests.support.clock import FakeClock
from tests.support.devices import GPU, FakeInventory, FakeProfiles, gpus
from tests.support.issuer import FakeIssuer
from tests.support.records import DP4, NOON, SPRING
from tests.support.work import accept_anything, dp4_bundle

from factory_academy.domain.person import Person, Role
from factory_academy.errors import NoCapacity
from factory_academy.workflows.certify import Certify
from factory_academy.workflows.enrol import Enrol
from factory_academy.workflows.grade import GradeNext
from factory_academy.workflows.open_session import OpenSession
from factory_academy.workflows.submit import Submit

AT_ONCE = 8


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def blobs(store):
    blobs = FakeBlobs()
    with store.transaction() as repositories:
        repositories.courses.release(DP4, blobs.put(dp4_bundle().to_bytes()), NOON)
        for n in range(AT_ONCE):
            repositories.people.add(Person(f"t{n}", f"Trainee {n}", Role.TRAINEE, "bologna"))
    return blobs


def test_the_same_bytes_handed_in_at_once_are_one_submission(store, blobs, clock):
    submit = Submit(store, blobs, accept_anything, clock)
    results = at_once(*[lambda: submit("mira", "pipelines", "dp4", b"work")] * AT_ONCE)
    assert len({submission.id for submission in results}) == 1
    with store.reading() as repositories:
        assert repositories.queue.waiting() == 1
        assert len(repositories.submissions.of_trainee("mira")) == 1


def test_enrolling_at_once_is_enrolling_once(store, blobs, clock):
    enrol = Enrol(store, clock)
    results = at_once(*[lambda: enrol("t0", SPRING.id)] * AT_ONCE)
    assert [r.trainee_id for r in results] == ["t0"] * AT_ONCE
    with store.reading() as repositories:
        assert len(repositories.enrolments.of_trainee("t0")) == 1


def test_workers_that_race_grade_each_submission_once(store, blobs, clock):
    submit = Submit(store, blobs, accept_anything, clock)
    ids = [submit("mira", "pipelines", "dp4", str(n).encode()).id for n in range(12)]
    autograder = FixedAutograder()
    grade_next = GradeNext(store, blobs, autograder, clock)

    def work() -> list[str]:
        done = []
        while (submission := grade_next(f"w{threading.get_ident()}")) is not None:
            done.append(submission.id)
        return done

    results = at_once(*[work] * 4)
    assert sorted(i for done in results for i in done) == sorted(ids)
    assert len(autograder.graded) == len(ids)
    with store.reading() as repositories:
        assert [len(repositories.grades.history(i)) for i in ids] == [1] * len(ids)


def test_certifying_at_once_issues_one_certificate(store, blobs, clock):
    Submit(store, blobs, accept_anything, clock)("mira", "pipelines", "dp4", b"work")
    GradeNext(store, blobs, FixedAutograder(), clock)("w")
    certify = Certify(store, FakeIssuer(), clock)
    results = at_once(*[lambda: certify("mira", "pipelines")] * AT_ONCE)
    assert len({certificate.id for certificate in results}) == 1
    with store.reading() as repositories:
        assert len(repositories.certificates.of_course("pipelines")) == 1


def test_the_last_devices_are_never_given_twice(store, blobs, clock):
    open_session = OpenSession(store, FakeProfiles(GPU), FakeInventory(gpus(3)), clock)
    results = at_once(*[lambda who=f"t{n}": open_session(who, {"profile": "gpu"}) for n in range(AT_ONCE)])
    refused = [r for r in results if isinstance(r, NoCapacity)]
    planned = [r for r in results if not isinstance(r, Exception)]
    assert (len(planned), len(refused)) == (3, AT_ONCE - 3)
    assert {plan.device.uuid for plan in planned} == {"GPU-0", "GPU-1", "GPU-2"}
    with store.reading() as repositories:
        assert len(repositories.sessions.open_leases()) == len(repositories.sessions.open()) == 3
