"""The queue from the command line: status, drain, requeue; and who of the workers is gone."""

import json
import os
import subprocess
import sys

import pytest
from tests.support.headless import hand_in, headless_academy
from typer.testing import CliRunner

from factory_academy.cli.grade import app
from factory_academy.cli.worker_names import vanished, worker_name
from factory_academy.domain.submission import SubmissionState


@pytest.fixture(scope="module")
def academy(tmp_path_factory):
    academy = headless_academy(tmp_path_factory.mktemp("queue") / "home")
    academy.autograder.close()
    return academy


def run(academy, *words):
    done = CliRunner().invoke(app, list(words), env={"ACADEMY_HOME": str(academy.settings.home)})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_the_queue_is_drained_told_and_resumed(academy):
    waiting = hand_in(academy, 2)
    assert "Workers take nothing new. Still being graded: 0." in run(academy, "drain").stdout
    assert academy.grade_next("w1") is None
    told = json.loads(run(academy, "status", "--json").stdout)
    assert (told["waiting"], told["held"], told["dead_letters"]) == (2, 0, 0)
    assert told["courses"] == {"course": {"waiting": 2, "held": 0}}
    assert told["drained_since"] is not None
    assert told["until_empty"]["unknown_because"] == "grading is paused"
    assert [w["id"] for w in told["workers"]] == ["w1"]
    assert "waiting 2, being graded 0" in run(academy, "status").stdout
    assert "2 submissions waiting" in run(academy, "drain", "--resume").stdout
    with academy.records.transaction() as repositories:
        held = repositories.queue.lease("w1", academy.clock(), academy.grade_next.lease)
    assert held.submission_id == waiting[0].id
    assert run(academy, "drain", "--wait", "0.1").exit_code == 4
    assert run(academy, "drain", "--resume").exit_code == 0


def test_what_could_not_be_graded_is_listed_and_tried_again(academy):
    (dead,) = hand_in(academy, 1, source="def double(x):\n    return 2 * x")
    with academy.records.transaction() as repositories:
        job = repositories.queue.lease("w2", academy.clock(), academy.grade_next.lease)
        while job.submission_id != dead.id:
            job = repositories.queue.lease("w2", academy.clock(), academy.grade_next.lease)
        repositories.queue.finish(job)
        repositories.submissions.set_state(dead.id, SubmissionState.INFRASTRUCTURE_FAILED, "the disk was full")
    listed = run(academy, "requeue").stdout
    assert f"{dead.id}  course/work  ada  the disk was full" in listed
    assert f"{dead.id} is tried again" in run(academy, "requeue", "--all").stdout
    assert "0 submissions could not be graded" in run(academy, "requeue").stdout


def test_only_workers_of_this_machine_whose_process_ended_are_known_to_be_gone():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    mine = worker_name()
    here = mine.rpartition("-")[0]
    gone = f"{here}-{child.pid}"
    assert vanished([mine, gone, f"{here}-{os.getppid()}", f"elsewhere-1-{child.pid}", "odd"]) == [gone]
