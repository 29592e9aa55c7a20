"""What holds for courses, versions, sections and enrolments, in the fake and in each database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.records import DP4, NOON, PIPELINES, SPRING

from factory_academy.domain.course import Assignment, CertificateRule, Course, RegradePolicy, Section, Task, TaskKind
from factory_academy.domain.enrolment import Enrolment
from factory_academy.errors import Conflict

HOUR = timedelta(hours=1)
RULE = CertificateRule(
    "Data engineer",
    pass_fraction=0.8,
    assignments=("dp4", "dp5"),
    eqf_level=5,
    hours=12.5,
    outcomes=("Joins streams", "Écrit des tests"),
    skills=(("data pipelines", "https://example.org/skill/1"),),
)


def version(name: str, version: str, **more) -> Assignment:
    return Assignment("pipelines", name, name.upper(), (Task("t", 1.0, TaskKind.VISIBLE),), version * 64, **more)


def test_a_course_comes_back_with_its_rule_and_what_was_released(records):
    replacing = RegradePolicy.REPLACE
    course = Course("ml", "Machine learning", "What works", "C3", certificate=RULE, regrade_policy=replacing)
    with records.transaction() as repositories:
        repositories.courses.ensure(course)
        assert repositories.courses.find("ml") == course
        assert repositories.courses.find("pipelines") == replace(PIPELINES, assignments=(DP4,))
        assert repositories.courses.find("no-such") is None
        assert [c.id for c in repositories.courses.all()] == ["ml", "pipelines"]
        assert repositories.courses.all()[1].assignments == (DP4,)


def test_bringing_a_course_up_to_date_keeps_its_released_versions(records):
    with records.transaction() as repositories:
        repositories.courses.ensure(replace(PIPELINES, title="Pipelines anew", certificate=None))
        found = repositories.courses.find("pipelines")
    assert found == replace(PIPELINES, title="Pipelines anew", certificate=None, assignments=(DP4,))


def test_assignments_are_in_course_order_and_others_follow_as_released(records):
    order = (version("dp2", "0"), version("dp3", "0"), DP4)
    with records.transaction() as repositories:
        repositories.courses.ensure(replace(PIPELINES, assignments=order))
        for n, name in enumerate(("zz", "aa", "dp3", "dp2")):
            repositories.courses.release(version(name, str(n + 1)), "b" * 64, NOON + n * HOUR)
        names = [a.name for a in repositories.courses.find("pipelines").assignments]
    assert names == ["dp2", "dp3", "dp4", "zz", "aa"]


def test_a_new_version_is_present_and_the_old_one_stays_on_record(records):
    newer = replace(DP4, version="e" * 64, title="Streaming, again", hardened=False, due_at=NOON, max_seconds=7)
    with records.transaction() as repositories:
        repositories.courses.release(newer, "f" * 64, NOON + HOUR)
    with records.transaction() as repositories:
        assert repositories.courses.find("pipelines").assignments == (newer,)
        assert repositories.courses.assignment_of_version(DP4.version) == DP4
        assert repositories.courses.assignment_of_version("e" * 64) == newer
        assert repositories.courses.assignment_of_version("0" * 64) is None
        assert repositories.courses.version_blob(DP4.version) == "b" * 64
        assert repositories.courses.version_blob("e" * 64) == "f" * 64
        assert repositories.courses.version_blob("0" * 64) is None
        assert repositories.courses.hardened_versions("pipelines") == {DP4.version}
        repositories.courses.release(DP4, "b" * 64, NOON + 2 * HOUR)
        assert repositories.courses.find("pipelines").assignments == (DP4,)


def test_nothing_is_released_for_a_course_that_is_not_there(records):
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.courses.release(replace(DP4, course_id="nowhere"), "b" * 64, NOON)


def test_sections_are_listed_by_their_beginning(records):
    early = Section("s0", "pipelines", "bologna", "Winter", NOON - timedelta(days=90), NOON)
    with records.transaction() as repositories:
        repositories.courses.ensure(Course("ml", "Machine learning"))
        other = Section("ml-1", "ml", "bologna", "ML", NOON + HOUR)
        for section in (other, early):
            repositories.courses.ensure_section(section)
        assert list(repositories.courses.sections()) == [early, SPRING, other]
        assert list(repositories.courses.sections("ml")) == [other]
        repositories.courses.ensure_section(replace(other, title="ML 1"))
        assert repositories.courses.find_section("ml-1") == replace(other, title="ML 1")
        assert repositories.courses.find_section("no-such") is None


def test_a_section_needs_its_course(records):
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.courses.ensure_section(replace(SPRING, id="s9", course_id="nowhere"))


def test_a_trainee_is_enrolled_once_at_a_time(records):
    with records.transaction() as repositories:
        assert not repositories.enrolments.add(Enrolment("mira", SPRING.id, NOON + HOUR))
        assert repositories.enrolments.find("mira", SPRING.id) == Enrolment("mira", SPRING.id, NOON)


def test_withdrawing_keeps_the_enrolment_and_leaves_room_for_another(records):
    with records.transaction() as repositories:
        repositories.enrolments.withdraw("mira", SPRING.id, NOON + HOUR)
        repositories.enrolments.withdraw("mira", SPRING.id, NOON + 9 * HOUR)
        first = Enrolment("mira", SPRING.id, NOON, NOON + HOUR)
        assert repositories.enrolments.find("mira", SPRING.id) == first
        second = Enrolment("mira", SPRING.id, NOON + 2 * HOUR)
        assert repositories.enrolments.add(second)
    with records.transaction() as repositories:
        assert repositories.enrolments.find("mira", SPRING.id) == second
        assert list(repositories.enrolments.of_trainee("mira")) == [first, second]


def test_enrolments_of_sections_are_in_order_of_time(records):
    with records.transaction() as repositories:
        repositories.courses.ensure_section(replace(SPRING, id="other"))
        repositories.enrolments.add(Enrolment("mira", "other", NOON - HOUR))
        jun, mira = Enrolment("jun", SPRING.id, NOON), Enrolment("mira", SPRING.id, NOON)
        assert list(repositories.enrolments.of_section(SPRING.id)) == [jun, mira]
        both = repositories.enrolments.of_sections([SPRING.id, "other"])
        assert list(both) == [Enrolment("mira", "other", NOON - HOUR), jun, mira]
        assert list(repositories.enrolments.of_sections([])) == []
        assert repositories.enrolments.find("ivo", SPRING.id) is None


def test_an_enrolment_needs_its_section(records):
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.enrolments.add(Enrolment("mira", "no-such", NOON))
