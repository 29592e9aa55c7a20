"""Small courses on disk, and the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

COURSES = Path(__file__).parents[2] / "courses"

COURSE_TOML = """
id = "small"
title = "Small"
summary = "One task."
assignments = ["one"]

[certificate]
title = "Small certificate"
pass_fraction = 0.5
"""

ASSIGNMENT_TOML = """
id = "SM-1"
title = "One"
points = 3
hours = 1
eqf_level = 4
licence = "BSD-3-Clause"
outcomes = ["double a number"]
skills = []

[titles]
one-t1 = "Double"
"""

SOLUTION = '{"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, '
TEST = '{"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, '

NOTEBOOK = f"""\
# %% [markdown]
# # One

# %% nbgrader={SOLUTION}"grade_id": "one-t1-solution"}}
def double(x):
    ### BEGIN SOLUTION
    result_of_doubling = 2 * x
    return result_of_doubling
    ### END SOLUTION

# %% nbgrader={TEST}"grade_id": "one-t1-visible", "points": 1}}
assert double(2) == 4

# %% nbgrader={TEST}"grade_id": "one-t1-hidden", "points": 2}}
### BEGIN HIDDEN TESTS
assert double(21) == 42, "a secret number"
### END HIDDEN TESTS
"""


@pytest.fixture
def courses() -> Path:
    """The courses of this checkout."""
    return COURSES


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A course with one assignment of one task, to be broken by a test."""
    folder = tmp_path / "small"
    source = folder / "source" / "one"
    source.mkdir(parents=True)
    (folder / "course.toml").write_text(COURSE_TOML)
    (source / "assignment.toml").write_text(ASSIGNMENT_TOML)
    (source / "one.py").write_text(NOTEBOOK)
    return folder
