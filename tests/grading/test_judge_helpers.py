"""What authors write besides plain asserts: scores with words, time limits, guards, and values they can trust."""

from __future__ import annotations

import pytest
from tests.support.grading_work import answer, answers, assignment, check, given, hidden_part

from factory_academy.domain.bundle import GradingLimits
from factory_academy.domain.grade import Cause, Verdict
from factory_academy.domain.submission import SubmissionState

LIMITS = GradingLimits(cell_seconds=6, total_seconds=30, memory_bytes=1 << 30, processes=40, output_bytes=5_000)
SQUARE = "def f(n):\n    ### BEGIN SOLUTION\n    return n * n\n    ### END SOLUTION"


def scores(autograder, reference, tests, *others, points=3, hidden=False, before=""):
    """The first task's score of each other answer, against the contract of the reference."""
    source = f"import judge\n{tests}"
    cells = [given(before)] if before else []
    cells += [answer("a", reference), check("t", hidden_part(source) if hidden else source, points)]
    bundle = autograder.record_contract(assignment(*cells, check("later", "assert f is not None"), limits=LIMITS))
    outcomes = [autograder.grade(bundle, answers(bundle, a=other), 1) for other in (reference, *others)]
    assert outcomes[0].tasks[0].verdict is Verdict.PASSED, outcomes[0].tasks[0]
    return [outcome.tasks[0] for outcome in outcomes[1:]]


IN_PARTS = """
judge.score(1 * (f(3) == 9), "squares of small numbers", "Multiply n by itself.")
judge.score(f(-2) == 4, "squares of negatives", "Think of the sign.")
judge.score(5 if f(0) == 0 else 0, "zero")
"""


@pytest.mark.parametrize("hidden", [False, True], ids=["visible", "hidden"])
def test_scores_add_up_to_the_tasks_points_and_say_what_was_missed(autograder, hidden):
    some, none = scores(
        autograder, SQUARE, IN_PARTS, "def f(n): return n * n if n > 0 else 1", "def f(n): return 7", hidden=hidden
    )
    assert (some.earned, some.verdict, some.expected) == (1, Verdict.PARTLY, "squares of negatives; zero")
    assert some.next_step == "Think of the sign."
    assert (none.earned, none.verdict) == (0, Verdict.FAILED)
    assert none.expected == "squares of small numbers; squares of negatives; zero"


def test_a_test_that_fails_after_a_score_earns_nothing(autograder):
    [score] = scores(
        autograder, SQUARE, "judge.score(2, 'part')\nassert f(2) == 4\njudge.score(1)", "def f(n): return 5"
    )
    assert (score.earned, score.verdict) == (0, Verdict.FAILED)


NAMED_BY_TRAINEE = [
    "judge.score(f(1))",
    "x = int(f(1))\njudge.score(x)",
    "judge.score(points=f(1))",
    "import judge as j\nj.score(f(1))",
    "from judge import score as s\ns(f(1))",
]


@pytest.mark.parametrize("call", NAMED_BY_TRAINEE)
def test_points_that_the_trainee_names_are_no_score(autograder, call):
    bundle = assignment(answer("a", "def f(n): return 3"), check("t", f"import judge\n{call}", 3))
    [score] = autograder.grade(bundle, answers(bundle, a="def f(n): return 3"), 1).tasks
    assert (score.earned, score.verdict) == (0, Verdict.NOT_JUDGED)


def test_scores_that_trainee_code_gives_itself_count_for_nothing(autograder):
    forged = "import judge, sys\ndef f(n):\n    judge.score(3)\n    judge.bench.marks.pop(0)\n    return 8"
    [score] = scores(autograder, SQUARE, IN_PARTS, forged)
    assert (score.earned, score.verdict) == (0, Verdict.FAILED)


SLOW = "import time\ndef f(n):\n    time.sleep(4)\n    return n * n"
IN_TIME = "with judge.time_limit(1.5):\n    got = f(3)\nassert got == 9"


