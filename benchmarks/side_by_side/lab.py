"""The lab that is graded: five answers and eight test cells on a small data set, as in a course on torch and sklearn.

Every answer comes in several versions, right and wrong; a submission takes one of each. Checks that must earn points
one by one are lists of lines: nbgrader's format adds them up in one cell, Otter's gives each its point.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.grading_work import answer, assignment, check, given, hidden_part, notebook

from factory_academy.domain.bundle import AssignmentBundle, GradingLimits

NAME = "wine"
GIVEN = """\
import numpy as np
import torch
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

wine = load_wine()
features, labels = wine.data, wine.target
"""

ANSWERS: Mapping[str, tuple[str, ...]] = {
    "prepare": (
        """\
def prepare(features, labels, seed):
    x, x_test, y, y_test = train_test_split(features, labels, test_size=0.25, random_state=seed, stratify=labels)
    scaler = StandardScaler().fit(x)
    return scaler.transform(x), scaler.transform(x_test), y, y_test
""",
        """\
def prepare(features, labels, seed):
    parts = train_test_split(features, labels, test_size=0.25, random_state=seed, stratify=labels)
    middle, spread = parts[0].mean(axis=0), parts[0].std(axis=0)
    return (parts[0] - middle) / spread, (parts[1] - middle) / spread, parts[2], parts[3]
""",
        """\
def prepare(features, labels, seed):
    scaled = StandardScaler().fit_transform(features)  # looks at the test part too
    return train_test_split(scaled, labels, test_size=0.25, random_state=seed, stratify=labels)
""",
    ),
    "baseline": (
        "def baseline(x, y):\n    return LogisticRegression(max_iter=300).fit(x, y)\n",
        "def baseline(x, y):\n    model = LogisticRegression(C=2.0, max_iter=500)\n    return model.fit(x, y)\n",
        "def baseline(x, y):\n    return LogisticRegression(max_iter=300).fit(x, np.zeros_like(y) + (x[:, 0] > 0))\n",
        "def baseline(x, y):\n    raise NotImplementedError()\n",
    ),
    "network": (
        """\
def make_network(inputs, hidden, classes):
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, classes))
""",
        """\
def make_network(inputs, hidden, classes):
    layers = [nn.Linear(inputs, hidden), nn.ReLU()]
    layers.append(nn.Linear(hidden, classes))
    return nn.Sequential(*layers)
""",
        """\
def make_network(inputs, hidden, classes):
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.Linear(hidden, classes))
""",
    ),
    "train": (
        """\
def train(network, x, y, epochs, rate):
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    losses = []
    for _ in range(epochs):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(network(x), y)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses
""",
        """\
