"""The assignments that the corpus attacks: small, of every kind of answer, each with a test that nobody sees."""

from __future__ import annotations

from dataclasses import dataclass, replace

from factory_academy.domain.bundle import AssignmentBundle, GradingLimits
from tests.support.grading_work import answer, assignment, check, given, hidden_part

SECRETS = ("magpie", "7193", "nest_of_answers")
LIMITS = GradingLimits(cell_seconds=20, total_seconds=60, memory_bytes=500 << 20, processes=40, output_bytes=5_000)
SHORT = replace(LIMITS, cell_seconds=2.0, total_seconds=6.0)
LIBRARIES = ("numpy", "pandas", "sklearn.linear_model", "torch", "scipy.sparse")


@dataclass(frozen=True, slots=True)
class Victim:
    """One assignment: what is given, the reference solution, a visible and a hidden test and their points."""

    solution: str
    visible: str
    hidden: str
    given: str = "import math"

    def bundle(self, name: str) -> AssignmentBundle:
        """The assignment, before its reference ran."""
        region = f"### BEGIN SOLUTION\n{self.solution}\n### END SOLUTION"
        hidden = f"nest_of_answers = 'magpie'\n{self.hidden}"
        return assignment(
            given(self.given),
            answer("a", region),
            check("shown", self.visible, 1),
            check("hidden", hidden_part(hidden), 4),
            limits=LIMITS,
            preload=LIBRARIES,
        )


