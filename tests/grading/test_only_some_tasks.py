"""Trying a few tasks only gives the scores that trying all of them gives."""

import pytest
from tests.support.grading_work import answer, answers, assignment, bundle_of, check, given, hidden_part, manual
from tests.support.grading_work import notebook as notebook_of

from factory_academy.domain.bundle import zip_bytes
from factory_academy.domain.grade import Verdict
from factory_academy.domain.submission import SubmissionState
from factory_academy.grading.work.notebook import read_notebook
from factory_academy.grading.work.parts import released, tasks_of
from factory_academy.grading.work.plan import plan
from factory_academy.grading.work.selection import Tried, only_these, stands_on

BUNDLE = assignment(
    given("import math\nBASE = 10"),
    answer("add", "def add(a, b):\n    return a + b"),
    check("t-add", "case = (1, 2)\nassert add(*case) == 3"),
    answer("root", "def root(x):\n    return math.sqrt(x)"),
    check("t-root", hidden_part("assert root(9) == 3"), points=2),
    check("t-again", "assert add(*case) == 3", points=3),
    answer("last", "print('the last cell')\nz = add(BASE, 1)"),
    check("t-last", "assert z == 11"),
    manual("essay", "because"),
)
WORK = answers(BUNDLE, add="def add(a, b):\n    return a - b", root="def root(x):\n    return x / 3")


def planned(bundle=BUNDLE, name="work"):
    ours = read_notebook(bundle.files[f"source/{name}.ipynb"])
    return plan(ours, released(bundle, name), ours, tasks_of(bundle, name))


def labels(only: str) -> list[str]:
    return [step["label"] for step in only_these(planned(), frozenset({only})).steps]


@pytest.mark.parametrize("task", BUNDLE.tasks, ids=lambda task: task.id)
def test_a_task_tried_alone_earns_what_it_earns_among_all(autograder, task):
    whole = autograder.grade(BUNDLE, WORK, seed=3)
    alone = autograder.grade(BUNDLE, WORK, seed=3, only=frozenset({task.id}))
    assert [s for s in whole.tasks if s.task_id == task.id] == list(alone.tasks)


def test_no_cell_after_the_last_visible_test_runs_and_no_other_test_is_tried():
    assert labels("t-add") == ["cell 1", "add", "t-add"]
    assert labels("t-again") == ["cell 1", "add", "t-add", "root", "t-again"]


def test_a_hidden_test_is_tried_after_all_cells():
    assert labels("t-root") == ["cell 1", "add", "root", "t-root", "last", "essay"]


def test_a_notebook_without_a_wanted_task_is_left_alone(autograder):
    cells = [answer("f", "f = 1"), check("t", "assert f == 1")]
    bundle = bundle_of({"one": cells, "two": cells})
    work = zip_bytes({"one.ipynb": notebook_of(cells)})
    outcome = autograder.grade(bundle, work, seed=1, only=frozenset({"one/t"}))
    assert outcome.state is SubmissionState.GRADED
    assert [(s.task_id, s.verdict) for s in outcome.tasks] == [("one/t", Verdict.PASSED)]


def test_what_cannot_be_read_scores_only_what_was_asked(autograder):
    outcome = autograder.grade(BUNDLE, b"no archive", seed=1, only=frozenset({"t-root"}))
    assert (outcome.state, [s.task_id for s in outcome.tasks]) == (SubmissionState.UNREADABLE, ["t-root"])


@pytest.mark.parametrize(
    ("earlier", "later", "stands"),
    [
        ("x = 1", "assert f(x)", True),
        ("x = 1", "assert f(2)", False),
        ("import math", "assert math.pi", False),
        ("table['a'] = 1", "assert g(table)", True),
        ("stack.push(1)", "assert stack.size == 1", True),
        ("np.random.seed(1)", "assert f(np.random.rand())", True),
        ("np.random.seed(1)", "assert f(2) == 3", False),
        ("open('a', 'w').write('x')", "assert open('a').read()", True),
        ("def helper():\n    return 1", "assert helper() == f()", True),
    ],
)
def test_a_test_stands_on_what_an_earlier_one_left(earlier, later, stands):
    tests = [Tried("a", earlier, False), Tried("b", later, False)]
    assert stands_on(tests, "b") == (("a", "b") if stands else ("b",))
    assert stands_on(tests, "a") == ("a",)


def test_standing_on_others_goes_all_the_way_back():
    tests = [Tried("a", "x = 1", False), Tried("b", "y = x", False), Tried("c", "assert y", False)]
    assert stands_on(tests, "c") == ("a", "b", "c")


def test_a_hidden_test_comes_after_the_visible_ones_wherever_it_stands():
    tests = [Tried("hidden", "assert x", True), Tried("visible", "x = 1", False)]
    assert stands_on(tests, "hidden") == ("visible", "hidden")
    assert stands_on(tests, "visible") == ("visible",)
