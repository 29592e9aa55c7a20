"""What crosses the border so that more test cells hold gains a dishonest answer nothing."""

from __future__ import annotations

import pytest
from tests.support.grading_work import answer, answers, assignment, check, given

from factory_academy.domain.grade import Verdict

MANAGER = "from contextlib import contextmanager\n@contextmanager\ndef noted(log):\n    log.append(1)\n    yield"
SWALLOWS = (
    "class noted:\n    def __init__(self, log): log.append(1)\n    def __enter__(self): pass\n"
    "    def __exit__(self, *told): return True"
)
DERIVED = "class Mine(ValueError): pass\ndef f(): raise Mine('x')"
WRITES = "def save(name):\n    with open(name, 'w') as file:\n        file.write('right')"


def graded(autograder, right, test, other, before=""):
    cells = [given(before)] if before else []
    bundle = assignment(*cells, answer("a", f"### BEGIN SOLUTION\n{right}\n### END SOLUTION"), check("t", test))
    bundle = autograder.record_contract(bundle)
    return autograder.grade(bundle, answers(bundle, a=other), 1).tasks[0]


def test_a_context_manager_cannot_swallow_a_failed_assertion(autograder):
    test = "log = []\nwith noted(log):\n    assert len(log) == 1\n    assert limit == 3"
    score = graded(autograder, f"limit = 3\n{MANAGER}", test, f"limit = 4\n{SWALLOWS}")
    assert (score.earned, score.verdict) == (0, Verdict.FAILED)


@pytest.mark.parametrize("name", ["numpy.csv/../json.py", "../other.csv", "json.py", "grader/helper.txt"])
def test_only_plain_files_that_the_reference_wrote_reach_the_test(autograder, name):
    test = f"import os\nsave('out.txt')\nassert open('out.txt').read() == 'right'\nassert not os.path.exists({name!r})"
    sneaky = f"{WRITES}\nimport os\nos.makedirs('numpy.csv', exist_ok=True)\nos.makedirs('grader', exist_ok=True)\n"
    sneaky += f"old = save\ndef save(name):\n    old(name)\n    try: old({name!r})\n    except OSError: pass"
    assert graded(autograder, WRITES, test, sneaky).earned == 1


def test_a_file_of_the_assignment_is_never_replaced_in_the_judge(autograder):
    bundle = assignment(
        answer("a", "### BEGIN SOLUTION\ndef save(): pass\n### END SOLUTION"),
        check("t", "save()\nassert open('truth.txt').read() == 'truth'"),
        files={"release/truth.txt": b"truth"},
    )
    bundle = autograder.record_contract(bundle)
    lie = "def save():\n    with open('truth.txt', 'w') as file:\n        file.write('lie')"
    assert autograder.grade(bundle, answers(bundle, a=lie), 1).earned == 1


def test_pytest_that_misses_an_error_fails_the_test_and_ends_nothing(autograder):
    test = "import pytest\nwith pytest.raises(ValueError):\n    f()"
    score = graded(autograder, DERIVED, test, "def f(): pass")
    assert (score.earned, score.verdict) == (0, Verdict.FAILED)


@pytest.mark.parametrize("lie", ["torch.ones(3)", "torch.ones(2, dtype=torch.double)", "None"])
def test_a_gradient_is_a_gradient_of_the_tensor_asked_for(autograder, lie):
    right = "import torch\ndef f(x): return (x * x).sum()"
    test = "x = torch.tensor([1.0, 2.0], requires_grad=True)\nf(x).backward()\nassert x.grad.tolist() == [2, 4]"
    wrong = (
        "import torch\nclass Lie(torch.autograd.Function):\n"
        "    @staticmethod\n    def forward(ctx, x): return x.sum()\n"
        f"    @staticmethod\n    def backward(ctx, g): return {lie}\ndef f(x): return Lie.apply(x)"
    )
    assert graded(autograder, right, test, wrong, before="import torch").earned == 0
