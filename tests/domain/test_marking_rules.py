import math
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from tests.support.marking_work import CLARITY, ESSAY, LOAD, ODD, PLAN, RUBRIC, for_people, mark, marks
from tests.support.nouns import outcomes

from factory_academy.domain.agreement import agreement_of
from factory_academy.domain.appeal import Appeal, AppealAnswer, AppealState, may_appeal
from factory_academy.domain.blind import blind_id, is_sampled
from factory_academy.domain.grade import Verdict
from factory_academy.domain.marking import (
    Decision,
    MarkingPolicy,
    MarkKind,
    Stage,
    carried_over,
    decision_of,
    independent,
    is_waiting,
    marked,
    stage_of,
    with_scores,
)
from factory_academy.domain.rubric import Criterion, Level, Rubric
from factory_academy.domain.submission import SubmissionState

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
histories = st.lists(marks, max_size=6)
tolerances = st.sampled_from([0.0, 0.1, 0.5, 1.0])
people = st.text(st.characters(codec="utf-8"), max_size=30)


# Decisions


@given(histories, st.booleans(), tolerances)
def test_a_task_is_decided_exactly_when_it_waits_for_nothing(given_marks, doubled, tolerance):
    decision = decision_of(given_marks, doubled, tolerance)
    assert (decision is not None) == (stage_of(given_marks, doubled, tolerance) is Stage.DECIDED)


@given(histories, st.booleans(), tolerances)
def test_a_decision_lies_between_the_marks_that_it_comes_from(given_marks, doubled, tolerance):
    decision = decision_of(given_marks, doubled, tolerance)
    if decision is not None:
        earned = [m.earned for m in decision.marks]
        assert min(earned) <= decision.earned <= max(earned)
        assert decision.actor == decision.marks[-1].marker_id


@given(histories, tolerances)
def test_a_task_that_is_marked_twice_is_never_decided_by_one_persons_independent_marks(given_marks, tolerance):
    ours = [m for m in given_marks if m.kind is MarkKind.INDEPENDENT and m.marker_id == "ann"]
    assert decision_of(ours, True, tolerance) is None


@given(histories)
def test_marks_that_differ_wait_for_a_third_decision(given_marks):
    ours = [m for m in given_marks if m.kind is MarkKind.INDEPENDENT]
    pair = independent(ours)
    if len(pair) == 2 and pair[0].earned != pair[1].earned:
        assert stage_of(ours, True) is Stage.MODERATION
        settled = [*ours, mark("dee", 2.0, MarkKind.MODERATION)]
        assert decision_of(settled, True).earned == 2.0


@given(histories, st.booleans(), tolerances)
def test_an_appeals_answer_outranks_all_marks(given_marks, doubled, tolerance):
    answered = [*given_marks, mark("dee", 2.5, MarkKind.APPEAL)]
    assert decision_of(answered, doubled, tolerance).earned == 2.5


@given(outcomes, st.data())
def test_a_decision_changes_its_own_task_only(outcome, data):
    ids = [t.task_id for t in outcome.tasks]
    assume(ids and len(set(ids)) == len(ids))
    chosen = data.draw(st.sampled_from(outcome.tasks))
    given_mark = replace(mark("ann", 0.0), possible=max(chosen.possible, 1.0))
    given_mark = replace(given_mark, earned=data.draw(st.floats(0, given_mark.possible)))
    score = marked(chosen, Decision(given_mark.earned, (given_mark,)))
    after = with_scores(outcome, {chosen.task_id: score})
    assert [t for t in after.tasks if t.task_id != chosen.task_id] == [
        t for t in outcome.tasks if t.task_id != chosen.task_id
    ]
    assert score.by_hand
    assert not is_waiting(score)
    assert 0 <= score.earned <= score.possible
    if outcome.state is not SubmissionState.NEEDS_REVIEW:
        assert (after.state, after.reason) == (outcome.state, outcome.reason)
    else:
        assert (after.state is SubmissionState.GRADED) == (not any(is_waiting(t) for t in after.tasks))


# Grading again


def by_hand(task, earned, outcome):
    score = next(t for t in outcome.tasks if t.task_id == task.id)
    return with_scores(
        outcome, {task.id: marked(score, Decision(earned, (replace(mark("ann", earned), possible=task.points),)))}
    )


