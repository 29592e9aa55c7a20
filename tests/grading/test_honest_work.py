"""Honest work of many shapes earns what `nbgrader autograde` would give, under unmodified test cells."""

import pytest
from tests.support.grading_work import (
    answer,
    answers,
    assignment,
    cells_of,
    check,
    given,
    hidden_part,
    manual,
    reference,
    submission,
)

from factory_academy.domain.grade import Verdict
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import BadCourse


def solved(source):
    lines = "\n".join(f"    {line}" for line in source.splitlines())
    return f"if True:\n    ### BEGIN SOLUTION\n{lines}\n    ### END SOLUTION"


def grade(autograder, solution, tests, others=(), before="", hardened=True, **fields):
    """Scores of other solutions, each against the contract of the first."""
    cells = [given(before)] if before else []
    bundle = assignment(*cells, answer("a", solved(solution)), check("t", tests), **fields)
    if hardened:
        bundle = autograder.record_contract(bundle)
    else:
        assert autograder.grade(bundle, reference(bundle), 1).earned == 1
    outcomes = [autograder.grade(bundle, answers(bundle, a=other), 1) for other in others]
    return [outcome.tasks[0] for outcome in outcomes]


CASES = cells_of("honest")


@pytest.mark.parametrize("hardened", [True, False], ids=["hardened", "imported"])
@pytest.mark.parametrize(
    "case", sorted(CASES.keys() - {"operators-of-a-class"}), ids=lambda name: name.replace(" ", "-")
)
def test_a_reference_earns_its_point(autograder, case, hardened):
    solution, tests = CASES[case].split("#### test\n")
    grade(autograder, solution, tests, hardened=hardened)


def test_operators_of_a_class_are_believed_only_where_the_reference_has_them(autograder):
    solution, tests = CASES["operators-of-a-class"].split("#### test\n")
    grade(autograder, solution, tests)
    bundle = assignment(answer("a", solution), check("t", tests))
    assert autograder.grade(bundle, reference(bundle), 1).tasks[0].verdict is Verdict.NOT_JUDGED


SHAPES = "assert sorted(first(3)) == [0, 1, 2]\nassert len(list(first(2))) == 2\nassert max(first(4)) == 3"


@pytest.mark.parametrize(
    "other",
    [
        "def first(n): return tuple(range(n))",
        "def first(n): return (i for i in range(n))",
        "def first(n): return map(int, range(n))",
        "def first(n): return {i: 1 for i in range(n)}.keys()",
        "import numpy as np\ndef first(n): return np.arange(n)",
        "import pandas as pd\ndef first(n): return pd.Series(range(n))",
        "from collections import deque\ndef first(n): return deque(range(n))",
        "import numpy as np\ndef first(n): return [np.int64(i) for i in range(n)]",
        "class L(list): pass\ndef first(n): return L(range(n))",
        "import functools\n@functools.lru_cache\ndef first(n): return list(range(n))",
        "class F:\n    def __call__(self, n): return list(range(n))\nfirst = F()",
        "first = lambda n: [*range(n)]",
    ],
)
def test_the_same_answer_in_another_shape_passes(autograder, other):
    [score] = grade(autograder, "def first(n): return list(range(n))", SHAPES, [other])
    assert score.verdict is Verdict.PASSED, score


def test_numpy_scalars_pass_for_python_numbers(autograder):
    others = ["import numpy as np\ndef mean(xs): return np.mean(xs)", "def mean(xs): return sum(xs) / len(xs)"]
    scores = grade(autograder, others[1], "assert mean([1, 2]) == 1.5\nassert round(mean([1, 1]), 3) == 1", others)
    assert [score.earned for score in scores] == [1, 1]


def test_partial_credit_is_the_last_expression(autograder):
    bundle = assignment(
        answer("a", "def f(n):\n    ### BEGIN SOLUTION\n    return n\n    ### END SOLUTION"),
        check("t", "score = 0\nfor n in (1, 2, 3, 4):\n    if f(n) == n:\n        score += 0.5\nscore", 2),
    )
    bundle = autograder.record_contract(bundle)
    outcome = autograder.grade(bundle, answers(bundle, a="def f(n): return min(n, 3)"), 1)
    assert (outcome.tasks[0].earned, outcome.tasks[0].verdict) == (1.5, Verdict.PARTLY)


@pytest.mark.parametrize("last", ["[1]", "-1", "7", "float('nan')", "f(1)", "x = f(2)\nx", "'a' + 'b'"])
def test_a_last_expression_that_is_no_score_is_not_judged(autograder, last):
    bundle = assignment(answer("a", "def f(n): return 1"), check("t", f"assert f(1) == 1\n{last}"))
    outcome = autograder.grade(bundle, reference(bundle), 1)
    assert (outcome.earned, outcome.tasks[0].verdict) == (0, Verdict.NOT_JUDGED)
    assert outcome.state is SubmissionState.NEEDS_REVIEW


