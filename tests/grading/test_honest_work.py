"""Honest work of many shapes earns what `nbgrader autograde` would give; test cells are the authors' own, unmodified."""

import pytest
from tests.support.grading_work import (
    answer,
    answers,
    assignment,
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


CASES = {
    "pandas and numpy.testing": (
        "import pandas as pd\ndef means(df):\n    return df.groupby('g')['x'].mean()",
        "import numpy as np, pandas as pd\nframe = pd.DataFrame({'g': list('aab'), 'x': [1.0, 3.0, 5.0]})\n"
        "got = means(frame)\nnp.testing.assert_allclose(got.to_numpy(), [2, 5])\n"
        "pd.testing.assert_series_equal(got, pd.Series([2.0, 5.0], index=pd.Index(['a', 'b'], name='g'), name='x'))",
    ),
    "a closure": (
        "def adder(n):\n    def add(x):\n        return x + n\n    return add",
        "add = adder(3)\nassert add(4) == 7\nassert [f(1) for f in map(adder, (1, 2))] == [2, 3]",
    ),
    "a class with state": (
        "class Stack:\n    def __init__(self): self.items = []\n    def push(self, x): self.items.append(x)\n"
        "    def pop(self): return self.items.pop()\n    def __len__(self): return len(self.items)",
        "s = Stack()\ns.push(1); s.push([2])\nassert len(s) == 2\nassert s.pop() == [2]\nassert s.items == [1]\n"
        "assert isinstance(s, Stack)\nassert not isinstance(3, Stack)\ns.items.append(9)\nassert s.pop() == 9",
    ),
    "expected errors": (
        "class Empty(ValueError): pass\ndef first(xs):\n    if not xs: raise Empty('nothing', 3)\n    return xs[0]",
        "try:\n    first([])\nexcept Empty as error:\n    assert error.args == ('nothing', 3)\nelse:\n    assert False\n"
        "try:\n    first([])\nexcept ValueError:\n    pass\n"
        "import unittest\nwith unittest.TestCase().assertRaises(Empty):\n    first(())",
    ),
    "changing an argument": (
        "def bubble(xs):\n    xs.sort()\n    return None",
        "data = [3, 1, 2]\nsame = data\nassert bubble(data) is None\nassert data == [1, 2, 3] and same is data",
    ),
    "an array changed in place": (
        "def clip(a):\n    a[a < 0] = 0\n    return a",
        "import numpy as np\na = np.array([-1, 2])\nb = clip(a)\nassert b is a\nassert a.tolist() == [0, 2]",
    ),
    "a generator": (
        "def evens(n):\n    for i in range(n):\n        yield 2 * i",
        "assert list(evens(3)) == [0, 2, 4]\ngen = evens(2)\nassert next(gen) == 0\nassert sum(gen) == 2\n"
        "try:\n    next(gen)\nexcept StopIteration:\n    pass\nelse:\n    assert False",
    ),
    "an endless generator read in part": (
        "import itertools\ndef squares():\n    return (n * n for n in itertools.count())",
        "from itertools import islice\nassert list(islice(squares(), 4)) == [0, 1, 4, 9]",
    ),
    "callbacks": (
        "def apply(f, xs):\n    return [f(x) for x in xs]\ndef twice(f):\n    return lambda x: f(f(x))",
        "calls = []\ndef note(x):\n    calls.append(x)\n    return x + 1\nassert apply(note, [1, 2]) == [2, 3]\n"
        "assert calls == [1, 2]\nassert twice(lambda x: x * 3)(2) == 18\nassert apply(len, ['ab']) == [2]",
    ),
    "errors raised in a callback": (
        "def safe(f):\n    try:\n        return f()\n    except ZeroDivisionError:\n        return None",
        "assert safe(lambda: 1 / 0) is None\ndef bad(): raise KeyError('k')\n"
        "try:\n    safe(bad)\nexcept KeyError as e:\n    assert e.args == ('k',)",
    ),
    "operators of a class": (
        "class V:\n    def __init__(self, x, y): self.x, self.y = x, y\n    def __add__(self, o): return V(self.x + o.x, self.y + o.y)\n"
        "    def __eq__(self, o): return (self.x, self.y) == (o.x, o.y)\n    def __repr__(self): return f'V({self.x}, {self.y})'",
        "v = V(1, 2) + V(3, 4)\nassert (v.x, v.y) == (4, 6)\nassert v == V(4, 6)\nassert v != V(0, 0)\nassert repr(v) == 'V(4, 6)'",
    ),
    "named tuples and dataclasses": (
        "from collections import namedtuple\nfrom dataclasses import dataclass\nP = namedtuple('P', 'x y')\n"
        "@dataclass\nclass D:\n    a: int\n    b: list\ndef make(): return P(1, 2), D(3, [4])",
        "import judge\np, d = make()\nassert p == (1, 2) and p.x == 1 and isinstance(p, P)\nassert d.a == 3 and d.b == [4]\n"
        "assert judge.call('dataclasses.asdict', d) == {'a': 3, 'b': [4]}",
    ),
    "a scikit-learn estimator": (
        "from sklearn.linear_model import LogisticRegression\nfrom sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import StandardScaler\n"
        "def fit(X, y):\n    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)",
        "import numpy as np\nfrom sklearn.base import BaseEstimator\nfrom sklearn.model_selection import cross_val_score\n"
        "rng = np.random.default_rng(0)\nX = rng.normal(size=(80, 2))\ny = (X[:, 0] > 0).astype(int)\nmodel = fit(X, y)\n"
        "assert isinstance(model, BaseEstimator)\nassert model.score(X, y) > 0.9\nassert (model.predict(X) == y).mean() > 0.9\n"
        "assert model.named_steps['logisticregression'].coef_.shape == (1, 2)\nassert cross_val_score(model, X, y, cv=3).mean() > 0.8",
    ),
    "an estimator that the test brings": (
        "def accuracy(model, X, y):\n    model.fit(X, y)\n    return float((model.predict(X) == y).mean())",
        "import numpy as np\nfrom sklearn.tree import DecisionTreeClassifier\nX = np.arange(10).reshape(-1, 1)\n"
        "y = (X[:, 0] > 4).astype(int)\nassert accuracy(DecisionTreeClassifier(), X, y) == 1.0",
    ),
    "top-level and awaited coroutines": (
        "import asyncio\nasync def later(x):\n    await asyncio.sleep(0)\n    return x + 1",
        "import asyncio\nassert asyncio.run(later(1)) == 2",
    ),
    "awaiting in the test": ("async def later(x):\n    return x + 1", "assert await later(1) == 2"),
    "what a function prints": (
        "def hello(name):\n    print(f'hello {name}')",
        "import io\nfrom contextlib import redirect_stdout\nout = io.StringIO()\nwith redirect_stdout(out):\n    hello('x')\n"
        "assert out.getvalue() == 'hello x\\n'",
    ),
    "seeded draws": (
        "import random, numpy as np\ndef roll():\n    return random.random() + np.random.rand()",
        "import random, numpy as np\nrandom.seed(3); np.random.seed(3)\na = roll()\nrandom.seed(3); np.random.seed(3)\n"
        "assert roll() == a\nassert roll() != a",
    ),
    "a replaced name": (
        "def helper(n): return n\ndef outer(n): return helper(n) + 1",
        "kept = helper\ndel helper\ntry:\n    outer(1)\nexcept NameError:\n    pass\nelse:\n    raise AssertionError('unused')\n"
        "finally:\n    helper = kept\nassert outer(1) == 2\nhelper = lambda n: 10\nassert outer(1) == 11\nhelper = kept",
    ),
    "a global counter": (
        "count = 0\ndef step():\n    global count\n    count += 1\n    return count",
        "before = count\nstep()\nassert count == before + 1",
    ),
    "a mock": (
        "def fetch(client):\n    return client.get('/a')['n'] + 1",
        "from unittest.mock import Mock\nclient = Mock()\nclient.get.return_value = {'n': 1}\nassert fetch(client) == 2\n"
        "client.get.assert_called_once_with('/a')",
    ),
    "an object of the test": (
        "def total(cart):\n    return sum(i.price for i in cart.items) - cart.discount()",
        "class Item:\n    def __init__(self, price): self.price = price\nclass Cart:\n    def __init__(self, items): self.items = items\n"
        "    def discount(self): return 1\nassert total(Cart([Item(2), Item(3)])) == 4",
    ),
    "signatures and names": (
        "def f(a, b=2, *, c):\n    'adds'\n    return a",
        "import inspect\nassert list(inspect.signature(f).parameters) == ['a', 'b', 'c']\n"
        "assert f.__doc__ == 'adds' and f.__name__ == 'f' and callable(f)",
    ),
    "scipy calling the trainee": (
        "def parabola(x): return (x - 2) ** 2",
        "from scipy.optimize import minimize_scalar\nassert abs(minimize_scalar(parabola).x - 2) < 1e-6",
    ),
    "frames through apply": (
        "def label(row): return 'big' if row['x'] > 1 else 'small'",
        "import pandas as pd\ndf = pd.DataFrame({'x': [1, 2]})\nassert df.apply(label, axis=1).tolist() == ['small', 'big']",
    ),
    "magics": ("%time x = 41\ny = !echo hi\nx = x + 1", "%timeit -n1 -r1 x\nassert x == 42\nassert list(y) == ['hi']"),
    "an own context manager": (
        "class Box:\n    def __enter__(self): self.open = True; return self\n    def __exit__(self, *a): self.open = False; return False",
        "with Box() as b:\n    assert b.open is True\nassert b.open is False",
    ),
    "a linked list": (
        "class Node:\n    def __init__(self, v, next=None): self.v, self.next = v, next\ndef build(xs):\n    head = None\n"
        "    for x in reversed(xs): head = Node(x, head)\n    return head",
        "node, got = build([1, 2, 3, 4]), []\nwhile node is not None:\n    got.append(node.v)\n    node = node.next\nassert got == [1, 2, 3, 4]",
    ),
    "enums": (
        "from enum import Enum\nclass Colour(Enum):\n    RED = 1\n    BLUE = 2\ndef other(c):\n    return Colour.BLUE if c is Colour.RED else Colour.RED",
        "assert other(Colour.RED) is Colour.BLUE\nassert other(Colour.BLUE) == Colour.RED\nassert Colour.RED.value == 1",
    ),
    "files": (
        "def save(path, text):\n    with open(path, 'w') as f: f.write(text)\ndef load(path):\n    return open(path).read()",
        "save('note.txt', 'hi')\nassert load('note.txt') == 'hi'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("hardened", [True, False], ids=["hardened", "imported"])
@pytest.mark.parametrize(
    "case", sorted(CASES.keys() - {"operators of a class"}), ids=lambda name: name.replace(" ", "-")
)
def test_a_reference_earns_its_point(autograder, case, hardened):
    solution, tests = CASES[case]
    grade(autograder, solution, tests, hardened=hardened)


def test_operators_of_a_class_are_believed_only_where_the_reference_has_them(autograder):
    solution, tests = CASES["operators of a class"]
    grade(autograder, solution, tests)
    bundle = assignment(answer("a", solution), check("t", tests))
    assert autograder.grade(bundle, reference(bundle), 1).tasks[0].verdict is Verdict.NOT_JUDGED


def test_torch_modules_and_tensors_work(autograder):
    solution = (
        "import torch\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.layer = torch.nn.Linear(2, 1)\n    def forward(self, x): return self.layer(x)\n"
        "def double(t): return t * 2"
    )
    tests = (
        "import torch\nnet = Net()\nassert isinstance(net, torch.nn.Module)\n"
        "assert net(torch.zeros(3, 2)).shape == (3, 1)\nassert sum(p.numel() for p in net.parameters()) == 3\n"
        "assert torch.equal(double(torch.ones(2)), torch.full((2,), 2.0))\nassert set(net.state_dict()) == {'layer.weight', 'layer.bias'}"
    )
    grade(autograder, solution, tests)


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


@pytest.mark.parametrize(
    "last", ["True", "False", "[1]", "-1", "7", "float('nan')", "f(1)", "x = f(2)\nx", "'a' + 'b'"]
)
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