def test_a_machine_never_takes_back_what_a_person_decided():
    before = by_hand(ESSAY, 3.0, for_people(LOAD, ESSAY, PLAN))
    again = carried_over(before, for_people(LOAD, ESSAY, PLAN))
    assert [t.earned for t in again.tasks] == [6.0, 3.0, 0.0]
    assert again.reason == "1 task waits for a person; all others have their verdict."
    done = carried_over(by_hand(PLAN, 2.0, before), for_people(LOAD, ESSAY, PLAN))
    assert done.state is SubmissionState.GRADED


def test_of_a_tests_new_verdict_and_a_persons_the_better_counts():
    scores = for_people(ODD).tasks
    held = by_hand(ODD, 1.0, for_people(ODD))
    better = replace(for_people(ODD), tasks=(replace(scores[0], verdict=Verdict.PARTLY, earned=2.0),))
    worse = replace(for_people(ODD), tasks=(replace(scores[0], verdict=Verdict.FAILED),))
    assert carried_over(held, better).tasks[0].earned == 2.0
    assert carried_over(held, worse).tasks[0].earned == 1.0
    assert carried_over(held, for_people(ODD)).tasks[0].earned == 1.0


def test_where_a_tasks_points_changed_a_persons_share_is_kept():
    held = by_hand(ESSAY, 3.0, for_people(ESSAY))
    again = carried_over(held, for_people(replace(ESSAY, points=8.0)))
    assert (again.tasks[0].earned, again.tasks[0].possible) == (6.0, 8.0)


@given(outcomes)
def test_work_that_nobody_marked_is_graded_again_as_if_for_the_first_time(outcome):
    assert carried_over(None, outcome) == outcome
    assert carried_over(outcome, outcome) == outcome


# Rubrics


@given(st.data())
def test_a_rubric_gives_a_share_that_rises_with_every_level(data):
    places = {c.id: data.draw(st.integers(0, len(c.levels) - 1)) for c in RUBRIC.criteria}
    chosen = {c.id: c.levels[places[c.id]].id for c in RUBRIC.criteria}
    share = RUBRIC.fraction(chosen)
    assert 0 <= share <= 1
    for criterion in RUBRIC.criteria:
        if places[criterion.id] + 1 < len(criterion.levels):
            higher = {**chosen, criterion.id: criterion.levels[places[criterion.id] + 1].id}
            assert RUBRIC.fraction(higher) >= share


def test_the_lowest_levels_give_nothing_and_the_highest_all():
    assert RUBRIC.fraction({c.id: c.levels[0].id for c in RUBRIC.criteria}) == 0
    assert RUBRIC.fraction({c.id: c.levels[-1].id for c in RUBRIC.criteria}) == 1


@pytest.mark.parametrize(
    "chosen", [{}, {"clarity": "full"}, {"clarity": "full", "data": "x"}, {"data": "full", "x": "y"}]
)
def test_levels_that_a_rubric_does_not_know_are_refused(chosen):
    with pytest.raises(ValueError, match="expected"):
        RUBRIC.fraction(chosen)


def test_a_rubric_that_differs_in_a_word_is_another_version():
    level = replace(CLARITY.levels[0], description="Nothing at all can be followed.")
    changed = Rubric(RUBRIC.title, (replace(CLARITY, levels=(level, *CLARITY.levels[1:])), RUBRIC.criteria[1]))
    assert changed.version != RUBRIC.version
    assert Rubric(RUBRIC.title, RUBRIC.criteria).version == RUBRIC.version


NONE, FULL = Level("none", "No", 0, "Not there."), Level("full", "Yes", 1, "There.")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rubric("R", ()),
        lambda: Rubric("R", (CLARITY, CLARITY)),
        lambda: Criterion("c", "C", (NONE,)),
        lambda: Criterion("c", "C", (FULL, NONE)),
        lambda: Criterion("c", "C", (NONE, replace(NONE, id="other"))),
        lambda: Criterion("c", "C", (NONE, replace(FULL, id="none"))),
        lambda: Criterion("Bad id", "C", (NONE, FULL)),
        lambda: Level("l", "L", math.nan, "Words."),
        lambda: Level("l", "L", -1, "Words."),
        lambda: Level("l", "L", 1, "  "),
    ],
)
def test_a_rubric_holds_no_nonsense(make):
    with pytest.raises(ValueError, match=r"rubric|criteria|criterion|level|points"):
        make()


