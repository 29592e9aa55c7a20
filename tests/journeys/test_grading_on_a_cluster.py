"""Submissions graded by Dask: on processes of this machine, on Slurm jobs, and with the scheduler killed midway."""

import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager

import pytest
from tests.support.headless import hand_in, headless_academy
from tests.support.running import wait_for
from tests.support.slurm import jobs, slurm

from factory_academy.domain.submission import SubmissionState

SLOW = "import time\ntime.sleep(0.3)\ndef double(x):\n    return x + x"


@pytest.fixture
def academy(tmp_path):
    made = headless_academy(tmp_path / "home")
    yield made
    made.autograder.close()


@contextmanager
def dispatching(academy, *options, env=os.environ):
    log = (academy.settings.home / "dispatch.log").open("ab")
    environment = {**env, "ACADEMY_HOME": str(academy.settings.home)}
    argv = [sys.executable, "-m", "factory_academy.cli.main", "grade", "dispatch", *options]
    process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            log.close()


def states(academy, submissions):
    with academy.records.reading() as repositories:
        return Counter(repositories.submissions.find(s.id).state for s in submissions)


def graded_once(academy, submissions):
    assert states(academy, submissions) == {SubmissionState.GRADED: len(submissions)}
    with academy.records.reading() as repositories:
        assert {len(repositories.grades.history(s.id)) for s in submissions} == {1}
        assert {repositories.grades.find(s.id).earned for s in submissions} == {2.0}
        assert repositories.queue.waiting() == repositories.queue.held() == 0
    return True


def all_graded(academy, submissions):
    wait_for(
        lambda: states(academy, submissions)[SubmissionState.GRADED] == len(submissions),
        "every verdict", seconds=240, pause=0.3,
    )  # fmt: skip
    return graded_once(academy, submissions)


def test_worker_processes_of_this_machine_grade_what_waits(academy):
    submissions = hand_in(academy, 8)
    with dispatching(academy, "--on", "local", "--workers", "2") as process:
        assert all_graded(academy, submissions)
    assert process.returncode == 0
    said = (academy.settings.home / "dispatch.log").read_text()
    assert "graded 8 submissions; the cluster was lost 0 times" in said


def test_jobs_on_a_real_slurm_grade_what_waits_and_leave_when_nothing_does(academy, tmp_path):
    submissions = hand_in(academy, 6)
    with slurm(tmp_path / "slurm") as environment:
        options = ("--on", "slurm", "--workers", "2", "--memory", "1GiB", "--queue", "grading")
        with dispatching(academy, *options, env=environment):
            wait_for(lambda: "fa-grading" in jobs(environment), "a job in Slurm's queue")
            assert all_graded(academy, submissions)
        wait_for(lambda: not jobs(environment), "the jobs to end")


def test_a_scheduler_killed_midway_loses_nothing_and_grades_nothing_twice(academy):
    submissions = hand_in(academy, 12, SLOW)
    with dispatching(academy, "--on", "local", "--workers", "2") as first:
        wait_for(lambda: states(academy, submissions)[SubmissionState.GRADED] >= 2, "the first verdicts", pause=0.05)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        assert states(academy, submissions)[SubmissionState.GRADED] < len(submissions)
    with dispatching(academy, "--on", "local", "--workers", "2"):
        assert all_graded(academy, submissions)
