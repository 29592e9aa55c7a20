"""The example course that nbgrader ships gets the scores that `nbgrader autograde` gives."""

import pytest
from tests.support.grading_nbgrader import ExampleCourse, with_answers
from tests.support.grading_work import reference

from factory_academy.domain.grade import Verdict

GOOD = "def squares(n):\n    if n < 1:\n        raise ValueError('n')\n    return [i * i for i in range(1, n + 1)]"
WORK = {
    "reference": None,
    "untouched": {},
    "good": {"squares": GOOD, "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))"},
    "own-way": {
        "squares": GOOD,
        "sum_of_squares": "def sum_of_squares(n):\n    return sum(i * i for i in range(n + 1))",
    },
    "no-error": {"squares": "def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]"},
    "off-by-one": {"squares": "def squares(n):\n    return [i ** 2 for i in range(n)]"},
    "tuple": {"squares": "def squares(n):\n    return tuple(i ** 2 for i in range(1, n + 1))"},
    "syntax": {"squares": "def squares(n:\n    return []"},
    "written": {"sum_of_squares_equation": "$x$", "sum_of_squares_application": "print(1)", "part-a": "Fibonacci"},
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return ExampleCourse(tmp_path_factory.mktemp("nbgrader"))


def test_the_example_course_gets_the_scores_that_nbgrader_gives(course, autograder):
    bundle = course.bundle("ps1")
    assert bundle.notebooks == ("problem1", "problem2")
    work = {
        name: reference(bundle) if answers is None else with_answers(bundle, answers) for name, answers in WORK.items()
    }
    theirs = course.autograde("ps1", work)
    hardened = autograder.record_contract(bundle)
    for name, archive in work.items():
        for version in (bundle, hardened):
            outcome = autograder.grade(version, archive, seed=1)
            ours = {task.task_id: (task.earned, task.verdict is Verdict.MANUAL) for task in outcome.tasks}
            assert ours == {task: (score or 0.0, manual) for task, (score, manual) in theirs[name].items()}, name