# Agreement

grades = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=40)


@given(grades)
def test_kappa_is_what_scikit_learn_says(pairs):
    one, other = [a for a, _ in pairs], [b for _, b in pairs]
    found = agreement_of([(float(a), float(b)) for a, b in pairs])
    assert found.same_fraction == sum(a == b for a, b in pairs) / len(pairs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for ours, weights in ((found.kappa, None), (found.weighted_kappa, "quadratic")):
            theirs = cohen_kappa_score(one, other, labels=list(range(6)), weights=weights)
            assert (ours is None and math.isnan(theirs)) or ours == pytest.approx(theirs, abs=1e-9)


def test_agreement_without_pairs_says_nothing():
    assert agreement_of([]).same_fraction is None
    assert agreement_of([(1.0, 1.0)]).kappa is None


def test_perfect_agreement_is_one():
    found = agreement_of([(0.0, 0.0), (1.5, 1.5), (4.0, 4.0)])
    assert (found.same_fraction, found.kappa, found.weighted_kappa) == (1.0, 1.0, 1.0)


# Blind names


@given(st.sets(people, max_size=40), people)
def test_no_two_people_share_a_pseudonym(names, scope):
    assert len({blind_id(KEY, scope, name) for name in names}) == len(names)


def test_ten_thousand_pseudonyms_are_all_different():
    assert len({blind_id(KEY, "c/a", f"trainee-{n}") for n in range(10_000)}) == 10_000


@given(people, people, people)
def test_a_pseudonym_is_stable_in_its_scope_and_different_elsewhere(name, scope, other):
    mine = blind_id(KEY, scope, name)
    assert mine == blind_id(KEY, scope, name)
    assert mine != blind_id(OTHER_KEY, scope, name)
    assert (mine == blind_id(KEY, other, name)) == (scope == other)
    assert len(mine) == 19
    assert mine.replace("-", "").isalnum()


def test_scope_and_name_do_not_run_into_each_other():
    assert blind_id(KEY, "ab", "c") != blind_id(KEY, "a", "bc")


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_a_sample_has_about_its_share(share):
    drawn = sum(is_sampled(KEY, "second", f"s{n}", share) for n in range(4000)) / 4000
    assert abs(drawn - share) < 0.03


@given(people, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_sample_holds_the_smaller_one(name, one, other):
    if is_sampled(KEY, "second", name, min(one, other)):
        assert is_sampled(KEY, "second", name, max(one, other))


# Appeals


def test_an_appeal_is_open_until_it_is_answered():
    appeal = Appeal("a1", "s1", "essay", "Because.", NOON, NOON + timedelta(days=1))
    answered = replace(appeal, answer=AppealAnswer(AppealState.UPHELD, "ann", NOON, "No."))
    assert (appeal.state, answered.state) == (AppealState.OPEN, AppealState.UPHELD)
    assert appeal.is_overdue(NOON + timedelta(days=2))
    assert not appeal.is_overdue(NOON)
    assert not answered.is_overdue(NOON + timedelta(days=2))
    with pytest.raises(ValueError, match="upholds"):
        AppealAnswer(AppealState.OPEN, "ann", NOON, "")


@given(st.timedeltas(timedelta(0), timedelta(days=60)), st.timedeltas(timedelta(0), timedelta(days=60)))
def test_there_is_time_to_appeal_until_it_is_over(appeal_time, after):
    assert may_appeal(NOON, NOON + after, appeal_time) == (after <= appeal_time)


@pytest.mark.parametrize(
    "fields", [{"second_fraction": 1.1}, {"tolerance_fraction": -0.1}, {"appeal_time": -timedelta(1)}]
)
def test_a_marking_policy_holds_no_nonsense(fields):
    with pytest.raises(ValueError, match="must"):
        MarkingPolicy(**fields)
