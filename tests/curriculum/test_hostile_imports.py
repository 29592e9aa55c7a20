"""Whatever lies in a folder, an import of it ends: with a course, or with a refusal that says what to do."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook
from tests.support.otter_sources import question, shown, source

from factory_academy.curriculum.bundling.notebooks import MAX_NOTEBOOK_BYTES
from factory_academy.curriculum.importing import import_course
from factory_academy.curriculum.naming import MAX_FILE_BYTES
from factory_academy.curriculum.nbgrader_config import kept_files, limits_of, read_config
from factory_academy.curriculum.otter.importing import import_otter
from factory_academy.errors import BadCourse


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course" / "source" / "one"
    folder.mkdir(parents=True)
    nbformat.write(new_notebook(cells=[new_code_cell("x = 1")]), folder / "one.ipynb")
    return tmp_path / "course"


def deep(folder: Path) -> None:
    (folder / "deep.ipynb").write_text("[" * 100_000)


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe.ipynb")


def a_folder(folder: Path) -> None:
    (folder / "folder.ipynb").mkdir()


def link(folder: Path) -> None:
    (folder / "link.ipynb").symlink_to("/etc/hostname")


def large(folder: Path) -> None:
    with (folder / "large.ipynb").open("wb") as file:
        file.truncate(MAX_NOTEBOOK_BYTES + 1)


def large_data(folder: Path) -> None:
    with (folder / "large_data.bin").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)


def r(folder: Path) -> None:
    notebook = new_notebook(metadata={"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}})
    nbformat.write(notebook, folder / "r.ipynb")


@pytest.mark.parametrize("lay", [deep, pipe, a_folder, link, large, large_data, r], ids=lambda lay: lay.__name__)
def test_what_is_no_notebook_is_refused_by_name(course: Path, lay):
    lay(course / "source" / "one")
    with pytest.raises(BadCourse, match=lay.__name__.removeprefix("a_")) as refusal:
        import_course(course)
    assert refusal.value.next_step


def test_a_source_folder_outside_of_the_course_is_refused(course: Path):
    (course.parent / "elsewhere").mkdir()
    (course / "nbgrader_config.py").write_text("c.CourseDirectory.source_directory = '../elsewhere'")
    with pytest.raises(BadCourse, match="leads out of the course"):
        import_course(course)


configs = st.sampled_from(
    [
        *("c.ClearSolutions.code_stub = 3", "c.ClearSolutions.begin_solution_delimeter = ''", "c.A.b = {[]: 1}"),
        *("c.Execute.timeout = -1", "c.Execute.timeout = 'x'", "c.Execute.timeout = 10**400", "c.A.b = 1e999"),
        *("c.CourseDirectory.ignore = 3", "c.CourseDirectory.ignore = ['[', None]", "c.CourseDirectory.course_id = ''"),
        *("c.Autograde.exclude_overwriting = {'one': 3}", "c.Autograde.exclude_overwriting = {'one': ['a.py', 2]}"),
        *("c.InstantiateTests.autotest_filename = '../x'", "c.InstantiateTests.comment_strs = 1", "c.A = 2", "c"),
        *("c.ClearHiddenTests.begin_test_delimeter = None", "c.LockCells.lock_grade_cells = 'no'", "(" * 300),
        *("x = " + "-" * 5000 + "1", "c.IncludeHeaderFooter.header = 5", "\x00", "é", "c.ClearSolutions.x = f'{1}'"),
    ]
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(configs, max_size=3).map("\n".join))
def test_any_config_is_taken_or_refused(course: Path, text):
    (course / "nbgrader_config.py").write_text(text)
    refusal = refusal_of(import_course, course)
    assert refusal is None or (refusal.next_step and str(course) in str(refusal)), refusal


def test_limits_and_kept_files_of_a_config_are_honoured(tmp_path: Path):
    path = tmp_path / "nbgrader_config.py"
    for text, cell, total in (("7", 7, 120), ("90", 90, 360), ("99999", 600, 2400), ("None", 60, 120), ("-1", 60, 120)):
        path.write_text(f"c.ExecutePreprocessor.timeout = {text}")
        limits = limits_of(read_config(path))
        assert (limits.cell_seconds, limits.total_seconds) == (cell, total)
    path.write_text("c.Autograde.exclude_overwriting = {'one': ['helper.py']}")
    assert kept_files(read_config(path), "one") == ("helper.py",)
    assert kept_files(read_config(path), "two") == ()


def test_files_that_the_config_ignores_are_not_released(course: Path):
    for name in ("keep.csv", "drop.csv", "notes/a.txt", "feedback/b.html"):
        (course / "source" / "one" / name).parent.mkdir(exist_ok=True)
        (course / "source" / "one" / name).touch()
    (course / "nbgrader_config.py").write_text("c.CourseDirectory.ignore = ['drop*', 'notes']")
    _, (bundle,) = import_course(course)
    assert sorted(bundle.release_files()) == ["keep.csv", "one.ipynb"]


@pytest.mark.parametrize(
    "settings_of_it",
    [
        "a: &a [x]\nb: *a",
        "!!python/object/apply:os.system [ls]",
        "{" * 3000,
        "name: " + "9" * 9999,
        "1: 2",
        "files: {a: b}",
        "seed: [1]",
        "export_cell: {files: 3}",
    ],
    ids=range(8),
)
def test_hostile_settings_of_otter_are_refused_or_harmless(tmp_path: Path, settings_of_it: str):
    nbformat.write(source(settings_of_it, question("name: q", tests=[shown("1", "1")])), tmp_path / "lab.ipynb")
    refusal = refusal_of(import_otter, tmp_path)
    assert refusal is None or (refusal.next_step and "lab.ipynb" in str(refusal))


def refusal_of(act, path: Path) -> BadCourse | None:
    try:
        act(path)
    except BadCourse as refusal:
        return refusal
    return None