@pytest.mark.parametrize(
    "last", ["'well done'", "None", "print('ok')", "1", "2 / 2;", "import numpy as np\nnp.float64(1)"]
)
def test_a_last_expression_may_be_a_word_or_nothing(autograder, last):
    bundle = assignment(answer("a", "def f(n): return 1"), check("t", f"assert f(1) == 1\n{last}"))
    assert autograder.grade(bundle, reference(bundle), 1).earned == 1


def test_a_reference_that_fails_its_own_test_is_named(autograder):
    bundle = assignment(answer("a", "def f(): return 1"), check("good", "assert f()"), check("bad", "assert f() == 2"))
    with pytest.raises(BadCourse, match="bad: This check did not hold"):
        autograder.record_contract(bundle)


def test_given_cells_and_data_files_reach_the_tests(autograder):
    bundle = assignment(
        given("import json\nrows = json.load(open('rows.json'))"),
        given("rows.append(4)", grade_id="more"),
        answer("a", "def total(xs):\n    ### BEGIN SOLUTION\n    return sum(xs)\n    ### END SOLUTION"),
        check("t", "assert rows == [1, 2, 4]\nassert total(rows) == sum(rows)"),
        files={"release/rows.json": b"[1, 2]"},
    )
    bundle = autograder.record_contract(bundle)
    assert autograder.grade(bundle, answers(bundle, a="total = sum"), 1).earned == 1


def test_a_global_that_answers_change_is_seen_by_the_test(autograder):
    bundle = assignment(
        given("board = [[0, 0], [0, 0]]"),
        answer("a", "def mark(i, j):\n    ### BEGIN SOLUTION\n    board[i][j] = 1\n    ### END SOLUTION"),
        check("t", "mark(0, 1)\nassert board == [[0, 1], [0, 0]]"),
    )
    bundle = autograder.record_contract(bundle)
    assert autograder.grade(bundle, answers(bundle, a="def mark(i, j):\n    board[i][j] = 1"), 1).earned == 1


def test_manual_tasks_wait_for_a_person_unless_untouched(autograder):
    bundle = assignment(manual("essay", "It depends.", 3, "text"), manual("design", "x = 1", 2))
    untouched = answers(bundle)
    outcome = autograder.grade(bundle, untouched, 1)
    assert [task.verdict for task in outcome.tasks] == [Verdict.FAILED, Verdict.FAILED]
    assert outcome.state is SubmissionState.GRADED
    outcome = autograder.grade(bundle, answers(bundle, essay="Because."), 1)
    assert [task.verdict for task in outcome.tasks] == [Verdict.MANUAL, Verdict.FAILED]
    assert outcome.state is SubmissionState.NEEDS_REVIEW


def test_a_cell_that_raises_is_shown_and_later_tasks_still_count(autograder):
    bundle = assignment(
        answer("a", "def f(): return 1"), check("ta", "assert f() == 1"),
        answer("b", "def g(): return 2"), check("tb", "assert g() == 2"),
    )  # fmt: skip
    outcome = autograder.grade(bundle, answers(bundle, a="x = 1\nraise ValueError('mine')", b="def g(): return 2"), 1)
    assert [task.earned for task in outcome.tasks] == [0, 1]
    assert outcome.cells[0].error == "ValueError: mine (line 2)"


def test_extra_files_come_along_only_if_the_assignment_names_them(autograder):
    bundle = assignment(
        answer("a", "import os\ndef names(): return sorted(os.listdir('.'))"),
        check("t", "assert 'helper.py' in names()\nassert 'other.py' not in names()"),
        extra_files=("helper.py",),
    )
    files = {"helper.py": b"x = 1", "other.py": b"y = 2"}
    outcome = autograder.grade(bundle, submission(*_cells_of(bundle), **files), 1)
    assert outcome.earned == 1


def _cells_of(bundle):
    import json

    return json.loads(bundle.files["source/work.ipynb"])["cells"]


def test_hidden_tests_run_with_the_names_of_their_place(autograder):
    bundle = assignment(
        answer("a", "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"),
        check("ta", hidden_part("assert f() == 1")),
        answer("b", "def f():\n    ### BEGIN SOLUTION\n    return 2\n    ### END SOLUTION"),
        check("tb", hidden_part("assert f() == 2")),
    )
    bundle = autograder.record_contract(bundle)
    outcome = autograder.grade(bundle, answers(bundle, a="def f(): return 1", b="def f(): return 2"), 1)
    assert outcome.earned == 2
