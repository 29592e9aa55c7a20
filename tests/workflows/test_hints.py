"""Hints are for the one who handed in, and open try by try."""

import json

import pytest
from tests.support.grading_work import answer, answers, assignment, check
from tests.support.headless import headless_academy

from factory_academy.domain.person import Person, Role
from factory_academy.errors import NotFound

HINTED = assignment(
    answer("double", "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"),
    check("test-double", "import judge\njudge.check(double(2) == 4, 'Not twice.', code='M1')", points=2),
    files={"hints.json": json.dumps({"M1": ["what", "how", "why"]}).encode()},
)
ADA = Person("ada", "Ada Example", Role.TRAINEE)


@pytest.fixture
def academy(tmp_path):
    made = headless_academy(tmp_path / "home", HINTED)
    yield made
    made.autograder.close()


def hand_in(academy, source):
    submission = academy.submit("ada", "course", "work", answers(HINTED, double=source))
    while academy.grade_next("worker") is not None:
        pass
    return submission


def test_two_wrong_tries_open_two_hints_and_a_right_one_needs_none(academy):
    first = hand_in(academy, "def double(x):\n    return x")
    second = hand_in(academy, "def double(x):\n    return x * x * x")
    right = hand_in(academy, "def double(x):\n    return x + x")
    assert academy.open_hints(ADA, first.id)["M1"].shown == ("what",)
    assert academy.open_hints(ADA, second.id)["M1"].shown == ("what", "how")
    assert academy.open_hints(ADA, right.id) == {}


def test_nobody_reads_hints_about_somebody_elses_work(academy):
    submission = hand_in(academy, "def double(x):\n    return x")
    with pytest.raises(NotFound):
        academy.open_hints(Person("ben", "Ben", Role.TRAINEE), submission.id)
