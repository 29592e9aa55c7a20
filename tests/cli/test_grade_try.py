"""``factory-academy grade try``: one notebook on the way that handed-in work takes, and no trace of it."""

import json
import os
import re
import subprocess
import sys

import pytest
from tests.support.grading_work import answer, check, given, hidden_part, manual, notebook
from tests.support.handing_in import COURSES

from factory_academy.cli.grade_try import find_bundle
from factory_academy.errors import BadCourse, NotFound

CELLS = (
    given("offset = 1", "setup"),
    answer("shift", "### BEGIN SOLUTION\ndef shift(n):\n    return n + offset\n### END SOLUTION"),
    check("shift-one", "assert shift(1) == 2"),
    check("shift-more", hidden_part("assert [shift(n) for n in (3, 5)] == [4, 6], 'every n is shifted'"), 2),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A home, and an nbgrader course with two assignments."""
    folder = tmp_path_factory.mktemp("try")
    for name, cells in {"shift": CELLS, "essay": (*CELLS, manual("why", "", kind="text"))}.items():
        source = folder / "course" / "source" / name
        source.mkdir(parents=True)
        (source / "work.ipynb").write_bytes(notebook(cells))
    return folder


def try_(place, *words):
    argv = [sys.executable, "-m", "factory_academy.cli.main", "grade", "try", *map(str, words)]
    environment = {**os.environ, "ACADEMY_HOME": str(place / "home")}
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=120)


def try_course(place, assignment, cells, *words, name="mine.ipynb"):
    (place / name).write_bytes(notebook(cells))
    return try_(place, assignment, place / name, "--course", place / "course", *words)


def test_a_right_notebook_is_graded_and_nothing_is_recorded(place):
    done = try_course(place, "shift", CELLS, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == ["state", "reason", "earned", "possible", "tasks", "seconds"]
    assert (said["state"], said["earned"], said["possible"]) == ("graded", 3, 3)
    keys = {"id", "earned", "possible", "verdict", "cause", "message"}
    assert [(task["id"], task["verdict"], task.keys() == keys) for task in said["tasks"]] == [
        ("shift-one", "passed", True),
        ("shift-more", "passed", True),
    ]
    assert set(said["seconds"]) == {"reference", "grading", "cells"}
    assert not list((place / "home").rglob("academy.db*"))
    assert not (place / "home" / "blobs").exists()


def test_people_read_a_table(place):
    half = [answer("shift", "def shift(n):\n    return 2") if cell is CELLS[1] else cell for cell in CELLS]
    done = try_course(place, "shift", half)
    assert done.returncode == 0
    assert "1 of 1      shift-one" in done.stdout
    assert "every n is shifted" in done.stdout
    assert "1 of 3      graded" in done.stdout
    assert "nothing was recorded" in done.stdout


def test_other_endings_give_exit_code_3(place):
    (place / "broken.ipynb").write_text("{")
    done = try_(place, "shift", place / "broken.ipynb", "--course", place / "course", "--json")
    assert (done.returncode, json.loads(done.stdout)["state"]) == (3, "unreadable")
    done = try_course(place, "essay", (*CELLS, manual("why", "Because.", kind="text")), "--json")
    assert (done.returncode, json.loads(done.stdout)["state"]) == (3, "needs_review")


def test_a_refusal_is_a_sentence_and_what_to_do(place):
    done = try_(place, "dp4", place / "missing.ipynb")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{place / 'missing.ipynb'} cannot be read: No such file or directory.\nNext: ")


@pytest.mark.parametrize(
    ("assignment", "course", "expected"),
    [
        ("data-pipelines/dp99", None, "There are: .*data-pipelines/dp4"),
        ("nowhere/dp4", None, "There is no assignment 'nowhere/dp4'"),
        ("shift", "elsewhere", "elsewhere is not an nbgrader course"),
        ("other", "course", "There are: essay, shift."),
    ],
)
def test_an_assignment_that_is_not_there_is_named(place, assignment, course, expected):
    with pytest.raises((NotFound, BadCourse)) as refused:
        find_bundle(assignment, COURSES, course and place / course)
    assert re.search(expected, f"{refused.value} {refused.value.next_step}")