@pytest.mark.parametrize("hidden", [False, True], ids=["visible", "hidden"])
def test_a_call_that_outlasts_its_limit_is_stopped_and_the_others_are_judged(autograder, hidden):
    source = f"import judge\n{IN_TIME}"
    slow, other = check("t", hidden_part(source) if hidden else source), check("u", "assert f(2) == 4")
    bundle = autograder.record_contract(assignment(answer("a", SQUARE), slow, other, limits=LIMITS))
    outcome = autograder.grade(bundle, answers(bundle, a=SLOW), 1)
    late, later = outcome.tasks
    assert (late.verdict, late.cause, late.expected) == (Verdict.FAILED, Cause.TIME, "an end within 1.5 seconds")
    assert later.verdict is Verdict.PASSED
    assert outcome.state is SubmissionState.TIMEOUT


def test_a_limit_is_kept_though_each_call_is_quick(autograder):
    test = "with judge.time_limit(1):\n    for n in range(20):\n        assert f(n) == n * n"
    [score] = scores(autograder, SQUARE, test, "import time\ndef f(n):\n    time.sleep(0.2)\n    return n * n")
    assert score.verdict is Verdict.FAILED
    assert score.expected == "an end within 1 seconds"


@pytest.mark.parametrize("hidden", [False, True], ids=["visible", "hidden"])
def test_changed_arguments_are_seen_and_told(autograder, hidden):
    test = "xs = [3, 1]\nwith judge.no_mutation(xs, what='the list'):\n    got = f(xs)\nassert got == [1, 3]"
    changes = "def f(xs):\n    xs.sort()\n    return xs"
    sneaky = "def f(xs):\n    got = sorted(xs)\n    xs.append(4)\n    xs.pop()\n    return got"
    changed, whole = scores(autograder, "def f(xs): return sorted(xs)", test, changes, sneaky, hidden=hidden)
    assert (changed.verdict, changed.message) == (Verdict.FAILED, "Your code changed the list.")
    assert whole.verdict is Verdict.PASSED


def test_a_fresh_copy_stays_what_the_test_compares_with(autograder):
    test = "xs = [3, 1]\ngot = f(judge.fresh(xs))\nassert got == sorted(xs) and xs == [3, 1]"
    reference = "def f(xs):\n    xs.sort()\n    return xs"
    forged, right = scores(autograder, reference, test, "def f(xs):\n    xs.clear()\n    return []", reference)
    assert [forged.verdict, right.verdict] == [Verdict.FAILED, Verdict.PASSED]


def test_a_trusted_value_is_the_authors_whatever_the_trainee_binds(autograder):
    given_cell = "labels = [1, 0, 1]\ndef size(xs): return len(xs)"
    reference = "labels = [int(x) for x in labels]\ndef f(n): return [1, 0, 1]"
    test = "assert f(0) == judge.trusted('labels')\nassert judge.trusted('size')(f(0)) == 3"
    forged = "labels = [9]\ndef size(xs): return 3\ndef f(n): return labels"
    honest = "labels = None\ndef f(n): return [1, 0, 1]"
    wrong, right = scores(autograder, reference, test, forged, honest, before=given_cell)
    assert [wrong.verdict, right.verdict] == [Verdict.FAILED, Verdict.PASSED]


def test_nothing_is_trusted_that_only_an_answer_binds(autograder):
    bundle = assignment(answer("a", SQUARE), check("t", "import judge\nassert judge.trusted('f')(2) == 4"))
    [score] = autograder.grade(bundle, answers(bundle, a=SQUARE), 1).tasks
    assert score.verdict is Verdict.FAILED
    assert "no cell of the author's binds 'f'" in score.message


BASE = """
class Shape:
    def area(self): raise NotImplementedError
    def double(self): return 2 * self.area()
f = Shape
"""
DERIVED = """
Square = judge.remote('''
class Square(Shape):
    def __init__(self, side): self.side = side
    def area(self): return self.side ** 2
''')
assert Square(3).area() == 9
assert Square(3).double() == 18
"""


