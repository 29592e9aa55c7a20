"""Every hostile submission: no unearned point, nothing hidden read, nothing stopped, one state with a reason."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.corpus import read_corpus
from tests.support.corpus_victims import LIBRARIES, SECRETS, SHORT, VICTIMS
from tests.support.feedback import feedback_page
from tests.support.grading_work import answers, reference

from factory_academy.curriculum.examination.examine import examine
from factory_academy.domain.submission import SubmissionState
from factory_academy.grading.autograder import SandboxAutograder
from factory_academy.isolation.zygote import Zygote

CORPUS = read_corpus()
IMPORTED = ", imported"
CASES = [*CORPUS, *(f"{name}{IMPORTED}" for name, attack in CORPUS.items() if attack.imported)]
AT_ONCE = 2


class Kept:
    """A warm process that stays, whoever says that it may go."""

    def __init__(self, zygote):
        self._zygote = zygote

    def __getattr__(self, name):
        return getattr(self._zygote, name)

    def close(self):
        """Not yet."""


@pytest.fixture(scope="module")
def warm():
    """The one process from which all attacks are forked, whatever their assignment would have imported ahead."""
    shared = []
    yield shared
    for zygote in shared:
        zygote.close()


@pytest.fixture(scope="module")
def grader(warm, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")

    def make(python, preload, place):
        if not warm:
            warm.append(Zygote(python, (*preload, *LIBRARIES), folder, recycle_after=10_000))
        return Kept(warm[0])

    grader = SandboxAutograder(folder, make_zygote=make)
    yield grader
    grader.close()


@pytest.fixture(scope="module")
def bundles(grader):
    return {name: grader.record_contract(victim.bundle(name)) for name, victim in VICTIMS.items()}


@pytest.fixture(scope="module")
def outcomes(grader, bundles):
    """Every attack, two at once: each must have an outcome."""

    def graded(case):
        attack = CORPUS[case.removesuffix(IMPORTED)]
        bundle = VICTIMS[attack.victim].bundle(attack.victim) if case.endswith(IMPORTED) else bundles[attack.victim]
        bundle = replace(bundle, limits=SHORT) if attack.lasts else bundle
        return case, grader.grade(bundle, answers(bundle, a=attack.source), 1)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(pool.map(graded, CASES))


def test_there_are_at_least_a_hundred_and_no_two_are_alike():
    assert len(CORPUS) >= 100
    assert len({"".join(attack.source.split()) for attack in CORPUS.values()}) == len(CORPUS)


def test_no_test_of_the_victims_asks_the_trainee_for_the_verdict(bundles):
    found = [str(finding) for bundle in bundles.values() for one in examine(bundle) for finding in one.findings]
    assert not found


@pytest.mark.parametrize("name", VICTIMS)
def test_the_honest_solution_of_each_victim_earns_everything(grader, bundles, name):
    assert grader.grade(bundles[name], reference(bundles[name]), 1).earned == 5


@pytest.mark.parametrize("case", CASES)
def test_an_attack_gives_what_it_must(outcomes, case):
    attack, outcome = CORPUS[case.removesuffix(IMPORTED)], outcomes[case]
    assert outcome.earned <= attack.earns, [task for task in outcome.tasks if task.earned]
    assert outcome.state in attack.states, (outcome.state, outcome.reason, outcome.cells)
    assert outcome.reason
    told = repr(outcome) + feedback_page(outcome, "Work")
    assert not any(secret in told for secret in SECRETS)
    assert attack.output in "".join(cell.output for cell in outcome.cells)
    assert "LEAK" not in told


def test_honest_work_is_graded_as_before_after_all_of_them(grader, bundles, outcomes):
    outcome = grader.grade(bundles["order"], reference(bundles["order"]), 1)
    assert (outcome.earned, outcome.state) == (5, SubmissionState.GRADED)


def test_no_process_of_any_of_them_is_left(outcomes, warm):
    assert warm[0].pid not in {_parent(path) for path in Path("/proc").glob("[0-9]*/stat")}


def _parent(stat):
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
