import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.records import DP4, PIPELINES, SPRING

from factory_academy.cli.grader import certify_outstanding
from factory_academy.domain.course import CertificateRule
from factory_academy.domain.enrolment import Enrolment
from factory_academy.domain.factory import Factory


@pytest.fixture
def passed(hall):
    """A hall in which Mira earned every point of DP-4."""
    hall.hand_in()
    hall.grade_next("w1")
    return hall


def test_what_is_earned_is_certified_with_what_proves_it(passed):
    certificate = passed.certify("mira", "pipelines")
    assert (certificate.trainee_name, certificate.course_title) == ("Mira Moretti", "Data pipelines")
    assert (certificate.factory_id, certificate.fraction) == ("bologna", 1.0)
    assert certificate.evidence == (("pipelines/dp4", DP4.version),)
    assert certificate.issued_at == passed.clock()
    with passed.records.reading() as repositories:
        assert repositories.certificates.find(certificate.id) == certificate
        assert certificate.id in repositories.certificates.credential(certificate.id)


def test_the_evidence_names_the_version_the_points_were_earned_on(passed):
    newer = replace(DP4, version="e" * 64)
    with passed.records.transaction() as repositories:
        repositories.courses.release(newer, "f" * 64, passed.clock() + timedelta(days=1))
    assert passed.certify("mira", "pipelines").evidence == (("pipelines/dp4", DP4.version),)


def test_a_certificate_is_issued_once(passed):
    first = passed.certify("mira", "pipelines")
    passed.clock.advance(timedelta(days=1))
    assert passed.certify("mira", "pipelines") == first
    assert len(passed.issuer.signed) == 1


def test_what_a_killed_worker_still_owed_is_issued_when_the_next_one_starts(passed):
    certify_outstanding(passed)
    certify_outstanding(passed)
    with passed.records.reading() as repositories:
        (certificate,) = repositories.certificates.of_course("pipelines")
    assert certificate.trainee_id == "mira"


def test_many_who_ask_at_once_get_one_certificate(passed):
    issued = []
    threads = [threading.Thread(target=lambda: issued.append(passed.certify("mira", "pipelines"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(issued) == 8
    assert len({c.id for c in issued}) == 1


def test_what_was_revoked_is_not_issued_again_by_itself(passed):
    first = passed.certify("mira", "pipelines")
    with passed.records.transaction() as repositories:
        repositories.certificates.revoke(first.id, passed.clock())
    assert passed.certify("mira", "pipelines").revoked_at == passed.clock()
    assert len(passed.issuer.signed) == 1


def test_too_few_points_earn_no_certificate(hall):
    hall.autograder.fraction = 0.6
    hall.hand_in()
    hall.grade_next("w1")
    assert hall.certify("mira", "pipelines") is None
    assert hall.certify("jun", "pipelines") is None


def test_points_on_a_version_that_is_not_hardened_earn_no_certificate(hall):
    soft = replace(DP4, version="e" * 64, hardened=False)
    with hall.records.transaction() as repositories:
        blob = repositories.courses.version_blob(DP4.version)
        repositories.courses.release(soft, blob, hall.clock())
    hall.hand_in()
    assert hall.grade_next("w1").assignment_version == soft.version
    assert hall.certify("mira", "pipelines") is None


def test_a_rule_that_names_an_assignment_that_was_never_released_is_not_met(passed):
    rule = CertificateRule("Pipeline builder", assignments=("dp4", "dp5"))
    with passed.records.transaction() as repositories:
        repositories.courses.ensure(replace(PIPELINES, certificate=rule))
    assert passed.certify("mira", "pipelines") is None


@pytest.mark.parametrize(("who", "what"), [("nobody-here", "pipelines"), ("mira", "no-such")])
def test_nothing_is_certified_for_who_or_what_is_not_there(passed, who, what):
    assert passed.certify(who, what) is None


def test_who_left_the_course_is_not_certified_for_it(passed):
    with passed.records.transaction() as repositories:
        repositories.enrolments.withdraw("mira", SPRING.id, passed.clock())
    assert passed.certify("mira", "pipelines") is None


def test_the_factory_of_the_latest_section_issues(passed):
    with passed.records.transaction() as repositories:
        repositories.factories.ensure(Factory("barcelona", "BSC", "Barcelona", "ES", "health"))
        repositories.courses.ensure_section(replace(SPRING, id="bcn", factory_id="barcelona"))
        repositories.enrolments.add(Enrolment("mira", "bcn", passed.clock() + timedelta(days=1)))
    assert passed.certify("mira", "pipelines").factory_name == "BSC"
