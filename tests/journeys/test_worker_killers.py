"""A work that takes its grading worker down, as the kernel does when memory is short, ends as crashed; others go on."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from tests.support.grading_work import answer, answers, assignment, check, hidden_part, reference
from tests.support.running import wait_for

from factory_academy.bootstrap import open_academy
from factory_academy.domain.course import Course, Section
from factory_academy.domain.enrolment import Enrolment
from factory_academy.domain.factory import Factory
from factory_academy.domain.person import Person, Role
from factory_academy.domain.submission import SubmissionState
from factory_academy.records.migrate import migrate
from factory_academy.settings import Settings

NOW = datetime(2026, 11, 24, tzinfo=UTC)
BUNDLE = assignment(
    answer("a", "def f(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION"),
    check("t", hidden_part("assert f(1) == 2")),
)


@pytest.fixture
def academy(tmp_path):
    opened = open_academy(Settings(home=tmp_path))
    migrate(opened.settings.records_url)
    with opened.records.transaction() as repositories:
        repositories.factories.ensure(Factory("bologna", "Bologna", "Bologna", "IT", "tests"))
        repositories.courses.ensure(Course("course", "Course"))
        repositories.courses.ensure_section(Section("s", "course", "bologna", "Section", NOW))
        repositories.people.add(Person("ada", "Ada", Role.TRAINEE))
        repositories.enrolments.add(Enrolment("ada", "s", NOW))
    opened.release_assignment(BUNDLE)
    yield opened
    opened.autograder.close()


def start_grader(academy):
    argv = [sys.executable, "-m", "factory_academy.cli.main", "grader"]
    return subprocess.Popen(argv, env={**os.environ, "ACADEMY_HOME": str(academy.settings.home)})


def state(academy, submission):
    with academy.records.reading() as repositories:
        return repositories.submissions.find(submission.id)


def mark_as_waiting(academy, submission):
    """So that the next time it is taken up can be seen; its job is left alone."""
    with academy.records.transaction() as repositories:
        repositories.submissions.set_state(submission.id, SubmissionState.QUEUED, "Waits for the next worker.")


def test_a_work_that_takes_two_workers_down_is_crashed_and_the_rest_unharmed(academy):
    killer = academy.submit("ada", "course", "work", answers(BUNDLE, a="import time\ntime.sleep(30)"))
    for _ in range(2):
        worker = start_grader(academy)
        wait_for(lambda: state(academy, killer).state is SubmissionState.RUNNING, "the work to be taken up")
        time.sleep(1.0)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        mark_as_waiting(academy, killer)
    honest = academy.submit("ada", "course", "work", reference(BUNDLE))
    worker = start_grader(academy)
    try:
        ended = wait_for(lambda: (one := state(academy, killer)).state.is_terminal and one, "the killer's end")
        graded = wait_for(lambda: (one := state(academy, honest)).state.is_terminal and one, "the other's grade")
    finally:
        worker.terminate()
        worker.wait()
    assert ended.state is SubmissionState.CRASHED
    assert ended.reason
    assert graded.state is SubmissionState.GRADED
    with academy.records.reading() as repositories:
        assert len(repositories.grades.history(killer.id)) == 1
        assert repositories.grades.find(honest.id).earned == 1
