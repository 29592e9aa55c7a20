"""Attacks on what crosses the border since tests run unmodified: files, gradients, dataclasses. None gains a point."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

import pytest
from tests.support.grading_work import answer, answers, assignment, check, given, hidden_part, reference

from factory_academy.grading.border.files import Files
from factory_academy.grading.border.rules import Rules

TABLES = """
import csv
def save(rows, name):
    with open(name, 'w', newline='') as file:
        csv.writer(file).writerows(rows)
def load(name):
    with open(name, newline='') as file:
        return list(csv.reader(file))
"""
TELLS_OF_A_FILE = """
from factory_academy.grading.data import wire
before = wire.Wire.send
def send(self, tree, buffers=(), deadline=None):
    buffers = [*buffers, b'lie']
    tree['files'] = ['t', ['t', {name!r}, ['b', len(buffers) - 1]]]
    return before(self, tree, buffers, deadline)
wire.Wire.send = send
def save(): pass
"""
NETS = """
import torch
from torch import nn
def make(): return nn.Linear(2, 2)
"""
DOUBLE = "def double(x): return 2 * x"


@dataclass(frozen=True)
class Case:
    """Hidden tests of one point each, the author's answer, and one that must earn exactly ``earns``."""

    right: str
    tests: tuple[str, ...]
    attack: str
    earns: int = 0
    given: str = "1"
    is_recorded: bool = True
    files: dict[str, bytes] = field(default_factory=dict)

    def bundle(self, autograder):
        checks = (check(f"t{place}", hidden_part(textwrap.dedent(test))) for place, test in enumerate(self.tests))
        right = answer("a", f"### BEGIN SOLUTION\n{textwrap.dedent(self.right)}\n### END SOLUTION")
        bundle = assignment(given(self.given), right, *checks, files=self.files)
        return autograder.record_contract(bundle) if self.is_recorded else bundle


CASES = {
    "a-file-that-the-test-wrote-is-emptied": Case(
        TABLES,
        (
            "import csv\nsave([['a', 'b']], 'rows.csv')\nassert list(csv.reader(open('rows.csv'))) == [['a', 'b']]",
            "import csv\nwith open('rows.csv', 'w') as file: file.write('x,7193')\n"
            "assert load('rows.csv') == list(csv.reader(open('rows.csv')))",
        ),
        TABLES + "def load(name):\n    open(name, 'w').close()\n    return []",
        earns=1,
    ),
    "a-file-that-the-test-wrote-is-replaced-where-no-reference-ran": Case(
        DOUBLE,
        (
            "from pathlib import Path\nPath('expected.txt').write_text('14386')\n"
            "assert str(double(7193)) == Path('expected.txt').read_text()",
        ),
        "def double(x):\n    open('expected.txt', 'w').write('0')\n    return 0",
        is_recorded=False,
    ),
    "a-file-of-the-assignment-by-another-spelling": Case(
        "def save(): pass",
        ("save()\nassert open('truth.txt').read() == 'lie'",),
        TELLS_OF_A_FILE.format(name="./truth.txt"),
        is_recorded=False,
        files={"release/truth.txt": b"truth"},
    ),
    "a-file-planted-while-a-cell-runs": Case(
        "def save(): pass",
        ("import os\nassert os.path.exists('planted.txt') is False\nsave()",),
        TELLS_OF_A_FILE.format(name="planted.txt"),
        earns=1,
    ),
    "what-an-earlier-hidden-test-wrote": Case(
        DOUBLE,
        (
            "got = double(7193)\nopen('key.json', 'w').write('14386')\nassert got == 14386",
            "assert double(7193) == 14386",
        ),
        "import json, os\ndef double(x):\n    return json.load(open('key.json')) if os.path.exists('key.json') else 0",
    ),
    "labels-changed-where-only-weights-are-to-change": Case(
        NETS
        + """
def train(model, X, y):
    steps = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(60):
        steps.zero_grad()
        nn.functional.cross_entropy(model(X), y).backward()
        steps.step()
""",
        (
            """
            X = torch.randn(60, 2)
            y = (X[:, 0] > 0).long()
            model = make()
            held = list(model.parameters())
            before = [one.detach().clone() for one in held]
            train(model, X, y)
            assert any(not torch.equal(a, b) for a, b in zip(before, held))
            with torch.no_grad():
                accuracy = (model(X).argmax(1) == y).float().mean().item()
            assert accuracy > 0.9
            """,
        ),
        NETS
        + """
def train(model, X, y):
    with torch.no_grad():
        model.weight += 1
        y[:] = model(X).argmax(1)
""",
        given="import torch\nfrom torch import nn",
    ),
    "a-class-that-only-says-it-is-a-dataclass": Case(
        "import dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int",
        ("p = P(7193)\nassert dataclasses.asdict(p) == {'x': 7193} and dataclasses.replace(p, x=4) != p",),
        "class P:\n    def __init__(self, x): self.x = x\n    def __eq__(self, other): return True",
        given="import dataclasses",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_crosses_the_border_gains_a_dishonest_answer_nothing(autograder, name):
    bundle = CASES[name].bundle(autograder)
    if CASES[name].is_recorded:
        assert all(task.earned for task in autograder.grade(bundle, reference(bundle), 1).tasks)
    outcome = autograder.grade(bundle, answers(bundle, a=textwrap.dedent(CASES[name].attack)), 1)
    assert outcome.state.is_terminal
    assert outcome.earned == CASES[name].earns, (outcome.tasks, outcome.state)


def test_names_of_files_without_end_are_forgotten(tmp_path):

    files = Files(tmp_path)
    for turn in range(20):
        files.take(tuple((f"{turn}-{place}.txt", None) for place in range(400)), Rules("free"), at_once=True)
    files.take((("late.txt", b"here"),), Rules("free"), at_once=True)
    assert (tmp_path / "late.txt").read_bytes() == b"here"
    assert len(files._offered) <= 2000