VICTIMS = {
    "order": Victim(
        "def order(xs):\n    return sorted(xs)",
        "assert order([2, 1]) == [1, 2]",
        "secret = [7193, 2, 5]\nbefore = list(secret)\ngot = order(secret)\nassert isinstance(got, list)\n"
        "assert got == [2, 5, 7193]\nassert secret == before\nassert sum(got) == 7200",
    ),
    "share": Victim(
        "def order(xs):\n    return sorted(xs)",
        "points = 0\nfor n in (3, 4):\n    points += order(list(range(n, 0, -1))) == list(range(1, n + 1))\npoints / 2",
        "right = sum(order([7193, n]) == sorted([7193, n]) for n in (1, 2, 3, 9000))\nright",
    ),
    "mean": Victim(
        "def mean(xs):\n    return sum(xs) / len(xs)",
        "assert math.isclose(mean([1, 2]), 1.5)",
        "got = mean([7193, 7195])\nassert isinstance(got, float)\nassert abs(got - 7194) < 1e-9\n"
        "assert round(mean([0.5]), 3) == 0.5",
    ),
    "array": Victim(
        "import numpy as np\ndef scale(a):\n    return a * 2.0",
        "np.testing.assert_allclose(scale(np.array([1.0, 2.0])), [2.0, 4.0])",
        "data = np.array([[7193.0, 1.0], [2.0, 3.0]])\ngot = scale(data)\nassert got.shape == (2, 2)\n"
        "assert got.dtype == np.float64\nnp.testing.assert_array_equal(got, data + data)\n"
        "assert np.isclose(got.sum(), 14398.0)",
        "import numpy as np",
    ),
    "table": Victim(
        "import pandas as pd\ndef totals(df):\n    return df.groupby('k', as_index=False)['v'].sum()",
        "small = pd.DataFrame({'k': ['a', 'a'], 'v': [1, 2]})\nassert totals(small)['v'].iloc[0] == 3",
        "table = pd.DataFrame({'k': ['a', 'b', 'a'], 'v': [7193, 2, 1]})\ngot = totals(table)\n"
        "pd.testing.assert_frame_equal(got, pd.DataFrame({'k': ['a', 'b'], 'v': [7194, 2]}))\n"
        "assert list(got.columns) == ['k', 'v'] and len(got) == 2\nassert got.equals(pd.DataFrame({'k': ['a', 'b'], "
        "'v': [7194, 2]}))",
        "import pandas as pd",
    ),
    "tensor": Victim(
        "import torch\ndef double(t):\n    return t * 2",
        "assert torch.equal(double(torch.ones(2)), torch.full((2,), 2.0))",
        "t = torch.tensor([7193.0, 2.0])\ngot = double(t)\nassert got.shape == t.shape\n"
        "assert torch.allclose(got, t + t)\nassert float(got.sum()) == 14390.0",
        "import torch",
    ),
    "net": Victim(
        "import torch\ndef net():\n    m = torch.nn.Linear(1, 1)\n    with torch.no_grad():\n"
        "        m.weight.fill_(2.0)\n        m.bias.fill_(1.0)\n    return m",
        "assert abs(float(net()(torch.zeros(1, 1)).sum()) - 1.0) < 1e-6",
        "m = net()\nassert isinstance(m, torch.nn.Module)\nout = m(torch.tensor([[7193.0], [1.0]]))\n"
        "assert torch.allclose(out, torch.tensor([[14387.0], [3.0]]))",
        "import torch",
    ),
    "estimator": Victim(
        "from sklearn.linear_model import LogisticRegression\ndef fit(X, y):\n"
        "    return LogisticRegression().fit(X, y)",
        "X = np.array([[0.0], [1.0], [9.0], [10.0]])\ny = np.array([0, 0, 1, 1])\n"
        "np.testing.assert_array_equal(fit(X, y).predict(X), y)",
        "rng = np.random.default_rng(7193)\nX = rng.normal(size=(60, 2))\ny = (X[:, 0] > 0).astype(int)\n"
        "model = fit(X[:40], y[:40])\nassert (model.predict(X[40:]) == y[40:]).mean() > 0.9\n"
        "assert accuracy_score(y[40:], model.predict(X[40:])) > 0.9",
        "import numpy as np\nfrom sklearn.metrics import accuracy_score",
    ),
    "stack": Victim(
        "class Stack:\n    def __init__(self):\n        self.items = []\n    def push(self, x):\n"
        "        self.items.append(x)\n    def pop(self):\n        return self.items.pop()\n    def __len__(self):\n"
        "        return len(self.items)",
        "s = Stack()\ns.push(1)\nassert s.pop() == 1",
        "s = Stack()\nfor x in (7193, 2, 3):\n    s.push(x)\nassert len(s) == 3\n"
        "assert [s.pop(), s.pop(), s.pop()] == [3, 2, 7193]\nassert s.items == []",
    ),
    "stream": Victim(
        "def evens(n):\n    for x in range(n):\n        if x % 2 == 0:\n            yield x",
        "assert list(evens(3)) == [0, 2]",
        "got = list(evens(9))\nassert got == [0, 2, 4, 6, 8]\nassert sum(evens(7193)) == 12934812\n"
        "assert 3 not in evens(10)",
    ),
    "inplace": Victim(
        "def put_in_order(xs):\n    xs.sort()\ndef is_in_order(xs):\n    return sorted(xs) == xs",
        "xs = [2, 1]\nput_in_order(xs)\nassert xs == [1, 2]",
        "want = [2, 5, 7193]\nassert is_in_order(want) is True\nassert is_in_order([7193, 2]) is False\n"
        "xs = [7193, 2, 5]\nput_in_order(xs)\n"
        "assert xs == want",
    ),
    "call": Victim(
        "def apply_all(f, xs):\n    return [f(x) for x in xs]",
        "assert apply_all(lambda x: x + 1, [1]) == [2]",
        "seen = []\ndef f(x):\n    seen.append(x)\n    assert x in (7193, 2)\n    return -x\n"
        "assert apply_all(f, [7193, 2]) == [-7193, -2]\nassert seen == [7193, 2]\n"
        "from unittest.mock import Mock\nm = Mock(return_value=3)\nassert apply_all(m, [1]) == [3]\n"
        "m.assert_called_once_with(1)",
    ),
    "refuse": Victim(
        "def root(x):\n    if x < 0:\n        raise ValueError('negative')\n    return math.sqrt(x)",
        "assert root(4) == 2",
        "try:\n    root(-7193)\nexcept ValueError as error:\n    assert 'negative' in str(error)\n"
        "else:\n    raise AssertionError('accepted')\nassert root(9) == 3",
    ),
}