@pytest.mark.parametrize("hidden", [False, True], ids=["visible", "hidden"])
def test_a_class_may_be_derived_from_a_trainees_beside_it(autograder, hidden):
    wrong = BASE.replace("2 * self.area()", "self.area()")
    forged = BASE.replace("def double", "def __eq__(self, other): return True\n    def double").replace("2 *", "3 *")
    scored = scores(autograder, BASE, DERIVED, wrong, forged, BASE.replace("2 * self.area()", "sum([self.area()] * 2)"),
                    hidden=hidden)  # fmt: skip
    assert [score.verdict for score in scored] == [Verdict.FAILED, Verdict.FAILED, Verdict.PASSED]


def test_what_runs_beside_gives_no_verdict_and_binds_no_name(autograder):
    for call in (
        "judge.remote('ok = True')",
        "judge.check(judge.remote('ok = f(2) == 4'), 'no')",
        "judge.remote('n = 3')",
    ):
        bundle = assignment(answer("a", SQUARE), check("t", f"import judge\njudge.{call}", 3))
        [score] = autograder.grade(bundle, answers(bundle, a=SQUARE), 1).tasks
        assert score.earned == 0, (call, score)
    [score] = scores(
        autograder, SQUARE, "judge.remote('n = 3')\nassert f(2) == 4", "n = 5\ndef f(m): return 4 if n == 5 else 0"
    )
    assert score.verdict is Verdict.PASSED


LAST = ["True", "f(2) == 4", "all(f(n) == n * n for n in range(5))", "ok = f(2) == 4\nok",
        "import numpy as np\nnp.bool_(f(2) == 4)", "judge.raises(TypeError, f, None)"]  # fmt: skip


@pytest.mark.parametrize("last", LAST)
def test_truth_that_the_test_formed_is_all_points_or_none(autograder, last):
    [score] = scores(autograder, SQUARE, last, "def f(n): return 5")
    earned = 3 if last == "True" else 0
    assert (score.earned, score.verdict) == (earned, Verdict.PASSED if earned else Verdict.FAILED)


WORDS = ["f(1)", "bool(f(1))", "not f(0)", "f(1) and 1 == 1", "f(1) is True", "all([f(1)])", "ok = f(1)\nok",
         "all(x for x in [f(1)])", "(y := f(1))", "f(1) if f(1) else False", "2 * f(1)",
         "n = 0\nn += f(1)\nn", "min(3, f(1) * 3)", "(y := f(1))\ny", "sum(f(n) for n in (1, 1))"]  # fmt: skip


@pytest.mark.parametrize("last", WORDS)
def test_truth_that_the_trainee_says_is_no_score(autograder, last):
    bundle = assignment(answer("a", "def f(n): return n == 1"), check("t", last, 3))
    [score] = autograder.grade(bundle, answers(bundle, a="def f(n): return n == 1"), 1).tasks
    assert (score.earned, score.verdict) == (0, Verdict.NOT_JUDGED)


CALLS_BACK = "def f(g, xs): return [g(x) for x in xs]"
LENGTHS = "assert f(len, ['a', 'bc']) == [1, 2]"


def test_an_object_where_the_tests_function_expects_data_costs_that_test_only(autograder):
    own = (
        "class N:\n    def __add__(self, other): return 2\n\ndef f(g, xs): return [g(N() if x == 1 else x) for x in xs]"
    )
    adds = check("t", "assert f(lambda x: x + 1, [1]) == [2]")
    bundle = autograder.record_contract(assignment(answer("a", CALLS_BACK), adds, check("u", LENGTHS)))
    outcome = autograder.grade(bundle, answers(bundle, a=own), 1)
    outside, inside = outcome.tasks
    assert (outside.verdict, outside.cause, inside.verdict) == (Verdict.NOT_JUDGED, Cause.CONTRACT, Verdict.PASSED)
    assert outcome.state is SubmissionState.NEEDS_REVIEW


