from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.records import BOLOGNA, IVO, SPRING

from factory_academy.domain.person import Person, Role
from factory_academy.errors import NotAllowed, NotFound
from factory_academy.workflows.enrol import Enrol

DAY = timedelta(days=1)


@pytest.fixture
def enrol(hall):
    with hall.records.transaction() as repositories:
        repositories.people.add(Person("aino", "Aino", Role.TRAINEE))
    return Enrol(hall.records, hall.clock)


def test_a_trainee_can_enrol_and_doing_it_again_changes_nothing(hall, enrol):
    first = enrol("aino", SPRING.id)
    hall.clock.advance(DAY)
    assert enrol("aino", SPRING.id) == first
    assert first.enrolled_at == hall.clock() - DAY


def test_who_withdrew_can_come_back(hall, enrol):
    enrol("aino", SPRING.id)
    with hall.records.transaction() as repositories:
        repositories.enrolments.withdraw("aino", SPRING.id, hall.clock())
    hall.clock.advance(DAY)
    assert enrol("aino", SPRING.id).enrolled_at == hall.clock()


def test_an_instructor_cannot_enrol(enrol):
    with pytest.raises(NotAllowed):
        enrol("ivo", SPRING.id)


def test_a_section_that_has_ended_takes_nobody(hall, enrol):
    with hall.records.transaction() as repositories:
        repositories.courses.ensure_section(replace(SPRING, ends_at=hall.clock()))
    with pytest.raises(NotAllowed):
        enrol("aino", SPRING.id)


def test_an_instructor_adds_trainees_of_their_own_factory_only(hall, enrol):
    with hall.records.transaction() as repositories:
        repositories.factories.ensure(replace(BOLOGNA, id="lumi"))
        repositories.people.add(Person("cleo", "Cleo", Role.TRAINEE, "lumi"))
        repositories.people.add(Person("lea", "Lea", Role.INSTRUCTOR, "lumi"))
    assert enrol("aino", SPRING.id, by=IVO).is_active
    for who, by in (("cleo", IVO), ("cleo", Person("lea", "Lea", Role.INSTRUCTOR, "lumi"))):
        with pytest.raises(NotFound, match="of your factory"):
            enrol(who, SPRING.id, by=by)


@pytest.mark.parametrize(("who", "where"), [("nobody-here", SPRING.id), ("aino", "no-such")])
def test_who_or_what_is_not_there_is_named(enrol, who, where):
    with pytest.raises(NotFound):
        enrol(who, where)
