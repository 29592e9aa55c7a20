from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.marking_hall import ANN, LEA, WHERE, MarkingHall
from tests.support.marking_work import ESSAY, LOAD, ODD
from tests.support.records import IVO, JUN, MIRA

from factory_academy.domain.appeal import AppealState
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import BadInput, Conflict, NotAllowed, NotFound

UPHELD, CHANGED = AppealState.UPHELD, AppealState.CHANGED


@pytest.fixture
def hall():
    return MarkingHall()


@pytest.fixture
def marked(hall):
    """Mira's work, marked by Ivo with half of the points."""
    submission = hall.hand_in()
    hall.mark_all(submission)
    hall.certified.clear()
    return submission


def test_an_appeal_is_open_with_a_day_by_which_it_is_answered(hall, marked):
    appeal = hall.office.appeal(MIRA, marked.id, ESSAY.id, "I named two.")
    assert (appeal.state, appeal.answer_by) == (AppealState.OPEN, hall.clock() + timedelta(days=10))
    (listed,) = hall.office.appeals(ANN, "pipelines")
    assert (listed.appeal, listed.trainee, listed.task.earned, listed.may_answer) == (appeal, MIRA, 2.0, True)
    assert hall.office.mine(MIRA, marked.id).appeals == (appeal,)
    assert ESSAY.id not in hall.office.mine(MIRA, marked.id).can_appeal


def test_a_changed_score_is_an_event_with_its_reason_and_may_earn_a_certificate(hall, marked):
    appeal = hall.office.appeal(MIRA, marked.id, ESSAY.id, "I named two.")
    before = hall.outcome(marked).earned
    answered = hall.office.answer(ANN, appeal.id, 4.0, "You did name two.")
    assert (answered.state, answered.answer.reason) == (CHANGED, "You did name two.")
    event = hall.history(marked)[-1]
    assert (event.actor, event.old_earned, event.new_earned) == ("ann", before, before + 2.0)
    assert next(t for t in hall.outcome(marked).tasks if t.task_id == ESSAY.id).message == "You did name two."
    assert hall.certified == [("mira", "pipelines")]


def test_an_upheld_score_is_an_event_too_and_changes_nothing(hall, marked):
    appeal = hall.office.appeal(MIRA, marked.id, ESSAY.id, "I named two.")
    before = hall.outcome(marked)
    assert hall.office.answer(ANN, appeal.id, None, "Only one of them rests on data.").state is UPHELD
    event = hall.history(marked)[-1]
    assert event.old_earned == event.new_earned == before.earned
    assert event.reason == f"The score stands after an appeal: {ESSAY.title}. Only one of them rests on data."
    assert hall.outcome(marked) == before


def test_a_tests_verdict_can_be_appealed_against_too(hall, marked):
    appeal = hall.office.appeal(MIRA, marked.id, ODD.id, "Mine is right as well.")
    hall.office.answer(ANN, appeal.id, 3.0, "It is.")
    assert hall.outcome(marked).tasks[-1].earned == 3.0


@pytest.mark.parametrize("points", [1.0, 4.5, -1.0])
def test_an_appeal_takes_nothing_away_and_gives_no_more_than_there_is(hall, marked, points):
    appeal = hall.office.appeal(MIRA, marked.id, ESSAY.id, "I named two.")
    with pytest.raises(BadInput, match="Expected more than 2"):
        hall.office.answer(ANN, appeal.id, points, "No.")


def test_whoever_gave_the_mark_does_not_answer_while_others_can(hall, marked):
    appeal = hall.office.appeal(MIRA, marked.id, ESSAY.id, "I named two.")
    (listed,) = hall.office.appeals(IVO, "pipelines")
    assert not listed.may_answer
    with pytest.raises(NotAllowed):
        hall.office.answer(IVO, appeal.id, None, "No.")


def test_an_appeal_is_answered_once(hall, marked):
    appeal = hall.office.appeal(MIRA, marked.id, ESSAY.id, "I named two.")
    hall.office.answer(ANN, appeal.id, None, "No.")
    with pytest.raises(Conflict, match="answered already"):
        hall.office.answer(ANN, appeal.id, 4.0, "Yes.")
    assert hall.office.appeals(ANN, "pipelines") == ()
    assert len(hall.office.appeals(ANN, "pipelines", open_only=False)) == 1


def test_a_task_is_appealed_against_once_and_in_time(hall, marked):
    hall.office.appeal(MIRA, marked.id, ESSAY.id, "I named two.")
    with pytest.raises(Conflict, match="There is an appeal"):
        hall.office.appeal(MIRA, marked.id, ESSAY.id, "Please.")
    hall.later(days=14, seconds=1)
    with pytest.raises(Conflict, match="ended at 2026-03-16 12:00 UTC"):
        hall.office.appeal(MIRA, marked.id, LOAD.id, "Late.")


def test_there_is_no_appeal_before_a_verdict_without_a_reason_or_about_others_work(hall):
    submission = hall.hand_in()
    for who, task, reason, refusal in (
        (MIRA, ESSAY.id, "Soon.", Conflict),
        (MIRA, LOAD.id, "  ", BadInput),
        (MIRA, LOAD.id, "x" * 10_001, BadInput),
        (MIRA, "no-such", "Why?", NotFound),
        (JUN, LOAD.id, "Mine?", NotFound),
    ):
        with pytest.raises(refusal):
            hall.office.appeal(who, submission.id, task, reason)


def test_an_instructor_of_another_factory_answers_nothing_here(hall, marked):
    appeal = hall.office.appeal(MIRA, marked.id, ESSAY.id, "I named two.")
    for appeal_id in (appeal.id, "no-such"):
        with pytest.raises(NotFound, match="no such appeal"):
            hall.office.answer(LEA, appeal_id, 4.0, "Yes.")
    with pytest.raises(BadInput, match="needs a reason"):
        hall.office.answer(ANN, appeal.id, 4.0, " ")


def test_what_is_graded_again_just_now_waits_for_its_verdict(hall, marked):
    appeal = hall.office.appeal(MIRA, marked.id, ESSAY.id, "I named two.")
    with hall.records.transaction() as repositories:
        repositories.submissions.set_state(marked.id, SubmissionState.RUNNING, "A worker has taken it up.")
    with pytest.raises(Conflict, match="running"):
        hall.office.answer(ANN, appeal.id, 4.0, "Yes.")
    assert replace(appeal) == hall.office.appeals(ANN, "pipelines")[0].appeal
    assert WHERE[0] == "pipelines"
