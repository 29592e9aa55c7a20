"""What holds for sessions, leases and certificates, in the fake and in each database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.records import NOON

from factory_academy.domain.certificate import Certificate
from factory_academy.domain.course import CertificateRule, Course
from factory_academy.domain.session import Lease, SessionRecord, SessionState
from factory_academy.errors import Conflict, NotFound

HOUR = timedelta(hours=1)


def session(id: str = "a", person: str = "mira", at=NOON) -> SessionRecord:
    return SessionRecord(id, person, "gpu", "GPU-0", SessionState.STARTING, at, at + HOUR)


def lease(id: str = "l1", session_id: str = "a", device: str = "GPU-0") -> Lease:
    return Lease(id, session_id, device, NOON, NOON + HOUR)


def certificate(id: str = "c1", trainee: str = "mira", index: int = 0, course: str = "pipelines") -> Certificate:
    return Certificate(
        id=id,
        trainee_id=trainee,
        trainee_name="Mira Moretti",
        course_id=course,
        course_title="Data pipelines",
        factory_id="bologna",
        factory_name="IT4LIA",
        rule=CertificateRule("Pipeline builder", skills=(("joins", "https://example.org/j"),)),
        fraction=2 / 3,
        issued_at=NOON + index * HOUR,
        evidence=(("pipelines/dp4", "d4" * 32),),
        status_index=index,
    )


def test_a_session_is_found_as_it_was_written_down(records):
    with records.transaction() as repositories:
        repositories.sessions.add(session())
    with records.transaction() as repositories:
        assert repositories.sessions.find("a") == session()
        assert repositories.sessions.find("b") is None


def test_open_sessions_are_those_that_did_not_end(records):
    with records.transaction() as repositories:
        for n, (i, person) in enumerate([("a", "mira"), ("b", "jun"), ("c", "mira")]):
            repositories.sessions.add(session(i, person, NOON + n * HOUR))
        repositories.sessions.set_state("a", SessionState.LOST, "gone", NOON + 4 * HOUR)
        repositories.sessions.set_state("b", SessionState.RUNNING)
        assert [s.id for s in repositories.sessions.open()] == ["b", "c"]
        assert [s.id for s in repositories.sessions.open("mira")] == ["c"]
        assert [s.id for s in repositories.sessions.recent()] == ["c", "b", "a"]
        assert [s.id for s in repositories.sessions.recent(1)] == ["c"]
        lost = repositories.sessions.find("a")
    assert (lost.state, lost.reason, lost.ended_at) == (SessionState.LOST, "gone", NOON + 4 * HOUR)


def test_a_session_needs_its_person(records):
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.sessions.add(session(person="nobody-here"))


def test_a_device_has_one_open_lease_at_most(records):
    with records.transaction() as repositories:
        repositories.sessions.plan_alone()
        repositories.sessions.add(session("a"))
        repositories.sessions.add(session("b", "jun"))
        repositories.sessions.add_lease(lease("l1", "a"))
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.sessions.add_lease(lease("l2", "b"))
    with records.transaction() as repositories:
        assert list(repositories.sessions.open_leases()) == [lease("l1", "a")]
        repositories.sessions.end_leases("a", NOON + HOUR)
        repositories.sessions.end_leases("a", NOON + 2 * HOUR)
        assert list(repositories.sessions.open_leases()) == []
        repositories.sessions.add_lease(lease("l2", "b"))
        assert [held.id for held in repositories.sessions.open_leases()] == ["l2"]


def test_a_lease_needs_its_session(records):
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.sessions.add_lease(lease())


def test_a_certificate_comes_back_with_its_credential(records):
    with records.transaction() as repositories:
        assert repositories.certificates.add(certificate(), '{"proof": "ü"}')
    with records.transaction() as repositories:
        assert repositories.certificates.find("c1") == certificate()
        assert repositories.certificates.credential("c1") == '{"proof": "ü"}'
        assert repositories.certificates.find("c2") is None
        assert repositories.certificates.credential("c2") is None
        assert list(repositories.certificates.of_trainee("mira")) == [certificate()]
        assert list(repositories.certificates.of_trainee("jun")) == []


def test_a_trainee_has_one_certificate_a_course(records):
    with records.transaction() as repositories:
        repositories.courses.ensure(Course("ml", "Machine learning"))
        repositories.certificates.add(certificate(), "{}")
        assert not repositories.certificates.add(certificate("c2", index=1), "{}")
        assert repositories.certificates.add(certificate("c3", index=2, course="ml"), "{}")
        assert repositories.certificates.add(certificate("c4", "jun", index=3), "{}")
        assert [c.id for c in repositories.certificates.of_course("pipelines")] == ["c1", "c4"]


def test_two_certificates_never_share_a_place_in_the_status_list(records):
    with records.transaction() as repositories:
        repositories.certificates.add(certificate(), "{}")
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.certificates.add(certificate("c2", "jun"), "{}")


def test_places_in_the_status_list_are_numbered_from_nought(records):
    with records.transaction() as repositories:
        assert [repositories.certificates.next_status_index() for _ in range(2)] == [0, 1]
    with records.transaction() as repositories:
        assert repositories.certificates.next_status_index() == 2


def test_a_certificate_is_revoked_once_and_for_all(records):
    with records.transaction() as repositories:
        repositories.certificates.add(certificate(), "{}")
        repositories.certificates.add(certificate("c2", "jun", index=7), "{}")
        repositories.certificates.revoke("c2", NOON)
        repositories.certificates.revoke("c2", NOON + HOUR)
    with records.transaction() as repositories:
        assert repositories.certificates.find("c2") == replace(certificate("c2", "jun", index=7), revoked_at=NOON)
        assert repositories.certificates.revoked_indices() == {7}
    with pytest.raises(NotFound), records.transaction() as repositories:
        repositories.certificates.revoke("no-such", NOON)
