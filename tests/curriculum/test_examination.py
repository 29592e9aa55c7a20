"""A test that asks the trainee for the verdict is found before anyone is graded by it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.grading_work import answer, assignment, bundle_of, check, code
from tests.support.grading_work import given as given_cell

from factory_academy.curriculum.examination.examine import examine, examined
from factory_academy.curriculum.examination.rules import Standing
from factory_academy.errors import BadCourse

SOLUTION = """
import numpy as np
def order(xs): return sorted(xs)
def is_ordered(xs): return list(xs) == sorted(xs)
def share(xs): return 1.0
def plot(xs): return None
def connect(): return None
def fit(X, y): return None
class Vec:
    def __init__(self, x): self.x = x
    def __add__(self, other): return Vec(self.x + other.x)
    def __eq__(self, other): return self.x == other.x
origin = Vec(0)
rows = [1, 2]
"""

PROTECTED = [
    "assert order([2, 1]) == [1, 2]",
    "assert is_ordered([1, 2]) is True\nassert is_ordered([2, 1]) is False",
    "got = order([2, 1])\nassert isinstance(got, list), 'a list'\nassert len(got) == 2 and got[0] == 1",
    "np.testing.assert_allclose(order([2, 1]), [1, 2])",
    "want = pd.DataFrame({'a': [1]})\nassert order(want).equals(want)",
    "got = order([1, 2])\nassert len(got) == 2\nassert all(x > 0 for x in got)",
    "got = order([1, 2])\nassert len(got) == 2\nfor x in got:\n    assert x > 0",
    "for got in (order([1]), order([1])):\n    assert got == [1]",
    "for a, b in zip(order([1, 2]), [1, 2], strict=True):\n    assert a == b",
    "assert sorted(order([2, 1])) == [1, 2]",
    "data = make_data()\nassert np.array_equal(order(data), data)",
    "points = 0\nfor n in (3, 4):\n    points += order([n]) == [n]\npoints / 2",
    "sum(order([n]) == [n] for n in range(4)) / 4",
    "v = Vec(1) + Vec(2)\nassert v.x == 3",
    "assert len(Vec(1)) == 2 and [Vec(1).x, Vec(2).x] == [1, 2]",
    "assert Vec(1) is not None and origin is not Vec(0)",
    "model = fit(X, y)\naccuracy_score(y_hidden, model.predict(X_hidden))",
    "model = fit(X, y)\nassert (model.predict(X_hidden) == y_hidden).mean() > 0.9",
    "with pytest.raises(ValueError):\n    order(None)",
    "try:\n    order(None)\nexcept TypeError:\n    pass\nelse:\n    raise AssertionError('accepted')",
    "import judge\njudge.equal(order([2, 1]), [1, 2])",
    "import judge\njudge.check(order([2, 1]) == [1, 2], 'no')",
    "import judge\njudge.score(2 * (order([2, 1]) == [1, 2]), 'sorts')",
    "import judge\nxs = [2, 1]\nwith judge.no_mutation(xs):\n    order(xs)",
    "import judge\nwith judge.time_limit(2):\n    order([2, 1])",
    "import judge\nassert judge.remote('got = order([2, 1])') == [1, 2]",
    "if order([2, 1]) != [1, 2]:\n    raise AssertionError('no')",
    "import sqlite3\ndb = sqlite3.connect(':memory:')\nassert db.execute('select 1').fetchone() == (1,)\norder([1]);",
    "def same(a, b):\n    assert a == b\nsame(order([1]), [1])",
    "assert abs(share([1]) - 1.0) < 1e-9",
    "assert rows == [1, 2]",
    "assert order(order([2, 1])) == [1, 2]",
    "assert eval('[2 - 1, 2]') == order([2, 1])",
    "import re\nassert re.compile(rows[0]).fullmatch('abc').group() == 'abc'",
]
FOUND = {
    # the four that no sandbox can hold, and the function that is asked for the verdict
    "assert plot([1]).gca().get_title() == 'Sales'": "figure",
    "plot([1])\nassert plt.gcf().get_axes()[0].get_xlabel() == 'x'": "figure",
    "ax = plot([1])\nassert len(ax.lines) == 2": "figure",
    "conn = connect()\nassert conn.execute('select count(*) from t').fetchone() == (3,)": "connection",
    "cur = connect().cursor()\nassert cur.fetchall() == [(1,)]": "connection",
    "assert Vec(1) + Vec(2) == Vec(3)": "equality",
    "v = Vec(1)\nassert v in [Vec(1)]": "equality",
    "np.testing.assert_equal(Vec(1), Vec(1))": "equality",
    "assert origin == Vec(0)": "equality",
    "share([1, 2])": "score",
    "x = share([1])\nx": "score",
    "min(2, share([1]) * 2)": "score",
    "points = 0\npoints += share([1])\npoints": "score",
    "round(float(share([1])), 2)": "score",
    "import judge\njudge.score(share([1]), 'share')": "score",
    "import judge\njudge.score(points=2 * share([1]))": "score",
    "import judge\nok = judge.remote('ok = is_ordered(order([2, 1]))')\nassert ok": "itself",
    "assert is_ordered(order([2, 1]))": "itself",
    "assert is_ordered(order([2, 1])) is True": "itself",
    "got = order([2, 1])\nok = is_ordered(got)\nassert ok": "itself",
    "assert all(is_ordered(part) for part in order([[1], [2]]))": "itself",
    "assert share(order([1])) > 0.9": "itself",
    "if not is_ordered(order([1])):\n    raise AssertionError": "itself",
    "import judge\njudge.check(is_ordered(order([2])), 'no')": "itself",
    # answers that nobody compares with anything
    "assert is_ordered([1, 2])": "bool",
    "assert not is_ordered([2, 1])": "bool",
    "assert order([2, 1]) == [1, 2] and is_ordered([1])": "bool",
    "self.assertTrue(is_ordered([1]))": "bool",
    "ok = is_ordered([1])\nif not ok:\n    raise AssertionError('no')": "bool",
    # estimators
    "assert fit(X, y).score(X, y) > 0.9": "own-score",
    "from sklearn.model_selection import cross_val_score\nassert cross_val_score(fit(X, y), X, y).mean() > 0.9":
        "seen-labels",
    # objects that say what they are
    "import inspect\nassert 'for' not in inspect.getsource(order)": "own-source",
    "import sympy\nassert sympy.simplify(order(1) - sympy.Symbol('x')) == 0": "symbolic",
    "assert eval(order(1)) == 4": "runs-text",
    # true of an empty answer, or of missing values
    "assert all(x > 0 for x in order([1, 2]))": "empty",
    "for x in order([1, 2]):\n    assert x > 0": "empty",
    "got = order([1, 2])\nfor i in range(len(got)):\n    assert got[i] == [1, 2][i]": "empty",
    "for a, b in zip(order([1, 2]), [1, 2]):\n    assert a == b": "empty",
    "for x in order([1, 2]):\n    assert len(x) == 2": "empty",
    "data = make_data()\nassert (order(data) == data).all()": "empty",
    "got = order(data)\nassert len(got) == 3 and (got['v'] == want['v']).all()": "empty",
    # nothing at all
    "got = order([2, 1])": "nothing",
    "order([2, 1]);": "nothing",
    "print(order([2, 1]))": "nothing",
    "assert (": "unreadable",
}  # fmt: skip


def reports(*cells, **fields):
    return examine(assignment(answer("a", SOLUTION), *cells, **fields))


@pytest.mark.parametrize("source", PROTECTED)
def test_a_test_that_compares_data_is_protected(source):
    (report,) = reports(check("t", source))
    assert report.standing is Standing.PROTECTED, [str(finding) for finding in report.findings]


@pytest.mark.parametrize("source", FOUND)
def test_a_test_that_asks_the_trainee_for_the_verdict_is_found(source):
    (report,) = reports(check("t", source))
    assert FOUND[source] in {finding.rule.code for finding in report.findings}
    assert report.standing is not Standing.PROTECTED
    assert all("Instead: " in str(finding) for finding in report.findings)


def test_what_a_function_of_a_grader_module_does_with_an_answer_is_followed():
    grader = b"import judge\ndef run(f, g):\n    judge.equal(f([1]), [1])\n    assert g(f([2, 1]))\n"
    calls = ("from grader import dp\ndp.run(order, is_ordered)", "import grader.dp as d\nd.run(order, g=is_ordered)",
             "from grader.dp import run\nrun(order, is_ordered)")  # fmt: skip
    for source in calls:
        (report,) = reports(check("t", source), files={"grader/dp.py": grader})
        assert [(f.rule.code, f.where, f.line) for f in report.findings] == [("itself", "grader/dp.py", 4)], source


def test_a_helper_of_a_given_cell_is_followed_too():
    helper = given_cell("def agree(f, xs):\n    return f(xs)\n")
    (report,) = reports(helper, check("t", "assert agree(is_ordered, [1])"))
    assert [finding.rule.code for finding in report.findings] == ["bool"]


def test_names_are_known_from_the_cell_in_which_they_are_bound():
    one, two = reports(check("t", "kept = is_ordered([1])\nassert kept is True"), check("u", "assert kept"))
    assert (one.standing, two.standing) == (Standing.PROTECTED, Standing.REWRITE)


def test_what_the_reference_was_seen_to_do_counts():
    contract = {"tests": {"t": {"operators": {"make()": ["__eq__"]}, "given": True},
                          "u": {"operators": {"make()": ["__hash__", "__add__"]}, "given": False}}}  # fmt: skip
    helper = given_cell("def same(a, b):\n    return a == b")
    cells = (check("t", "assert helper(3) == 3"), check("u", "assert same(order([1]), [1]) == True"))
    one, two = reports(helper, *cells, files={"contract.json": json.dumps(contract).encode()})
    assert [finding.rule.code for finding in one.findings] == ["equality"]
    assert [finding.rule.code for finding in two.findings] == ["given"]


def test_our_own_courses_refuse_such_a_cell_unless_it_is_named():
    bundle = assignment(answer("a", SOLUTION), check("t", "assert is_ordered(order([1]))"), check("u", "assert 1 == 1"))
    with pytest.raises(BadCourse, match=r"t: .*judges.*compute the verdict"):
        examined(bundle, strict=True)
    marked = examined(bundle, strict=False)
    assert [task.protected for task in marked.tasks] == [False, True]
    assert examined(marked, strict=True).tasks == marked.tasks


def test_each_task_of_several_notebooks_has_its_own_report():
    cells = [answer("a", SOLUTION), check("t", "assert is_ordered([1])")]
    bundle = bundle_of({"one": cells, "two": [*cells[:1], check("t", "assert order([1]) == [1]")]})
    assert [(report.task_id, report.standing.value) for report in examine(bundle)] == [
        ("one/t", "rewrite"),
        ("two/t", "protected"),
    ]


ODD = ["lambda: x", "[*a] = b", "del x", "x: int", "async def f(): await g()", "match x:\n    case 1: pass",
       "%time f()", "f(*a, **k)", "@d\ndef h(a, /, *b, c=1): return a"]  # fmt: skip
statements = st.sampled_from([*PROTECTED, *FOUND, *ODD, SOLUTION])


@given(st.lists(statements, max_size=4).map("\n".join))
def test_any_cell_can_be_examined(source):
    bundle = assignment(answer("a", source), code(source), check("t", source))
    assert len(examine(bundle)) == 1