def test_a_limit_holds_for_the_tests_own_function_when_the_trainee_calls_it(autograder):
    slow = "import judge, time\ndef g(x):\n    time.sleep(9 * (x == 3))\n    return x\n"
    test = f"{slow}with judge.time_limit(1):\n    got = f(g, [0, 1])\nassert got == [0, 1]"
    bundle = autograder.record_contract(
        assignment(answer("a", CALLS_BACK), check("t", test), check("u", LENGTHS), limits=LIMITS)
    )
    outcome = autograder.grade(bundle, answers(bundle, a=CALLS_BACK.replace("g(x)", "g(3 if x == 1 else x)")), 1)
    late, later = outcome.tasks
    assert (late.verdict, late.cause, later.verdict) == (Verdict.FAILED, Cause.TIME, Verdict.PASSED)


GUARDED = """
import judge
Square = judge.remote("class Square(Shape):\\n    def area(self): return 9")
judge.score(2 * (Square().double() == 18), "double", out_of=2)
rows = [[3], [1]]
with judge.time_limit(5), judge.no_mutation(rows):
    got = f(rows)
judge.score(got == sorted(judge.trusted("data")), "sorted", out_of=1)
"""
ANSWER = "class Shape:\n    def double(self): return 2 * self.area()\ndef f(rows): return sorted(rows)\n"
WRONG = "class Shape:\n    def double(self): return 0\ndef f(rows): return None\n"
CLASS = {"k": "class", "n": "Square", "ops": ["__call__", "__eq__"], "m": [7]}
ANY = {"k": "object", "n": "A", "ops": ["__eq__", "__mul__", "__bool__", "__len__", "__lt__"], "m": [7], "b": 1}
LIES = {
    "the truth": {"v": True},
    "a class that equals all": {"v": ["r", 7, CLASS]},
    "an object that equals all": {"v": ["r", 7, ANY]},
    "what the test lent": {"v": ["j", 1]},
    "names of the test": {"bind": {"judge": None, "data": ["t"], "got": ["t"], "Square": 9}},
    "a failed check of the test": {"err": {"names": ["AssertionError"], "name": "AssertionError", "lent": 0}},
}


@pytest.fixture(scope="module")
def guarded(autograder):
    cells = given("data = [[3], [1]]"), answer("a", ANSWER), check("t", hidden_part(GUARDED), 3)
    bundle = autograder.record_contract(assignment(*cells, limits=LIMITS))
    assert autograder.grade(bundle, answers(bundle, a=ANSWER), 1).earned == 3
    return bundle


@pytest.mark.parametrize("name", LIES)
def test_a_process_that_lies_to_the_helpers_gains_nothing(autograder, guarded, name):
    lying = f"""
from factory_academy.grading.data import wire
true_send = wire.Wire.send
def send(self, tree, *rest):
    if "v" in tree and not (type(tree["v"]) is dict): tree.update({LIES[name]!r})
    return true_send(self, tree, *rest)
wire.Wire.send = send
"""
    outcome = autograder.grade(guarded, answers(guarded, a=WRONG + lying), 1)
    assert outcome.earned == 0
    assert outcome.state.is_terminal


FORGERIES = {
    "code beside it that does not run": "shell.run_in_notebook = lambda source, name: Shape",
    "another class instead": "class S:\n    def double(self): return 1\nshell.run_in_notebook = lambda *given: S",
    "data of its own": "data = []\nf = lambda rows: []",
    "a list that is emptied later": "f = lambda rows: rows.clear() or rows",
    "a clock that stands still": "import time\ntime.monotonic = lambda: 0.0",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_process_that_replaces_what_helpers_use_there_gains_nothing(autograder, guarded, name):
    forged = f"from factory_academy.grading.answering import shell\n{FORGERIES[name]}"
    assert autograder.grade(guarded, answers(guarded, a=WRONG + forged), 1).earned == 0
