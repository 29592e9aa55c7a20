"""Feedback: words said on purpose, hints, and nothing that a browser or a spy could use."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.feedback import feedback_page
from tests.support.grading_work import answer, answers, assignment, check, hidden_part

from factory_academy.domain.course import TaskKind
from factory_academy.domain.grade import Cause, CellRun, GradingOutcome, TaskScore, Verdict
from factory_academy.domain.submission import SubmissionState
from factory_academy.grading import judge_api as judge
from factory_academy.grading.trials.verdict_lines import cell_runs, read_line, task_scores

GRADER = b"""
import judge

def look(f):
    judge.check(f(0) is not None, "Give something back.", expected="a number", got="nothing", code="W-M1")
    judge.equal(f(2), 4, what="f(2)", code="W-M2", next_step="Square it.")
    judge.raises(ValueError, f, -1, what="f(-1)", code="W-M3")
"""
HINTS = json.dumps({"W-M1": ["First hint.", "Second."], "W-M3": ["Look at negatives."]}).encode()
SOLUTION = "def f(x):\n    if x < 0: raise ValueError('negative')\n    return x * x"


@pytest.fixture(scope="module")
def bundle(autograder):
    plain = assignment(
        answer("a", SOLUTION),
        check("t", hidden_part("from grader import looking\nlooking.look(f)")),
        check("u", "assert f(3) == 9, f'expected 9, got {f(3)}'"),
        files={"grader/looking.py": GRADER, "hints.json": HINTS},
    )
    return autograder.record_contract(plain)


def told(autograder, bundle, source, task=0):
    return autograder.grade(bundle, answers(bundle, a=source), 1).tasks[task]


def test_a_check_says_its_words_and_the_first_hint_of_its_code(autograder, bundle):
    score = told(autograder, bundle, "def f(x): return None")
    assert (score.message, score.expected, score.got) == ("Give something back.", "a number", "nothing")
    assert (score.code, score.next_step) == ("W-M1", "First hint.")


def test_a_check_that_names_a_next_step_keeps_it(autograder, bundle):
    score = told(autograder, bundle, "def f(x): return 2.0")
    assert (score.expected, score.got, score.next_step) == ("int", "float", "Square it.")


def test_an_error_that_should_have_come_is_named(autograder, bundle):
    score = told(autograder, bundle, "def f(x): return x * x")
    assert (score.expected, score.got, score.code) == ("ValueError", "no error", "W-M3")


def test_an_error_in_a_hidden_check_shows_its_kind_only(autograder, bundle):
    score = told(autograder, bundle, "def f(x): raise KeyError('x is %r' % x)")
    assert score.got == "KeyError"
    assert "x is" not in repr(score)


def test_a_visible_assert_shows_its_message_and_line(autograder, bundle):
    score = told(autograder, bundle, "def f(x):\n    if x < 0: raise ValueError\n    return 2 * x", task=1)
    assert score.message == "expected 9, got 6"
    assert "Line 1" in score.expected


def test_an_error_in_a_visible_check_shows_the_trainees_own_words(autograder, bundle):
    score = told(autograder, bundle, "def f(x): raise KeyError('mine')", task=1)
    assert "KeyError: 'mine'" in score.message


def test_a_missing_name_is_named(autograder, bundle):
    score = told(autograder, bundle, "g = 1")
    assert score.cause is Cause.MISSING_NAME
    assert "f" in score.message


def test_the_judges_module_works_in_a_plain_kernel_too():
    judge.check(np.True_, "no")
    judge.equal(np.float64(2), 2.0)
    judge.equal([1, {"a": (2, float("nan"))}], [1, {"a": (2, float("nan"))}])
    judge.equal(pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [1.0 + 1e-14]}))
    judge.equal(np.arange(3) / 3, np.array([0, 0.33333, 0.66667]), tolerance=1e-4)
    assert judge.raises(KeyError, {}.__getitem__, 1).args == (1,)
    assert judge.call("math.sqrt", 4) == 2
    assert judge.sources() == {}
    assert judge.seed() == 0


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (True, 1), (1, True), ([1], (1,)), ({"a": 1}, {"a": 2}), ({1}, {2}), ("1", 1), (None, 0), (1.0, 1),
        (np.arange(3), [0, 1, 2]), (np.arange(3), np.arange(4)), (np.arange(2), np.arange(2) * 1.0),
        (pd.Series([1]), pd.Series([2])), (pd.Index([1]), pd.Index([2])), (float("nan"), 1.0),
    ],
)  # fmt: skip
def test_what_differs_in_type_or_value_is_not_equal(got, expected):
    with pytest.raises(judge.CheckFailed):
        judge.equal(got, expected)


@pytest.mark.parametrize("answer", [1, "yes", [], None, np.array([True])])
def test_a_check_wants_a_bool_of_the_test(answer):
    with pytest.raises(TypeError):
        judge.check(answer, "no")


@given(st.text(), st.text(), st.text(), st.text())
def test_no_text_of_anyone_becomes_markup(one, two, three, four):
    evil = f"<script>{one}</script>\"'&<b>"
    score = TaskScore("t", 0, 1, TaskKind.HIDDEN, Verdict.FAILED, title=evil + two, message=evil, got=three, code=evil)
    outcome = GradingOutcome(SubmissionState.GRADED, evil, (score,), (CellRun(evil, 0.0, evil + four, evil),), (evil,))
    page = feedback_page(outcome, evil)
    assert "<script" not in page
    assert "<b>" not in page
    assert page.count("<main") == 1


@given(st.binary(max_size=80))
def test_any_line_of_a_report_is_read_or_passed_over(line):
    assert read_line(line) is None or read_line(line)["t"]


@pytest.mark.parametrize("earned", [-1, 5, float("nan"), float("inf"), None, "all", [1], True])
def test_a_score_out_of_range_is_no_score(earned):
    from factory_academy.domain.course import Task

    line = {"t": "task", "id": "t", "earned": earned, "verdict": "passed", "cause": "none"}
    score = task_scores([line], {"t": Task("t", 0.5, TaskKind.HIDDEN)})["t"]
    assert (score.earned, score.verdict) == (0, Verdict.NOT_JUDGED)


def test_only_the_first_verdict_on_a_known_task_counts():
    from factory_academy.domain.course import Task

    lines = [
        {"t": "task", "id": "t", "earned": 0, "verdict": "failed", "cause": "assertion"},
        {"t": "task", "id": "t", "earned": 1, "verdict": "passed", "cause": "none"},
        {"t": "task", "id": "u", "earned": 1, "verdict": "passed", "cause": "none"},
    ]
    scores = task_scores(lines, {"t": Task("t", 1, TaskKind.HIDDEN)})
    assert {name: score.earned for name, score in scores.items()} == {"t": 0}
    assert cell_runs([{"t": "cell", "label": 3, "seconds": "x", "output": None}], 10)[0].seconds == 0.0
