from __future__ import annotations

from pathlib import Path

import pytest

from factory_academy.curriculum.catalogue import read_catalogue, read_course
from factory_academy.domain.course import RegradePolicy, TaskKind
from factory_academy.errors import BadCourse


def points(bundle, kind: TaskKind) -> float:
    return sum(task.points for task in bundle.tasks if task.kind is kind)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_our_courses_are_read_with_the_points_they_promise(courses: Path):
    by_id = {course.id: (course, bundles) for course, bundles in read_catalogue(courses)}
    _, (onb1,) = by_id["onboarding"]
    _, (dp4,) = by_id["data-pipelines"]
    assert (points(onb1, TaskKind.VISIBLE), points(onb1, TaskKind.HIDDEN)) == (10, 10)
    assert (points(dp4, TaskKind.VISIBLE), points(dp4, TaskKind.HIDDEN), points(dp4, TaskKind.MANUAL)) == (5, 13, 2)
    assert all(course.certificate.pass_fraction == 0.7 for course, _ in by_id.values())
    assert by_id["data-pipelines"][0].certificate.title == "Leak-free data pipelines (DP-4)"


def test_every_task_of_ours_has_a_title(courses: Path):
    assert all(task.title for _, bundles in read_catalogue(courses) for bundle in bundles for task in bundle.tasks)


def test_a_course_keeps_the_order_of_its_assignments(small: Path):
    other = small / "source" / "a-later-one"
    other.mkdir()
    (other / "assignment.toml").write_text((small / "source/one/assignment.toml").read_text().replace("one-", "later-"))
    (other / "a-later-one.py").write_text((small / "source/one/one.py").read_text().replace('"one-', '"later-'))
    change(small / "course.toml", '["one"]', '["one", "a-later-one"]')
    course, bundles = read_course(small)
    assert [a.name for a in course.assignments] == ["one", "a-later-one"]
    assert [a.version for a in course.assignments] == [b.version for b in bundles]


def test_an_ipynb_may_be_the_source(small: Path):
    import jupytext

    path = small / "source" / "one" / "one.py"
    jupytext.write(jupytext.read(path), path.with_suffix(".ipynb"))
    path.unlink()
    _, (bundle,) = read_course(small)
    assert [task.id for task in bundle.tasks] == ["one-t1-visible", "one-t1-hidden"]


def test_files_beside_the_notebook_are_released_and_ours_are_not(small: Path):
    source = small / "source" / "one"
    for name in (
        "picture.png",
        "data/numbers.csv",
        "grader/checks.py",
        "mutants/m1.py",
        ".secret",
        "__pycache__/x.pyc",
    ):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text("x = 1")
    _, (bundle,) = read_course(small)
    assert sorted(bundle.release_files()) == ["data/numbers.csv", "one.ipynb", "picture.png"]
    assert "grader/checks.py" in bundle.files


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("course.toml", 'id = "small"', 'id = "smal"', "id is 'smal', expected the folder's name 'small'"),
        ("course.toml", 'id = "small"', 'id = "small', "course.toml is not valid TOML"),
        ("course.toml", 'title = "Small"', "title = 3", "title must be a string, got 3"),
        ("course.toml", 'title = "Small"', "", "title is missing. Expected a string"),
        ("course.toml", 'assignments = ["one"]', 'assignments = ["one", "one"]', "listed twice"),
        ("course.toml", 'assignments = ["one"]', 'assignments = ["two"]', "assignment.toml is missing"),
        ("course.toml", "pass_fraction = 0.5", "pass_fraction = 1.5", r"pass_fraction must lie in \(0, 1\], got 1.5"),
        (
            "course.toml",
            "pass_fraction = 0.5",
            "pass_percent = 50",
            "unknown key pass_percent. Expected only: .*pass_fraction",
        ),
        ("course.toml", "pass_fraction = 0.5", 'assignments = ["two"]', "names 'two', which the course does not have"),
        (
            "course.toml",
            "pass_fraction = 0.5",
            'skills = ["python"]',
            r"skills must be a list of \[name, address\] pairs",
        ),
        ("source/one/assignment.toml", "points = 3", "points = 4", "sum to 3, expected 4.*one-t1-hidden 2"),
        ("source/one/assignment.toml", "points = 3", "points = 3.5", "points must be a whole number, got 3.5"),
        ("source/one/assignment.toml", "points = 3", 'points = 3\ndata = ["x"]', "unknown dataset 'x'"),
        (
            "source/one/assignment.toml",
            "points = 3",
            "points = 3\nattempts = {per_hour = 0}",
            "per_hour must be at least",
        ),
        ("source/one/assignment.toml", "points = 3", "points = 3\nattempts = {an_hour = 2}", "per_hour is missing"),
        ("source/one/assignment.toml", "one-t1 =", "one-t2 =", "names 'one-t2', but no graded cell begins with it"),
        ("source/one/assignment.toml", "hours = 1", "hours = -1", "hours must be a number of at least 0, got -1"),
        (
            "source/one/one.py",
            "one-t1-visible",
            "one-t1-hidden",
            r"cell 4 \(one-t1-hidden\): the grade_id is used twice",
        ),
        (
            "source/one/one.py",
            '"points": 1',
            '"point": 1',
            r"cell 3 \(one-t1-visible\): the nbgrader metadata is not valid",
        ),
        ("source/one/one.py", "### END SOLUTION", "### END", "cannot make the release version"),
    ],
)
def test_a_mistake_is_named_with_file_expected_and_got(small: Path, file: str, old: str, new: str, expected: str):
    change(small / file, old, new)
    with pytest.raises(BadCourse, match=expected) as refusal:
        read_course(small)
    assert str(small) in str(refusal.value)
    assert refusal.value.next_step


def test_a_limit_on_attempts_is_read(small: Path):
    _, (free,) = read_course(small)
    change(small / "source/one/assignment.toml", "points = 3", "points = 3\nattempts = {per_hour = 5}")
    _, (limited,) = read_course(small)
    assert (free.attempts_per_hour, limited.attempts_per_hour) == (None, 5)


def test_hints_need_three_levels(small: Path):
    (small / "source/one/hints.toml").write_text('[SM1-M1]\ntitle = "t"\nlevels = ["a", "b"]\n')
    with pytest.raises(BadCourse, match=r"hints.toml \[SM1-M1\]: expected 3 hint levels, got 2"):
        read_course(small)


def test_two_assignments_may_not_share_a_grade_id(small: Path):
    twin = small.parent / "twin"
    twin.mkdir()
    for path in sorted(small.rglob("*")):
        target = twin / path.relative_to(small)
        target.mkdir() if path.is_dir() else target.write_bytes(path.read_bytes())
    change(twin / "course.toml", 'id = "small"', 'id = "twin"')
    with pytest.raises(BadCourse, match="twin/one: the grade_id 'one-t1-visible' is used by small/one too"):
        read_catalogue(small.parent)


def test_a_course_says_whether_a_regrade_may_lower_a_grade(small: Path):
    assert read_course(small)[0].regrade_policy is RegradePolicy.KEEP_BETTER
    text = (small / "course.toml").read_text()
    (small / "course.toml").write_text(f'regrade = "replace"\n{text}')
    assert read_course(small)[0].regrade_policy is RegradePolicy.REPLACE
    (small / "course.toml").write_text(f'regrade = "worse"\n{text}')
    with pytest.raises(BadCourse, match="keep_better or replace"):
        read_course(small)
