from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.marking_hall import ESSAYS, LEA, SECTION, WHERE, MarkingHall
from tests.support.records import IVO, JUN, MIRA, NOON, PIPELINES

from factory_academy.domain.lateness import LatePolicy
from factory_academy.domain.person import Person, Role
from factory_academy.errors import BadInput, NotEnrolled, NotFound
from factory_academy.workflows.course_view import ViewAssignment, ViewSubmission
from factory_academy.workflows.load_catalogue import LoadCatalogue
from factory_academy.workflows.my_courses import MyCourses

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICY = LatePolicy(per_day_fraction=0.25)


@pytest.fixture
def hall():
    hall = MarkingHall()
    hall.deadlines.set(IVO, *WHERE, due_at=NOON - 30 * HOUR, policy=POLICY)
    return hall


def kept(hall, submission, trainee=MIRA):
    return ViewSubmission(hall.records, hall.clock)(trainee, submission.id).lateness.kept_fraction


def test_lateness_follows_whatever_was_set_last(hall):
    submission = hall.hand_in()
    assert kept(hall, submission) == 0.5
    hall.deadlines.set(IVO, *WHERE, due_at=NOON - HOUR, policy=POLICY, section_id=SECTION)
    assert kept(hall, submission) == 0.75
    hall.deadlines.set(IVO, *WHERE, due_at=NOON - HOUR, policy=None)
    assert kept(hall, submission) == 1.0


def test_an_extension_after_grading_resets_the_penalty_of_that_trainee_only(hall):
    mira, jun = hall.hand_in("mira"), hall.hand_in("jun")
    hall.mark_all(mira)
    given = hall.deadlines.extend(IVO, *WHERE, "mira", 2 * DAY, "Ill.")
    assert given.effective_at == NOON - 30 * HOUR + 2 * DAY
    assert (kept(hall, mira), kept(hall, jun, JUN)) == (1.0, 0.5)
    hall.deadlines.extend(IVO, *WHERE, "mira", timedelta(0), "Given by mistake.")
    assert kept(hall, mira) == 0.5
    assert [e.extra for e in hall.deadlines.view(IVO, *WHERE).extensions] == [2 * DAY, timedelta(0)]


def test_nothing_about_lateness_is_stored_with_a_grade(hall):
    submission = hall.hand_in()
    hall.mark_all(submission)
    before = hall.history(submission)
    hall.deadlines.extend(IVO, *WHERE, "mira", DAY, "Ill.")
    assert hall.history(submission) == before
    assert hall.outcome(submission).earned == 10.5


def test_a_trainee_sees_their_own_deadline_wherever_one_is_shown(hall):
    hall.deadlines.extend(IVO, *WHERE, "mira", DAY, "Ill.")
    mine = NOON - 30 * HOUR + DAY
    assert hall.deadlines.mine(MIRA, *WHERE).effective_at == mine
    assert ViewAssignment(hall.records)(MIRA, *WHERE).assignment.due_at == mine
    home = MyCourses(hall.records, hall.clock)(MIRA)
    assert [a.due_at for a in home.courses[0].course.assignments if a.name == "essays"] == [mine]
    assert hall.deadlines.mine(JUN, *WHERE).effective_at == NOON - 30 * HOUR


def test_only_those_who_teach_a_section_set_its_deadlines(hall):
    stranger = Person("zoe", "Zoe", Role.TRAINEE, "bologna")
    for asked in (
        lambda: hall.deadlines.set(LEA, *WHERE, due_at=NOON, policy=None),
        lambda: hall.deadlines.set(IVO, *WHERE, due_at=NOON, policy=None, section_id="elsewhere"),
        lambda: hall.deadlines.set(IVO, "pipelines", "no-such", due_at=NOON, policy=None),
        lambda: hall.deadlines.extend(IVO, *WHERE, "zoe", DAY, "Ill."),
        lambda: hall.deadlines.view(MIRA, *WHERE),
    ):
        with pytest.raises(NotFound):
            asked()
    with pytest.raises(NotEnrolled):
        hall.deadlines.mine(stranger, *WHERE)


@pytest.mark.parametrize(("extra", "reason"), [(-HOUR, "Less."), (367 * DAY, "For ever."), (DAY, " ")])
def test_an_extension_is_up_to_a_year_with_a_reason(hall, extra, reason):
    with pytest.raises(BadInput):
        hall.deadlines.extend(IVO, *WHERE, "mira", extra, reason)


def test_without_a_deadline_work_is_never_late():
    hall = MarkingHall()
    submission = hall.hand_in()
    assert kept(hall, submission) == 1.0
    assert hall.deadlines.mine(MIRA, *WHERE).effective_at is None


def rules(hall):
    with hall.records.reading() as repositories:
        return [(r.section_id, r.due_at) for r in repositories.deadlines.of_assignment(*WHERE)]


def test_what_the_courses_files_say_is_kept_once_and_a_section_may_say_otherwise(hall):
    load = LoadCatalogue(hall.records, lambda bundle, strict: ESSAYS, hall.clock)
    for due_at in (NOON, NOON, NOON + DAY, None):
        load.course(replace(PIPELINES, assignments=(replace(ESSAYS, due_at=due_at),)), ())
    assert rules(hall) == [(SECTION, NOON - 30 * HOUR), (None, NOON), (None, NOON + DAY), (None, None)]
    assert hall.deadlines.mine(MIRA, *WHERE).effective_at == NOON - 30 * HOUR
