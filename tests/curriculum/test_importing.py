from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import nbgrader
import pytest
from tests.support.stock_nbgrader import run_nbgrader

from factory_academy.curriculum.importing import import_course
from factory_academy.curriculum.nbgrader_config import read_config
from factory_academy.domain.course import TaskKind
from factory_academy.errors import BadCourse

EXAMPLE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "source"


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `nbgrader quickstart course101` makes."""
    home = tmp_path_factory.mktemp("quickstart")
    run_nbgrader("quickstart", "course101", cwd=home)
    return home / "course101"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """nbgrader's own example course, to be changed by a test."""
    folder = tmp_path / "course"
    shutil.copytree(
        EXAMPLE, folder / "source", ignore=shutil.ignore_patterns("*.html", "ps1_autotest", "autotests.yml")
    )
    return folder


def test_the_course_of_nbgrader_quickstart_is_imported(quickstart: Path):
    course, (ps1,) = import_course(quickstart)
    assert (course.id, ps1.name, ps1.notebooks) == ("course101", "ps1", ("problem1", "problem2"))
    assert sorted(ps1.release_files()) == ["jupyter.png", "problem1.ipynb", "problem2.ipynb"]
    assert [(t.id, t.points) for t in ps1.tasks if t.kind is TaskKind.VISIBLE] == [
        ("problem1/correct_squares", 1.0),
        ("problem1/squares_invalid_input", 1.0),
        ("problem1/correct_sum_of_squares", 0.5),
        ("problem1/sum_of_squares_uses_squares", 0.5),
    ]
    assert sum(task.points for task in ps1.tasks) == 13


def test_the_header_of_the_config_comes_first(quickstart: Path):
    _, (ps1,) = import_course(quickstart)
    header = nbformat.read(quickstart / "source" / "header.ipynb", as_version=4)
    for name in ("problem1", "problem2"):
        released = json.loads(ps1.release_files()[f"{name}.ipynb"])
        assert "".join(released["cells"][0]["source"]) == header.cells[0].source
        assert len({cell["id"] for cell in released["cells"]}) == len(released["cells"])


def test_the_release_is_what_nbgrader_itself_releases(quickstart: Path, tmp_path: Path):
    _, (ps1,) = import_course(quickstart)
    work = tmp_path / "stock"
    shutil.copytree(quickstart, work)
    run_nbgrader("generate_assignment", "ps1", cwd=work)
    for name in ps1.notebooks:
        stock = nbformat.read(work / "release" / "ps1" / f"{name}.ipynb", as_version=4)
        ours = nbformat.reads(ps1.release_files()[f"{name}.ipynb"].decode(), as_version=4)
        for one, other in zip(ours.cells, stock.cells, strict=True):
            assert (one.cell_type, one.source, one.metadata) == (other.cell_type, other.source, other.metadata)


def test_the_config_is_read_and_never_executed(example: Path, tmp_path: Path):
    witness = tmp_path / "executed"
    (example / "nbgrader_config.py").write_text(
        f"open({str(witness)!r}, 'w')\nc = get_config()\nc.CourseDirectory.course_id = 'Physics 101: Heat'\n"
        "c.ClearSolutions.code_stub = {'python': 'pass  # yours'}\nc.Exchange.root = __import__('os').getcwd()\n"
    )
    course, (ps1,) = import_course(example)
    assert not witness.exists()
    assert (course.id, course.title) == ("physics-101-heat", "Physics 101: Heat")
    assert b"pass  # yours" in ps1.release_files()["problem1.ipynb"]


def test_a_course_without_a_config_takes_the_name_of_its_folder(example: Path):
    course, _ = import_course(example)
    assert course.id == "course"


def test_delimiters_of_the_config_decide_what_is_hidden(example: Path):
    (example / "nbgrader_config.py").write_text(
        "c.ClearHiddenTests.begin_test_delimeter = 'SECRET FROM'\nc.ClearHiddenTests.end_test_delimeter = 'SECRET TO'\n"
    )
    path = example / "source" / "ps1" / "problem1.ipynb"
    notebook = nbformat.read(path, as_version=4)
    test = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "correct_squares")
    test.source += "\n# SECRET FROM\nassert squares(9)[-1] == 9 * 9\n# SECRET TO"
    nbformat.write(notebook, path)
    _, (ps1,) = import_course(example)
    assert {t.id: t.kind for t in ps1.tasks}["problem1/correct_squares"] is TaskKind.HIDDEN
    assert b"9 * 9" not in ps1.release_files()["problem1.ipynb"]


def test_metadata_of_the_first_version_are_brought_up_to_date(tmp_path: Path):
    files = Path(nbgrader.__file__).parent / "tests" / "apps" / "files"
    for name in ("test-v0.ipynb", "test-v1.ipynb", "test-v2.ipynb"):
        folder = tmp_path / name / "source" / "old"
        folder.mkdir(parents=True)
        shutil.copy(files / name, folder)
        _, (bundle,) = import_course(tmp_path / name)
        assert bundle.tasks


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ((), "expected a folder source/<assignment>/ with notebooks, got an empty folder"),
        (("notes.txt",), "expected a folder source/<assignment>/ with notebooks, got notes.txt"),
        (("source/readme.md",), "holds no assignment: expected <assignment>/<notebook>.ipynb in it, got readme.md"),
        (("source/ps1/readme.md",), "holds no assignment"),
    ],
)
def test_a_folder_that_is_no_course_is_refused(tmp_path: Path, made: tuple[str, ...], expected: str):
    for name in made:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(BadCourse, match=expected) as refusal:
        import_course(tmp_path)
    assert refusal.value.next_step


def test_a_missing_folder_and_a_file_are_told_apart(tmp_path: Path):
    with pytest.raises(BadCourse, match="no such folder"):
        import_course(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(BadCourse, match="got a file"):
        import_course(tmp_path / "file")


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"cells": 3}', "{}", "\x00", '{"nbformat": 4, "nbformat_minor": 5, "cells": [{}]}'],
)
def test_a_broken_notebook_is_named_with_its_file(example: Path, content: str):
    (example / "source" / "ps1" / "broken.ipynb").write_text(content)
    with pytest.raises(BadCourse, match=r"ps1/broken\.ipynb is not a notebook"):
        import_course(example)


def test_a_broken_header_is_named(example: Path):
    (example / "nbgrader_config.py").write_text("c.IncludeHeaderFooter.header = 'source/nothing.ipynb'")
    with pytest.raises(BadCourse, match=r"names the header 'source/nothing\.ipynb'"):
        import_course(example)
    (example / "nbgrader_config.py").write_text("c.IncludeHeaderFooter.header = '../../secret.ipynb'")
    with pytest.raises(BadCourse, match="not a file of the course"):
        import_course(example)


def test_a_config_that_is_not_python_is_refused(tmp_path: Path):
    path = tmp_path / "nbgrader_config.py"
    path.write_text("c.A.b = (")
    with pytest.raises(BadCourse, match="not valid Python"):
        read_config(path)


def test_folder_names_become_assignment_names(example: Path):
    (example / "source" / "ps1").rename(example / "source" / "Week 1: loops")
    _, (bundle,) = import_course(example)
    assert (bundle.name, bundle.title) == ("Week-1-loops", "Week 1: loops")
    shutil.copytree(example / "source" / "Week 1: loops", example / "source" / "Week 1 loops")
    with pytest.raises(BadCourse, match="would both be 'Week-1-loops'"):
        import_course(example)
