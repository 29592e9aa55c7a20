"""What happens where there is no sandbox, where our own process dies, and where several workers grade at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.grading_forks import CannotFork, JudgeDies
from tests.support.grading_work import LIMITS, answer, answers, assignment, check, hidden_part, reference

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import CannotIsolate, InfrastructureFault
from factory_academy.grading.autograder import SandboxAutograder

BUNDLE = assignment(
    answer("a", "def f(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION"),
    check("t", hidden_part("assert f(1) == 2")),
)


def test_without_a_sandbox_nothing_is_run(tmp_path):
    grader = SandboxAutograder(tmp_path, make_zygote=CannotFork)
    with pytest.raises(CannotIsolate):
        grader.grade(BUNDLE, reference(BUNDLE), 1)
    grader.close()


def test_an_operator_can_ask_for_runs_without_a_sandbox(tmp_path):
    grader = SandboxAutograder(tmp_path, allow_unsandboxed=True, make_zygote=CannotFork)
    bundle = grader.record_contract(BUNDLE)
    assert grader.grade(bundle, reference(bundle), 1).earned == 1
    quits = grader.grade(bundle, answers(bundle, a="import os\ndef f(x): os._exit(1)"), 1)
    assert (quits.earned, quits.state) == (0, SubmissionState.EXITED)
    grader.close()
    assert not [path for path in (tmp_path / "unsandboxed").rglob("*") if path.is_file()]


def test_a_judge_that_dies_is_our_fault(tmp_path):
    grader = SandboxAutograder(tmp_path, make_zygote=JudgeDies)
    with pytest.raises(InfrastructureFault):
        grader.grade(BUNDLE, reference(BUNDLE), 1)
    grader.close()


def test_several_workers_grade_at_once(autograder):
    bundle = autograder.record_contract(BUNDLE)
    work = [answers(bundle, a=f"def f(x): return x + {1 + n % 2}") for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda archive: autograder.grade(bundle, archive, 1), work))
    assert [outcome.earned for outcome in outcomes] == [1, 0] * 4


def test_the_same_work_gets_the_same_outcome_again(autograder):
    bundle = assignment(
        answer("a", "import random\ndef draw(): return random.random()"),
        check("t", "import random\nscore = round(random.random() * 0.9, 3)\nassert 0 <= draw() < 1\nscore", 1),
    )
    scores = [autograder.grade(bundle, reference(bundle), seed).earned for seed in (1, 1, 2)]
    assert scores[0] == scores[1] != scores[2]


def test_a_hardened_bundle_travels_as_bytes(autograder):
    bundle = AssignmentBundle.from_bytes(autograder.record_contract(BUNDLE).to_bytes())
    assert bundle.is_hardened
    assert autograder.record_contract(BUNDLE).version == bundle.version
    assert autograder.grade(bundle, reference(bundle), 1).earned == 1
    assert bundle.limits == LIMITS
