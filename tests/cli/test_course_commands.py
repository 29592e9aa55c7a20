"""`factory-academy course …` as a person runs it, on an academy of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import nbgrader
import pytest
from tests.support.otter_sources import tables

COURSES = Path(__file__).parents[2] / "courses"
EXAMPLE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "source" / "ps1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


def course(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "factory_academy.cli.main", "course", *map(str, arguments)],
        env={**os.environ, "ACADEMY_HOME": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
    )


def test_a_course_is_loaded_once_and_left_alone_the_second_time(home: Path):
    first = course(home, "load", COURSES / "onboarding")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("released onboarding/onb1  version ")
    assert "not hardened" not in first.stdout
    second = course(home, "load", COURSES / "onboarding")
    assert second.stdout == first.stdout.replace("released", "unchanged")


def test_an_nbgrader_course_is_imported_and_released(home: Path, tmp_path: Path):
    shutil.copytree(EXAMPLE, tmp_path / "course101" / "source" / "ps1", ignore=shutil.ignore_patterns("*.html"))
    done = course(home, "import", tmp_path / "course101")
    assert done.returncode == 0, done.stderr
    assert "released course101/ps1" in done.stdout


def test_a_course_is_written_for_stock_nbgrader(home: Path):
    done = course(home, "build", COURSES / "onboarding", "--out", home / "stock")
    assert done.returncode == 0, done.stderr
    assert "built onboarding/onb1  14 tasks" in done.stdout
    assert (home / "stock" / "nbgrader_config.py").exists()
    assert (home / "stock" / "source" / "onb1" / "onb1.ipynb").exists()


@pytest.mark.parametrize(
    ("command", "expected"),
    [("load", "holds no course"), ("import", "is not an nbgrader course"), ("build", "course.toml is missing")],
)
def test_a_folder_that_is_no_course_gets_two_lines_and_no_traceback(home: Path, command: str, expected: str):
    done = course(home, command, home)
    assert done.returncode == 1
    assert expected in done.stderr
    assert "Next: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reference_that_fails_its_own_test_is_not_released(home: Path, tmp_path: Path):
    broken = tmp_path / "onboarding"
    shutil.copytree(COURSES / "onboarding", broken)
    notebook = broken / "source" / "onb1" / "onb1.py"
    notebook.write_text(notebook.read_text().replace('return "lighthouse"', 'return "lamp"'))
    done = course(home, "load", broken)
    assert done.returncode == 1
    assert "onboarding/onb1: the reference solution does not earn every point. onb1-t7-hidden" in done.stderr


def test_sources_of_otter_are_released_with_a_list_of_what_was_left_behind(home: Path, tmp_path: Path):
    folder = tmp_path / "otter course"
    folder.mkdir()
    notebook = tables()
    notebook.cells[0].source = notebook.cells[0].source.replace("data/rows.csv", "rows.csv")
    nbformat.write(notebook, folder / "tables.ipynb")
    (folder / "rows.csv").write_text("group,x\na,1\n")
    written = course(home, "import-otter", folder, "--out", tmp_path / "out")
    assert written.returncode == 0, written.stderr
    assert (tmp_path / "out" / "source" / "tables" / "tables.ipynb").exists()
    assert "5 things could not be carried over:" in written.stdout
    released = course(home, "import", folder)
    assert released.returncode == 0, released.stderr
    assert released.stdout.startswith("released otter-course/tables  version ")
    assert "solutions_pdf: no PDF is made" in released.stdout