def train(network, x, y, epochs, rate):
    loss_of, losses = nn.CrossEntropyLoss(), []
    optimiser = torch.optim.SGD(network.parameters(), lr=20 * rate, momentum=0.9)
    for epoch in range(epochs):
        loss = loss_of(network(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses += [float(loss)]
    return losses
""",
        """\
def train(network, x, y, epochs, rate):
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    losses = []
    for _ in range(epochs):
        loss = nn.functional.cross_entropy(network(x), y)
        losses.append(loss.item())  # never goes backward
    return losses
""",
    ),
    "confusion": (
        """\
def confusion(truth, guess, classes):
    table = np.zeros((classes, classes), dtype=int)
    for is_, said in zip(truth, guess):
        table[is_, said] += 1
    return table
""",
        """\
def confusion(truth, guess, classes):
    pairs = np.asarray(truth, dtype=int) * classes + np.asarray(guess, dtype=int)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
""",
        """\
def confusion(truth, guess, classes):
    table = np.zeros((classes, classes), dtype=int)
    for is_, said in zip(truth, guess):
        table[said, is_] += 1
    return table
""",
        """\
def confusion(truth, guess, classes):
    table = np.zeros((max(truth) + 1, max(truth) + 1), dtype=int)
    for is_, said in zip(truth, guess):
        table[is_, said] += 1
    return table
""",
    ),
}
NOISE = (
    "",
    "import sys\nprint('loading …', file=sys.stderr)",
    "import warnings\nwarnings.warn('this will change in a later version')",
    "for step in range(200):\n    print('step', step)",
    "undefined_name + 1",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One test cell after one answer. Where there are ``lines``, each earns its share; else ``source`` decides."""

    name: str
    after: str
    points: int
    source: str
    lines: tuple[str, ...] = ()
    hidden: bool = True


CHECKS = (
    Check(
        "prepare-shapes", "prepare", 1,
        """\
x, x_test, y, y_test = prepare(features, labels, 0)
assert x.shape == (133, 13) and x_test.shape == (45, 13), "three quarters are for training"
assert len(y) == 133 and len(y_test) == 45
""",
        hidden=False,
    ),
    Check(
        "prepare-scale", "prepare", 2,
        """\
x, x_test, y, y_test = prepare(features, labels, 7)
assert np.allclose(x.mean(axis=0), 0, atol=1e-6) and np.allclose(x.std(axis=0), 1, atol=1e-6), "scale the train part"
""",
    ),
    Check(
        "baseline-quality", "baseline", 2,
        """\
x, x_test, y, y_test = train_test_split(StandardScaler().fit_transform(features), labels, random_state=3)
model = baseline(x, y)
assert (model.predict(x_test) == y_test).mean() > 0.9, "a linear model reaches 90 % here"
""",
    ),
    Check(
        "network-shape", "network", 1,
        """\
network = make_network(13, 16, 3)
assert tuple(network(torch.zeros(5, 13)).shape) == (5, 3), "one output for each class"
""",
        hidden=False,
    ),
    Check(
        "network-size", "network", 1,
        """\
network = make_network(4, 8, 2)
assert sum(weights.numel() for weights in network.parameters()) == 58, "one hidden layer"
""",
    ),
    Check(
        "train-falls", "train", 2,
        """\
_ = torch.manual_seed(1)
scaled = torch.tensor(StandardScaler().fit_transform(features), dtype=torch.float32)
network = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3))
losses = train(network, scaled, torch.tensor(labels), 60, 0.01)
assert len(losses) == 60 and losses[-1] < losses[0] / 3, "the loss must fall"
""",
        hidden=False,
    ),
    Check(
        "train-blobs", "train", 3,
        """\
_ = torch.manual_seed(2)
goals = torch.arange(300) % 4
inputs = torch.randn(300, 6) + 3 * nn.functional.one_hot(goals, 6)
network = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 4))
losses = train(network, inputs, goals, 120, 0.01)
assert losses[-1] < 0.2, "it learns other data too"
""",
    ),
    Check(
        "confusion-table", "confusion", 4, "",
        (
            "confusion([0, 1, 1], [0, 1, 1], 2).tolist() == [[1, 0], [0, 2]]",
            "confusion([0, 0, 1], [0, 1, 1], 2).tolist() == [[1, 1], [0, 1]]",
            "confusion([0, 0], [0, 2], 3).tolist() == [[1, 0, 1], [0, 0, 0], [0, 0, 0]]",
            "int(confusion([2, 1, 0, 2], [2, 1, 0, 2], 3).sum()) == 4",
        ),
    ),
)  # fmt: skip
_ADD_UP = """\
import contextlib
points = 0
for line in (
{tries}
):
    with contextlib.suppress(Exception):
        points += bool(line())
points
"""


def source_of(one: Check) -> str:
    """The test cell in nbgrader's format; partial credit is its last expression."""
    tries = "\n".join(f"    lambda: {line}," for line in one.lines)
    return _ADD_UP.format(tries=tries) if one.lines else one.source


def lab() -> AssignmentBundle:
    """The lab as an assignment of ours, which is also nbgrader's format."""
    limits = GradingLimits(cell_seconds=30, total_seconds=120)
    return assignment(*_cells({name: versions[0] for name, versions in ANSWERS.items()}), limits=limits)


def _cells(answers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    yield given(GIVEN, "setup")
    for name, source in answers.items():
        yield answer(name, f"### BEGIN SOLUTION\n{source}### END SOLUTION\n")
        for one in (one for one in CHECKS if one.after == name):
            yield check(one.name, hidden_part(source_of(one)) if one.hidden else source_of(one), one.points)


def choices(number: int) -> dict[str, str]:
    """Which version of each answer submission ``number`` takes; every fourth submission is all right."""
    draw = random.Random(number)
    return {name: draw.choice(versions[:2] if number % 4 == 0 else versions) for name, versions in ANSWERS.items()}


def submission(bundle: AssignmentBundle, number: int) -> bytes:
    """The notebook that trainee ``number`` hands in."""
    content = json.loads(bundle.files["release/work.ipynb"])
    chosen = choices(number)
    for cell in content["cells"]:
        cell["source"] = chosen.get(cell["metadata"].get("nbgrader", {}).get("grade_id"), cell["source"])
    own = f"# trainee {number}\n{NOISE[number % len(NOISE)]}"
    return notebook([content["cells"][0], _own(own), *content["cells"][1:]], **KERNEL)


KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def _own(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
