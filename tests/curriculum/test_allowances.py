"""What an author allows in assignment.toml is read, checked and kept in the bundle."""

from __future__ import annotations

import shutil

import pytest
from tests.support.honest_work import COURSES

from factory_academy.curriculum.catalogue import read_course
from factory_academy.domain.allowance import Allowance, allowances_from_bytes
from factory_academy.errors import BadCourse


def course_with(folder, words):
    """The bundle of ONB-1 with these words at the end of its assignment.toml."""
    here = folder / "onboarding"
    shutil.copytree(COURSES / "onboarding", here)
    with (here / "source/onb1/assignment.toml").open("a") as file:
        file.write(f"\n{words}")
    return read_course(here)[1][0]


def test_an_allowance_is_kept_in_the_bundle_and_changes_its_version(tmp_path):
    words = '[[allow]]\ntests = ["onb1-t4-visible"]\nat = "describe()"\nkinds = ["function"]\nignore_changes = true'
    bundle = course_with(tmp_path, words)
    assert allowances_from_bytes(bundle.files["allow.json"]) == (
        Allowance(("onb1-t4-visible",), "describe()", ("function",), True),
    )
    assert "allow.json" not in bundle.release_files()
    assert bundle.version != read_course(COURSES / "onboarding")[1][0].version


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ('tests = ["nothing"]\nat = "f()"\nkinds = ["function"]', "tests names 'nothing'"),
        ('tests = ["onb1-t4-visible"]\nat = "f()"\nkinds = ["object"]', "no kind that may be allowed"),
        ('tests = ["onb1-t4-visible"]\nat = "f(1)"\nkinds = ["function"]', "no way to a value"),
        ('tests = ["onb1-t4-visible"]\nat = "f()"', "allows nothing"),
        ('tests = ["onb1-t4-visible"]\nat = "f()"\nkind = "function"', "unknown key kind"),
        ('tests = ["onb1-t4-visible"]\nat = "f()"\nignore_changes = "yes"', "must be true or false"),
    ],
)
def test_an_allowance_that_makes_no_sense_is_refused_with_what_was_expected(tmp_path, words, told):
    with pytest.raises(BadCourse, match=told) as refused:
        course_with(tmp_path, f"[[allow]]\n{words}")
    assert "assignment.toml" in str(refused.value)
