"""Which warm process a run is forked from, and what happens when one dies under a run."""

import os
import signal
import threading
import time

import pytest
from tests.support.grading_work import answer, answers, assignment, check, given

from factory_academy.domain.grade import Verdict
from factory_academy.domain.submission import SubmissionState
from factory_academy.grading.autograder import SandboxAutograder
from factory_academy.grading.trials.zygotes import MAX_ZYGOTES, Zygotes
from factory_academy.isolation.zygote import Zygote


class FakeZygote:
    """Notes what it imported."""

    def __init__(self, made, preload):
        self.imported, self.closed, self.started = set(preload), False, False
        made.append(self)

    def start(self):
        self.started = True

    def import_also(self, modules):
        self.imported |= set(modules)

    def close(self):
        self.closed = True


@pytest.fixture
def made():
    return []


@pytest.fixture
def zygotes(tmp_path, made):
    return Zygotes(tmp_path, lambda python, preload, folder: FakeZygote(made, preload))


def test_one_process_serves_all_assignments_of_the_same_libraries(zygotes, made):
    for modules in ({"pandas", "numpy"}, {"pandas", "numpy.random"}, {"pandas.testing"}, {"numpy"}):
        with zygotes.with_imports(modules) as zygote:
            assert modules <= zygote.imported
    assert len(made) == 1


def test_a_heavy_library_gets_a_process_of_its_own_and_the_lightest_that_fits_is_used(zygotes, made):
    with zygotes.with_imports({"polars"}) as light, zygotes.with_imports({"torch", "numpy"}) as heavy:
        assert heavy is not light
    with zygotes.with_imports({"numpy"}) as zygote:
        assert zygote is light
    with zygotes.with_imports({"torch.nn", "sympy"}) as zygote:
        assert zygote is heavy
    assert len(made) == 2


def test_who_must_be_alone_gets_no_process_that_learned_more(zygotes, made):
    with zygotes.with_imports({"numpy"}, alone=True) as first:
        pass
    with zygotes.with_imports({"numpy"}, alone=True) as again:
        assert again is first
    with zygotes.with_imports({"numpy.fft"}):
        pass
    with zygotes.with_imports({"numpy"}, alone=True) as clean:
        assert clean is not first
        assert "numpy.fft" not in clean.imported


def test_few_are_kept_and_none_is_ended_in_use(zygotes, made):
    with zygotes.with_imports({"torch"}) as used:
        for name in ("numpy", "pandas", "scipy", "sympy"):
            with zygotes.with_imports({name}, alone=True):
                assert not used.closed
    assert sum(not zygote.closed for zygote in made) == MAX_ZYGOTES


def test_what_is_warmed_up_for_is_started_until_no_more_is_kept(zygotes, made):
    for name in ("numpy", "polars", "sympy"):
        with zygotes.with_imports({name}, alone=True):
            pass
    sets = ({"numpy.fft"}, {"torch"}, {"polars"})
    assert [zygotes.warm(modules) for modules in sets] == [True, False, True]
    assert [zygote.started for zygote in made] == [True, True, False]
    assert not any(zygote.closed for zygote in made)


SLOW = assignment(
    given("import time", "setup"),
    answer("wait", "### BEGIN SOLUTION\ndef wait():\n    time.sleep(0)\n    return 1\n### END SOLUTION"),
    check("waits", "assert wait() == 1"),
)


class Watched(Zygote):
    """A zygote that a test can find."""

    last = None

    def __init__(self, python, preload, folder):
        super().__init__(python, preload, folder)
        Watched.last = self


def test_a_run_whose_warm_process_dies_is_held_again_and_costs_no_attempt(tmp_path):
    grader = SandboxAutograder(tmp_path, make_zygote=Watched)
    work = answers(SLOW, wait="def wait():\n    time.sleep(2)\n    return 1")
    assert grader.grade(SLOW, answers(SLOW), seed=1).state is SubmissionState.GRADED
    killed = []

    def kill_during_the_run():
        time.sleep(1)
        killed.append(Watched.last.pid)
        os.kill(Watched.last.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_during_the_run)
    killer.start()
    outcome = grader.grade(SLOW, work, seed=1)
    killer.join()
    assert Watched.last.pid not in killed
    grader.close()
    assert [(task.verdict, task.earned) for task in outcome.tasks] == [(Verdict.PASSED, 1)]
