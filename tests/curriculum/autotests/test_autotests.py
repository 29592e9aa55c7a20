"""AUTOTEST lines become the tests that nbgrader itself would write."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from tests.support.nbgrader_shipped import APPS, GUIDE

from factory_academy.curriculum.autotests.written_out import has_autotests, write_out_tests
from factory_academy.curriculum.importing import import_course
from factory_academy.errors import BadCourse


def test_templates_beside_the_notebook_come_first_and_are_not_released(tmp_path: Path):
    folder = tmp_path / "source" / "auto"
    folder.mkdir(parents=True)
    shutil.copy(APPS / "autotest-simple.ipynb", folder)
    shutil.copy(APPS / "autotests.yml", tmp_path)
    shutil.copy(GUIDE / "autotests.yml", folder)
    _, (bundle,) = import_course(tmp_path)
    assert sorted(bundle.release_files()) == ["autotest-simple.ipynb"]
    assert rb"str(a) == \"\"\"5\"\"\"" in bundle.files["source/autotest-simple.ipynb"]


def test_without_templates_those_of_nbgrader_are_taken_and_files_can_be_read():
    notebook = notebook_of("n = len(open('some.txt').read())", "# AUTOTEST n")
    written = write_out_tests({"one": notebook}, "here", {"some.txt": b"four"})["one"]
    assert 'assert str(n) == """4"""' in written.cells[1].source


def test_a_notebook_without_such_lines_is_never_executed(tmp_path: Path):
    notebook = notebook_of(f"open({str(tmp_path / 'witness')!r}, 'w')", "assert 'AUTOTEST'")
    assert not has_autotests(notebook)
    assert write_out_tests({"one": notebook}, "here", {})["one"] is notebook
    assert not (tmp_path / "witness").exists()


@pytest.mark.parametrize(
    ("first", "test", "files", "expected"),
    [
        ("raise KeyError('x')", "# AUTOTEST 1", {}, r"here/one, cell 1: its AUTOTEST lines .* KeyError"),
        ("# AUTOTEST 1", "x = 1", {}, "cell 1: .* only in a cell that is marked"),
        ("import os; os._exit(3)", "# AUTOTEST 1", {}, "ended early"),
        ("", "# AUTOTEST 1", {"autotests.yml": b"a: ["}, "Parser|parsing"),
        ("", "# AUTOTEST 1", {"../out.txt": b""}, "leads out of"),
    ],
)
def test_what_cannot_be_written_out_is_refused_with_its_cell(first, test, files, expected):
    with pytest.raises(BadCourse, match=expected) as refusal:
        write_out_tests({"one": notebook_of(first, test)}, "here", files)
    assert refusal.value.next_step


def notebook_of(first: str, test: str) -> nbformat.NotebookNode:
    marks = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "grade_id": "t", "points": 1}
    return new_notebook(cells=[new_code_cell(first), new_code_cell(test, metadata={"nbgrader": marks})])
