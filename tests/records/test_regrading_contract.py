"""What holds for regrades and kept scores, in the fake and in each database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.autograder import outcome_of
from tests.support.records import DP4, NOON, TASKS
from tests.support.work import event_of, submission

from factory_academy.domain.course import RegradePolicy
from factory_academy.domain.regrade import (
    Decision,
    Regrade,
    RegradeItem,
    RegradeProgress,
    RegradeState,
    RegradeUnit,
    UnitResult,
)
from factory_academy.errors import Conflict

SECOND, LEASE = timedelta(seconds=1), timedelta(seconds=30)
KNOWN = outcome_of(TASKS).tasks[:1]
UNITS = (
    RegradeUnit(0, "c0" * 32, "a0" * 32, ("t2",), KNOWN),
    RegradeUnit(1, "c1" * 32, "a1" * 32, ("t1", "t2")),
    RegradeUnit(2, "c2" * 32, "a2" * 32, (), KNOWN),
)


def regrade(id: str = "r1", **more) -> Regrade:
    fields = {"policy": RegradePolicy.KEEP_BETTER, "reason": "t2 was wrong", "planned_by": "ivo", "planned_at": NOON}
    return Regrade(
        id, DP4.course_id, DP4.name, DP4.version, "env", **{**fields, "changed": ("t2",), "untouched": 3, **more}
    )


def plan(records, one: Regrade | None = None, start: bool = True) -> None:
    one = one or regrade()
    with records.transaction() as repositories:
        for n in range(3):
            repositories.submissions.add(submission(f"s{n}"))
        items = [RegradeItem(f"s{n}", "mira", n, n) for n in range(3)]
        repositories.regrades.add(one, UNITS, items)
        if start:
            repositories.regrades.start(one.id, "ivo", NOON)


def due(records, at=NOON) -> bool:
    with records.reading() as repositories:
        return repositories.regrades.is_due(at)


def lease(records, worker="w1", at=NOON, limit=9):
    with records.transaction() as repositories:
        return repositories.regrades.lease(worker, at, LEASE, limit)


def test_a_plan_is_found_as_it_was_made(records):
    plan(records, start=False)
    with records.reading() as repositories:
        assert repositories.regrades.find("r1") == regrade()
        assert repositories.regrades.find("no such") is None
        assert [i.submission_id for i in repositories.regrades.items("r1")] == ["s0", "s1", "s2"]
        assert repositories.regrades.items("r1")[1] == RegradeItem("s1", "mira", 1, 1)
        assert repositories.regrades.progress("r1") == RegradeProgress(3, 1, 0, tasks_to_try=3)
    with records.transaction() as repositories:
        assert repositories.regrades.find_alone("r1") == regrade()


def test_an_assignment_has_one_open_regrade_at_most(records):
    plan(records)
    with pytest.raises(Conflict), records.transaction() as repositories:
        repositories.regrades.add(regrade("r2"), (), ())
    with records.transaction() as repositories:
        repositories.regrades.decide("r1", RegradeState.DROPPED, "ivo", NOON + SECOND)
    with records.transaction() as repositories:
        repositories.regrades.add(regrade("r2", planned_at=NOON + SECOND), (), ())
        assert [r.id for r in repositories.regrades.of_assignment("pipelines", "dp4")] == ["r2", "r1"]
        assert list(repositories.regrades.of_assignment("pipelines", "other")) == []


def test_it_is_on_record_who_planned_started_and_decided(records):
    plan(records)
    with records.transaction() as repositories:
        repositories.regrades.start("r1", "someone else", NOON + SECOND)
        repositories.regrades.decide("r1", RegradeState.PUBLISHED, "mia", NOON + SECOND)
        repositories.regrades.decide("r1", RegradeState.DROPPED, "too late", NOON + LEASE)
        found = repositories.regrades.find("r1")
    assert (found.planned_by, found.started_by, found.started_at) == ("ivo", "ivo", NOON)
    assert (found.state, found.decided_by, found.decided_at) == (RegradeState.PUBLISHED, "mia", NOON + SECOND)


def test_nothing_is_tried_before_it_is_started_or_after_it_is_dropped(records):
    plan(records, start=False)
    assert lease(records) == []
    assert not due(records)
    with records.transaction() as repositories:
        repositories.regrades.start("r1", "ivo", NOON)
        repositories.regrades.decide("r1", RegradeState.DROPPED, "ivo", NOON)
    assert lease(records) == []


def test_two_workers_never_hold_one_unit(records):
    plan(records)
    first, second = lease(records, "w1", limit=1), lease(records, "w2")
    assert [c.unit for c in (*first, *second)] == [UNITS[0], UNITS[1]]
    assert [(c.regrade_id, c.version, c.attempt) for c in first] == [("r1", DP4.version, 1)]
    assert lease(records, "w3") == []
    assert not due(records)
    assert due(records, NOON + LEASE)


def test_a_unit_whose_worker_is_lost_is_taken_up_again_and_the_late_result_does_not_count(records):
    plan(records)
    (lost, _) = lease(records)
    (again, _) = lease(records, "w2", NOON + LEASE)
    assert (again.unit, again.attempt) == (lost.unit, 2)
    with records.transaction() as repositories:
        assert not repositories.regrades.finish(lost, outcome_of(TASKS, 0.0))
        assert repositories.regrades.finish(again, outcome_of(TASKS))
        assert not repositories.regrades.finish(again, outcome_of(TASKS))
    with records.reading() as repositories:
        assert repositories.regrades.results("r1")[0].outcome.earned == 10.0


def test_a_worker_that_goes_on_keeps_its_units(records):
    plan(records)
    claims = lease(records)
    with records.transaction() as repositories:
        assert repositories.regrades.extend(claims, NOON + LEASE - SECOND, LEASE)
    assert lease(records, "w2", NOON + LEASE) == []
    assert len(lease(records, "w2", NOON + 2 * LEASE)) == 2
    with records.transaction() as repositories:
        assert not repositories.regrades.extend(claims, NOON, LEASE)


def test_what_was_not_tried_loses_no_attempt_when_it_is_given_back(records):
    plan(records)
    one, two = lease(records)
    with records.transaction() as repositories:
        assert repositories.regrades.release(one, NOON, was_tried=False)
        assert repositories.regrades.release(two, NOON + SECOND, was_tried=True)
    (again,) = lease(records)
    assert (again.unit.number, again.attempt) == (0, 1)
    (later,) = lease(records, at=NOON + SECOND)
    assert (later.unit.number, later.attempt) == (1, 2)


def test_results_are_counted_and_found_with_or_without_the_run(records):
    plan(records)
    one, two = lease(records)
    whole = replace(outcome_of(TASKS, 0.5), notes=("odd",), seconds=1.5)
    with records.transaction() as repositories:
        assert repositories.regrades.finish(one, whole)
        assert repositories.regrades.fail(two, "no sandbox")
    with records.reading() as repositories:
        assert repositories.regrades.progress("r1") == RegradeProgress(3, 2, 1, tasks_to_try=3)
        results = repositories.regrades.results("r1")
        assert results[0].outcome.tasks == whole.tasks
        assert results[0].outcome.notes == ()
        assert results[1] == UnitResult(problem="no sandbox")
        assert results[2].outcome.tasks == KNOWN
        assert repositories.regrades.results("r1", [0]) == {0: UnitResult(whole)}


def test_what_publishing_did_is_on_record_for_each_submission(records):
    plan(records)
    with records.transaction() as repositories:
        repositories.regrades.decide_item("r1", "s1", Decision.KEPT)
        decisions = [item.decision for item in repositories.regrades.items("r1")]
    assert decisions == [Decision.PENDING, Decision.KEPT, Decision.PENDING]


def test_a_standing_is_that_of_the_last_event(records):
    with records.transaction() as repositories:
        repositories.submissions.add(submission("s1"))
        repositories.submissions.add(submission("s2"))
        for fraction in (0.5, 1.0):
            repositories.grades.add(event_of("s1", outcome_of(TASKS, fraction)), outcome_of(TASKS, fraction))
        found = repositories.regrades.standings(["s1", "s2"])
        before = found["s1"].event_number
        repositories.grades.add(event_of("s1", outcome_of(TASKS)), outcome_of(TASKS))
        after = repositories.regrades.standings(["s1"])["s1"].event_number
        assert repositories.regrades.standings_at([before]) == {before: found["s1"]}
    assert list(found) == ["s1"]
    assert (found["s1"].assignment_version, found["s1"].environment) == (DP4.version, "fake")
    assert found["s1"].tasks == outcome_of(TASKS).tasks
    assert after != before


def test_a_score_that_is_kept_stays_as_it_is(records):
    first, other = outcome_of(TASKS).tasks[0], outcome_of(TASKS, 0.0).tasks[0]
    with records.transaction() as repositories:
        repositories.kept_scores.keep({"k1": first, "k2": other}, NOON)
        repositories.kept_scores.keep({"k1": other}, NOON + SECOND)
        repositories.kept_scores.keep({}, NOON)
    with records.reading() as repositories:
        assert repositories.kept_scores.find(["k1", "k2", "k3"]) == {"k1": first, "k2": other}
