"""An author sees which test refuses whom, and what to do about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import demo
from tests.support.records import FakeRecords

from factory_academy.domain.course import TaskKind
from factory_academy.domain.grade import Cause, Grade, TaskScore, Verdict
from factory_academy.domain.submission import Submission
from factory_academy.errors import NotFound
from factory_academy.workflows.refusals.counting import DONE, SHOWN, refusals_of
from factory_academy.workflows.refusals.of_course import RefusalsOfCourse

PEOPLE = {person.id: person for person in demo.STAFF}


def submission(number, version="v1"):
    return Submission(f"s{number}", "ada", "c", "a", version, f"blob{number}", 10, demo.NOW)


def score(verdict, cause=Cause.NONE, by_hand=False, task="t", kind=TaskKind.HIDDEN):
    earned = 1.0 if verdict is Verdict.PASSED else 0.0
    return TaskScore(task, earned, 1.0, kind, verdict, cause, title="Split", by_hand=by_hand)


def graded(*scores, version="v1"):
    return [(submission(n, version), Grade(f"s{n}", 0, 1, (one,))) for n, one in enumerate(scores)]


PASSED = score(Verdict.PASSED)
REFUSED = score(Verdict.NOT_JUDGED, Cause.CONTRACT)
NO_SCORE = score(Verdict.NOT_JUDGED)
SETTLED = score(Verdict.PASSED, by_hand=True)
FAILED = score(Verdict.FAILED, Cause.ASSERTION)
NOT_RUN = score(Verdict.NOT_RUN, Cause.ENDED)
ESSAY = score(Verdict.MANUAL, kind=TaskKind.MANUAL)
SCORES = st.lists(st.sampled_from([PASSED, REFUSED, NO_SCORE, SETTLED, FAILED, NOT_RUN, ESSAY]), max_size=40)


def test_refusals_are_counted_by_cause_with_those_whom_they_met():
    [line] = refusals_of(graded(PASSED, REFUSED, REFUSED, NO_SCORE, SETTLED, FAILED, NOT_RUN, ESSAY))
    assert (line.assignment_name, line.version, line.task_id, line.title) == ("a", "v1", "t", "Split")
    assert (line.tried, line.refused, line.decided) == (6, 4, 1)
    assert line.causes == {Cause.CONTRACT: 2, Cause.NONE: 1}
    assert line.submissions == ("s1", "s2", "s3", "s4")
    assert line.rate == pytest.approx(4 / 6)
    assert "reference2.py" in line.next_step


def test_versions_are_counted_apart_and_the_most_refusing_comes_first():
    lines = refusals_of([*graded(PASSED), *graded(REFUSED, version="v2")])
    assert [(line.version, line.rate) for line in lines] == [("v2", 1), ("v1", 0)]
    assert [bool(line.next_step) for line in lines] == [True, False]


def test_what_to_do_depends_on_the_cause():
    [no_score] = refusals_of(graded(NO_SCORE))
    assert "last expression" in no_score.next_step
    [settled] = refusals_of(graded(SETTLED))
    assert settled.next_step == DONE


@given(SCORES)
def test_a_rate_is_a_share_and_no_refusal_is_counted_twice_or_lost(scores):
    tried = [s for s in scores if s.kind is not TaskKind.MANUAL and s.verdict is not Verdict.NOT_RUN]
    refused = [s for s in tried if s.by_hand or s.verdict is Verdict.NOT_JUDGED]
    lines = refusals_of(graded(*scores))
    assert sum(line.tried for line in lines) == len(tried)
    assert sum(line.refused for line in lines) == len(refused)
    assert all(0 <= line.rate <= 1 and len(line.submissions) <= SHOWN for line in lines)
    assert all(bool(line.next_step) == bool(line.refused) for line in lines)


@pytest.fixture
def records():
    records = FakeRecords()
    demo.seed(records)
    return records


def test_an_instructor_sees_the_tests_of_their_own_course_only(records):
    lines = RefusalsOfCourse(records)(PEOPLE["ivo"], "data-pipelines")
    assert lines
    assert {line.assignment_name for line in lines} <= {"dp1", "dp4"}
    assert RefusalsOfCourse(records)(PEOPLE["ivo"], "data-pipelines", "no-such") == ()
    with pytest.raises(NotFound):
        RefusalsOfCourse(records)(PEOPLE["marta"], "data-pipelines")
