"""`factory-academy grade regrade …` as an operator runs it, on an academy of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks.regrade import RIGHT_TEST, TASK, make_assignment, stocked_academy

ASSIGNMENT = "signals/filters"


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Four graded submissions, and a corrected version of their assignment."""
    home = tmp_path_factory.mktemp("regrade") / "home"
    home.mkdir()
    academy = stocked_academy(home, 4)
    while academy.grade_next("a test"):
        pass
    academy.release_assignment(make_assignment(RIGHT_TEST))
    academy.autograder.close()
    academy.records.close()
    return home


def regrade(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "factory_academy.cli.main", "grade", "regrade", *arguments]
    return subprocess.run(argv, env={**os.environ, "ACADEMY_HOME": str(home)}, capture_output=True, text=True)


def data(home: Path, *options: str) -> dict[str, Any]:
    done = regrade(home, ASSIGNMENT, *options, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_regrade_is_planned_tried_looked_at_dropped_planned_again_and_published(home: Path):
    planned = data(home, "--plan", "--reason", "The smoothing test was wrong.")
    assert (planned["state"], planned["changed"], planned["runs"]["done"]) == ("planned", [TASK], 0)
    tried = data(home)
    assert tried["id"] == planned["id"]
    assert tried["runs"] == {"all": 4, "done": 4, "failed": 0, "tasks": 4}
    assert sum(tried["directions"].values()) == 4
    assert data(home, "--drop")["state"] == "dropped"
    again = regrade(home, ASSIGNMENT)
    assert "4 scores known without a run" in again.stdout
    assert f"grade regrade {ASSIGNMENT} --publish" in again.stdout
    published = data(home, "--publish")
    assert published["state"] == "published"
    assert published["decisions"]["published"] == tried["directions"]["up"]
    twice = regrade(home, ASSIGNMENT, "--publish")
    assert (twice.returncode, twice.stdout) == (1, "")
    assert "No regrade" in twice.stderr
    assert "Next:" in twice.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((ASSIGNMENT, "--plan", "--drop"), "got several"),
        (("signals/other",), "There is no assignment"),
        ((ASSIGNMENT, "--by", "nobody"), "There is no person"),
        ((ASSIGNMENT, "--by", "trainee-00000"), "You teach no section"),
    ],
)
def test_what_cannot_be_is_refused_in_words(home: Path, arguments: tuple[str, ...], says: str):
    done = regrade(home, *arguments)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
