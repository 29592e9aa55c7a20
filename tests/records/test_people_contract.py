"""What holds for people, factories and cohorts, in the fake and in each database."""

import pytest
from tests.support.records import BOLOGNA, IVO, JUN, MIRA

from factory_academy.domain.factory import Cohort, Factory
from factory_academy.domain.person import Person, Role
from factory_academy.errors import Conflict, NotFound


def test_a_person_is_found_as_they_were_added(records):
    with records.transaction() as repositories:
        repositories.people.add(Person("aino", "Äino Mäki-Löf 🎓", Role.OPERATOR))
    with records.transaction() as repositories:
        assert repositories.people.find("aino") == Person("aino", "Äino Mäki-Löf 🎓", Role.OPERATOR)
        assert repositories.people.find("nobody-here") is None


def test_a_sign_in_name_is_given_once(records):
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.people.add(Person("mira", "Another Mira", Role.OPERATOR))
    with records.transaction() as repositories:
        assert repositories.people.find("mira") == MIRA


def test_a_person_cannot_belong_to_a_factory_that_is_not_there(records):
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.people.add(Person("lost", "Lost Soul", Role.TRAINEE, "atlantis"))


def test_a_password_hash_is_kept_and_can_be_replaced(records):
    with records.transaction() as repositories:
        repositories.people.add(Person("aino", "Aino", Role.OPERATOR), "first")
        assert repositories.people.password_hash("aino") == "first"
        repositories.people.set_password_hash("aino", "second")
    with records.transaction() as repositories:
        assert repositories.people.password_hash("aino") == "second"
        assert repositories.people.password_hash("mira") is None
        assert repositories.people.password_hash("nobody-here") is None


def test_nobody_cannot_get_a_password(records):
    with pytest.raises(NotFound), records.transaction() as repositories:
        repositories.people.set_password_hash("nobody-here", "hash")


def test_people_are_listed_by_role_and_by_id(records):
    with records.transaction() as repositories:
        assert list(repositories.people.with_role(Role.TRAINEE)) == [JUN, MIRA]
        assert list(repositories.people.with_role(Role.OPERATOR)) == []
        assert repositories.people.of_ids(["ivo", "nobody-here", "jun"]) == {"ivo": IVO, "jun": JUN}
        assert repositories.people.of_ids([]) == {}


def test_an_academy_with_people_is_not_empty(records):
    with records.transaction() as repositories:
        assert not repositories.people.is_empty()


def test_a_name_that_no_database_can_hold_is_nobodys(records):
    with records.transaction() as repositories:
        assert repositories.people.find("mi\0ra") is None
        assert repositories.people.find("mi\ud800ra") is None


def test_a_factory_is_added_once_and_brought_up_to_date(records):
    renamed = Factory("bologna", "IT4LIA AI Factory", "Bologna", "IT", "agri-food, earth")
    with records.transaction() as repositories:
        assert repositories.factories.find("bologna") == BOLOGNA
        repositories.factories.ensure(renamed)
        repositories.factories.ensure(Factory("barcelona", "BSC", "Barcelona", "ES", "health"))
        assert repositories.factories.find("bologna") == renamed
    with records.transaction() as repositories:
        assert [f.id for f in repositories.factories.all()] == ["barcelona", "bologna"]
        assert repositories.factories.find("bologna") == renamed
        assert repositories.factories.find("atlantis") is None


def test_a_cohort_gathers_trainees_of_one_factory(records):
    with records.transaction() as repositories:
        repositories.factories.ensure_cohort(Cohort("b1", "bologna", "First"))
        repositories.factories.ensure_cohort(Cohort("b1", "bologna", "The first"))
        for trainee in ("mira", "jun", "mira"):
            repositories.factories.add_to_cohort("b1", trainee)
    with records.transaction() as repositories:
        assert list(repositories.factories.cohorts("bologna")) == [Cohort("b1", "bologna", "The first")]
        assert list(repositories.factories.cohorts("atlantis")) == []
        assert list(repositories.factories.trainees_of_cohort("b1")) == [JUN, MIRA]


def test_a_cohort_needs_a_factory_and_a_member_needs_a_cohort(records):
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.factories.ensure_cohort(Cohort("a1", "atlantis", "Drowned"))
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.factories.add_to_cohort("no-such", "mira")
