from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support.nouns import outcomes, scores, tasks

from factory_academy.domain.course import Task, TaskKind
from factory_academy.domain.grade import (
    Grade,
    GradingOutcome,
    TaskScore,
    Verdict,
    total_earned,
    total_possible,
    with_every_task,
)
from factory_academy.domain.lateness import LatePolicy
from factory_academy.domain.submission import SubmissionState

DUE = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
DAY, YEAR, ZERO = timedelta(days=1), timedelta(days=365), timedelta(0)
per_days = st.floats(0, 1)


def late_fraction(due_at, submitted_at, per_day):
    return LatePolicy(per_day_fraction=per_day).kept(submitted_at - due_at)


@given(late_by=st.timedeltas(-YEAR, YEAR), longer=st.timedeltas(ZERO, YEAR), per_day=per_days)
def test_waiting_longer_never_earns_more(late_by, longer, per_day):
    sooner = late_fraction(DUE, DUE + late_by, per_day)
    later = late_fraction(DUE, DUE + late_by + longer, per_day)
    assert 0 <= later <= sooner <= 1


@given(early_by=st.timedeltas(ZERO, YEAR), per_day=per_days)
def test_on_time_keeps_everything(early_by, per_day):
    assert late_fraction(DUE, DUE - early_by, per_day) == 1.0


@given(days=st.integers(0, 300), into=st.timedeltas(timedelta(microseconds=1), DAY), per_day=per_days)
def test_each_day_begun_costs_the_same(days, into, per_day):
    assert late_fraction(DUE, DUE + days * DAY + into, per_day) == max(0.0, 1.0 - per_day * (days + 1))


def test_one_microsecond_late_is_a_day_begun_and_one_day_is_one_day():
    assert late_fraction(DUE, DUE + timedelta(microseconds=1), 0.1) == 0.9
    assert late_fraction(DUE, DUE + DAY, 0.1) == 0.9
    assert late_fraction(DUE, DUE + DAY + timedelta(microseconds=1), 0.1) == 0.8


@given(some=st.lists(scores(), max_size=30), data=st.data())
def test_the_total_does_not_depend_on_the_order_and_stays_within_what_there_was(some, data):
    shuffled = data.draw(st.permutations(some))
    assert total_earned(some) == total_earned(shuffled)
    assert 0 <= total_earned(some) <= total_possible(some)


def test_tenths_add_up_as_people_expect():
    tenths = [TaskScore(str(n), 0.1, 1.0, TaskKind.VISIBLE, Verdict.PARTLY) for n in range(3)]
    assert total_earned(tenths) == 0.3


@given(score=scores(), beyond=st.floats(min_value=0.001, allow_nan=False, allow_infinity=False))
def test_a_score_beyond_what_is_possible_cannot_be_made(score, beyond):
    assume(score.possible + beyond > score.possible)
    with pytest.raises(ValueError, match="of"):
        replace(score, earned=score.possible + beyond)


@pytest.mark.parametrize("earned", [-0.1, float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_of_points_cannot_be_made(earned):
    with pytest.raises(ValueError, match="of"):
        TaskScore("t", earned, 1.0, TaskKind.HIDDEN, Verdict.FAILED)


@pytest.mark.parametrize("state", [SubmissionState.QUEUED, SubmissionState.RUNNING])
def test_an_outcome_is_an_end(state):
    with pytest.raises(ValueError, match="terminal"):
        GradingOutcome(state, "")


@given(some=st.lists(scores(), max_size=8).map(tuple))
def test_fractions_of_a_grade_lie_between_nothing_and_all(some):
    grade = Grade("s", total_earned(some), total_possible(some), some)
    assert 0 <= grade.fraction <= 1
    assert 0 <= grade.automatic_fraction <= 1


@given(some=st.lists(scores(), min_size=1, max_size=8).map(tuple))
def test_whoever_earned_every_point_has_all_of_it(some):
    full = tuple(replace(score, earned=score.possible, kind=TaskKind.HIDDEN) for score in some)
    grade = Grade("s", total_earned(full), total_possible(full), full)
    assert grade.fraction in ((1.0,) if total_possible(full) else (0.0,))
    assert grade.automatic_fraction in ((1.0,) if any(score.possible for score in full) else (0.0,))


def test_a_grade_of_nothing_possible_is_no_success():
    assert (Grade("s", 0.0, 0.0).fraction, Grade("s", 0.0, 0.0).automatic_fraction) == (0.0, 0.0)


def test_points_that_a_person_gives_do_not_count_as_automatic():
    scored = (
        TaskScore("t1", 3.0, 4.0, TaskKind.HIDDEN, Verdict.PARTLY),
        TaskScore("t2", 6.0, 6.0, TaskKind.MANUAL, Verdict.MANUAL),
    )
    grade = Grade("s", 9.0, 10.0, scored)
    assert (grade.fraction, grade.automatic_fraction) == (0.9, 0.75)


assignments = st.lists(tasks, max_size=6, unique_by=lambda task: task.id).map(tuple)


@given(outcome=outcomes, some=assignments)
def test_a_completed_outcome_has_one_score_for_each_task_in_order(outcome, some):
    complete = with_every_task(outcome, some)
    assert [score.task_id for score in complete.tasks] == [task.id for task in some]
    assert replace(complete, tasks=()) == replace(outcome, tasks=())


@given(outcome=outcomes, some=assignments)
def test_completing_gives_no_point_that_was_not_scored(outcome, some):
    complete = with_every_task(outcome, some)
    assert complete.earned <= outcome.earned + 1e-6
    assert with_every_task(complete, some) == complete


def test_what_was_never_scored_was_not_run_or_waits_for_a_person():
    some = (Task("a", 2.0, TaskKind.HIDDEN, "A"), Task("b", 3.0, TaskKind.MANUAL))
    complete = with_every_task(GradingOutcome(SubmissionState.CRASHED, "It fell over."), some)
    assert [(s.verdict, s.earned, s.possible) for s in complete.tasks] == [
        (Verdict.NOT_RUN, 0.0, 2.0),
        (Verdict.MANUAL, 0.0, 3.0),
    ]


def test_of_two_scores_for_one_task_the_lesser_counts():
    low, high = (TaskScore("a", e, 2.0, TaskKind.HIDDEN, Verdict.PARTLY) for e in (0.5, 1.5))
    task = Task("a", 2.0, TaskKind.HIDDEN)
    for order in ((low, high), (high, low)):
        outcome = GradingOutcome(SubmissionState.GRADED, "Done.", order)
        assert with_every_task(outcome, (task,)).tasks == (low,)


@given(outcome=outcomes, some=assignments)
def test_a_score_is_as_protected_as_the_task_of_the_version_it_was_earned_on(outcome, some):
    marked = tuple(replace(task, protected=place % 2 == 0) for place, task in enumerate(some))
    assert [score.protected for score in with_every_task(outcome, marked).tasks] == [task.protected for task in marked]


@given(some=st.lists(scores(), max_size=8).map(tuple))
def test_points_that_the_trainees_code_could_give_itself_do_not_certify(some):
    open_to_lies = tuple(replace(score, protected=False) for score in some if score.task_id != "p")
    assert Grade("s", 0.0, 0.0, open_to_lies).certifying_fraction == 0.0
    both = Grade("s", 0.0, 0.0, (*open_to_lies, TaskScore("p", 1.0, 4.0, TaskKind.HIDDEN, Verdict.PARTLY)))
    assert both.certifying_fraction == 0.25
