from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.nouns import outcomes

from factory_academy.domain.course import RegradePolicy, Task, TaskKind
from factory_academy.domain.grade import Cause, GradingOutcome, TaskScore, Verdict
from factory_academy.domain.regrade import (
    Decision,
    Direction,
    ScoreChange,
    Standing,
    as_grade,
    cache_key,
    decision_on,
    keepable,
    merged,
    seed_of,
    tally,
    to_try,
)
from factory_academy.domain.submission import SubmissionState

GRADED, REVIEW, TIMEOUT = SubmissionState.GRADED, SubmissionState.NEEDS_REVIEW, SubmissionState.TIMEOUT
TASKS = (
    Task("a", 6.0, TaskKind.VISIBLE, "Load"),
    Task("b", 4.0, TaskKind.HIDDEN, "Join"),
    Task("essay", 5.0, TaskKind.MANUAL, "Why"),
)
HASHES = {"a": "1", "b": "2", "essay": "3"}
hashes = st.dictionaries(st.sampled_from(list(HASHES)), st.sampled_from(["1", "2", "3", "4"]))
shares = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=3, max_size=3)


def score(task: Task, share: float = 1.0, **more) -> TaskScore:
    verdict = Verdict.PASSED if share == 1 else Verdict.FAILED
    return TaskScore(task.id, task.points * share, task.points, task.kind, more.pop("verdict", verdict), **more)


def standing(parts=(1.0, 1.0, 1.0), **more) -> Standing:
    scores = tuple(score(task, share, **more) for task, share in zip(TASKS, parts, strict=True))
    return Standing("s1", 7, "v1", "env", scores)


def change(old, new, pass_fraction=0.5) -> ScoreChange:
    before, after = (as_grade("s1", standing(parts).tasks) for parts in (old, new))
    return ScoreChange("s1", "mira", before, after, pass_fraction)


def test_where_nothing_changed_nothing_is_tried():
    assert to_try(standing(), GRADED, TASKS, HASHES, HASHES) == frozenset()
    assert to_try(standing(), REVIEW, TASKS, HASHES, HASHES) == frozenset()


@given(hashes, hashes)
def test_exactly_the_tasks_whose_hash_differs_are_tried_and_never_what_a_person_marks(old, new):
    tried = to_try(standing(), GRADED, TASKS, old, new)
    assert tried == {i for i in ("a", "b") if old.get(i) is None or old.get(i) != new.get(i)}


def test_what_a_person_decided_is_not_tried_again():
    assert to_try(standing(by_hand=True), GRADED, TASKS, {}, HASHES) == frozenset()


def test_a_task_that_is_new_is_tried():
    one = replace(standing(), tasks=standing().tasks[:1])
    assert to_try(one, GRADED, TASKS, HASHES, HASHES) == {"b", "essay"}


@pytest.mark.parametrize("state", [s for s in SubmissionState if s.is_terminal and s not in (GRADED, REVIEW)])
def test_a_run_that_broke_off_is_repeated_whole(state):
    assert to_try(standing(), state, TASKS, HASHES, HASHES) == {"a", "b"}


@pytest.mark.parametrize("cause", [Cause.TIME, Cause.MEMORY, Cause.ENDED])
def test_what_met_a_limit_is_tried_again_and_not_kept(cause):
    old = replace(standing(), tasks=(score(TASKS[0], 0.0, cause=cause), *standing().tasks[1:]))
    assert to_try(old, GRADED, TASKS, HASHES, HASHES) == {"a"}
    assert [s.task_id for s in keepable(GradingOutcome(GRADED, "", old.tasks))] == ["b"]


@given(outcomes)
def test_only_whole_runs_are_kept_and_nothing_of_what_people_mark(outcome):
    kept = keepable(outcome)
    assert not kept or outcome.state in (GRADED, REVIEW)
    assert all(s.kind is not TaskKind.MANUAL and s.verdict is not Verdict.NOT_RUN for s in kept)


def test_what_was_tried_replaces_what_stood_and_the_rest_stays():
    tried = GradingOutcome(GRADED, "fine", (score(TASKS[1], 0.0),))
    whole = merged(standing(by_hand=True), tried, TASKS)
    assert [(s.task_id, s.earned) for s in whole.tasks] == [("a", 6.0), ("b", 0.0), ("essay", 5.0)]
    assert whole.state is GRADED


def test_a_task_that_is_gone_counts_no_more_and_points_never_exceed_what_there_is():
    fewer = (replace(TASKS[2], points=2.0, title="Why?"),)
    whole = merged(standing(), GradingOutcome(GRADED, ""), fewer)
    assert [(s.earned, s.possible, s.title) for s in whole.tasks] == [(2.0, 2.0, "Why?")]


def test_a_refused_task_waits_for_a_person():
    tried = GradingOutcome(GRADED, "fine", (score(TASKS[1], 0.0, verdict=Verdict.NOT_JUDGED),))
    assert merged(standing(), tried, TASKS).state is REVIEW
    after = as_grade("s1", merged(standing(), tried, TASKS).tasks)
    assert ScoreChange("s1", "mira", as_grade("s1", standing().tasks), after).refused == ("b",)


def test_a_run_that_breaks_off_says_so_whatever_stood():
    assert merged(standing(), GradingOutcome(TIMEOUT, "too slow"), TASKS).state is TIMEOUT


def test_a_change_says_its_direction_and_whom_it_lets_pass():
    up = change((0, 0, 1), (1, 1, 1))
    assert (up.direction, up.crossing, [t.task_id for t in up.tasks]) == (Direction.UP, Direction.UP, ["a", "b"])
    down = change((1, 1, 1), (0, 1, 1))
    assert (down.direction, down.crossing) == (Direction.DOWN, Direction.DOWN)
    assert change((1, 0, 0), (1, 1, 0)).crossing is Direction.SAME
    assert change((1, 0, 0), (0, 0, 0), pass_fraction=None).crossing is Direction.SAME


@given(shares, shares)
def test_with_keep_better_no_grade_falls(old, new):
    one = change(old, new)
    decision = decision_on(one, RegradePolicy.KEEP_BETTER)
    assert (decision is Decision.SAME) == (not one.tasks)
    if decision is Decision.PUBLISHED:
        assert one.new.fraction >= one.old.fraction
    assert decision_on(one, RegradePolicy.REPLACE) in (Decision.PUBLISHED, Decision.SAME)


@given(shares, shares)
def test_there_and_back_is_the_other_way_round(old, new):
    turned = {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP, Direction.SAME: Direction.SAME}
    assert change(new, old).direction is turned[change(old, new).direction]
    assert change(new, old).crossing is turned[change(old, new).crossing]


def test_keys_and_seeds_depend_on_hashes_only():
    assert cache_key("a", "b") != cache_key("b", "a")
    assert seed_of("0000000a" + "f" * 56) == 10
    assert tally([Direction.UP, Direction.UP]) == {Direction.UP: 2, Direction.DOWN: 0, Direction.SAME: 0}
