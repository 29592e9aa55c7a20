from __future__ import annotations

import copy
import json
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.nbgraderformat import reads as nbgrader_reads

from factory_academy.curriculum.bundling.assignment import AssignmentSource, build_assignment
from factory_academy.curriculum.bundling.gates import refuse_leaks
from factory_academy.curriculum.bundling.notebooks import notebook_bytes, read_notebook
from factory_academy.curriculum.bundling.release import release_notebook
from factory_academy.curriculum.catalogue import read_course
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import TaskKind
from factory_academy.errors import BadCourse

SOLUTION = {"schema_version": 3, "grade": False, "solution": True, "locked": False, "task": False}
TEST = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "task": False}


def cell(source: str, **meta: object):
    made = nbformat.v4.new_code_cell(source, id=str(meta.get("grade_id", "given")))
    if meta:
        made.metadata["nbgrader"] = meta
    return made


def test_an_unchanged_source_gives_the_same_version(small: Path):
    _, (first,) = read_course(small)
    _, (second,) = read_course(small)
    assert first.to_bytes() == second.to_bytes()


def test_a_changed_test_gives_another_version(small: Path):
    _, (first,) = read_course(small)
    path = small / "source" / "one" / "one.py"
    path.write_text(path.read_text().replace("double(21) == 42", "double(22) == 44"))
    _, (second,) = read_course(small)
    assert first.version != second.version


def test_a_bundle_survives_its_archive(small: Path):
    _, (bundle,) = read_course(small)
    assert AssignmentBundle.from_bytes(bundle.to_bytes()) == bundle


def test_tasks_know_how_they_earn_their_points(small: Path):
    _, (bundle,) = read_course(small)
    assert [(t.id, t.points, t.kind, t.title) for t in bundle.tasks] == [
        ("one-t1-visible", 1.0, TaskKind.VISIBLE, "Double"),
        ("one-t1-hidden", 2.0, TaskKind.HIDDEN, "Double"),
    ]


def test_a_trainee_gets_no_solution_no_hidden_test_and_no_output(small: Path):
    _, (bundle,) = read_course(small)
    released = bundle.release_files()["one.ipynb"].decode()
    assert "NotImplementedError" in released
    for secret in ("result_of_doubling", "42", "secret", "HIDDEN TESTS", "BEGIN SOLUTION"):
        assert secret not in released
    assert all(not c.get("outputs") for c in json.loads(released)["cells"])


def test_the_release_is_valid_for_nbgrader_and_nbformat(small: Path):
    _, (bundle,) = read_course(small)
    notebook = nbgrader_reads(bundle.release_files()["one.ipynb"].decode(), as_version=4)
    nbformat.validate(notebook)
    assert all("checksum" in c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata)


@pytest.mark.parametrize("name", ["onboarding/onb1", "data-pipelines/dp4"])
def test_our_releases_share_no_line_with_what_is_hidden(courses: Path, name: str):
    course, assignment = name.split("/")
    _, (bundle,) = read_course(courses / course)
    released = b"\n".join(bundle.release_files().values()).decode()
    hidden = [data.decode() for path, data in bundle.files.items() if path.startswith("grader/")]
    given = json.loads(bundle.release_files()[f"{assignment}.ipynb"])
    shown = {line.strip() for c in given["cells"] for line in "".join(c["source"]).splitlines()}
    lines = {line.strip() for text in hidden for line in text.splitlines() if len(line.strip()) > 30}
    assert len(lines) > 50
    assert not {line for line in lines - shown if line in released}
    assert "import grader" not in released
    assert "from grader" not in released
    assert "lighthouse" not in released


def test_several_notebooks_prefix_their_tasks():
    notebooks = {
        name: nbformat.v4.new_notebook(cells=[cell("assert x", **TEST, grade_id="t", points=1)]) for name in "ab"
    }
    bundle = build_assignment(AssignmentSource("here", "c", "n", "N", notebooks))
    assert [task.id for task in bundle.tasks] == ["a/t", "b/t"]


@pytest.mark.parametrize(
    "text",
    ["### BEGIN SOLUTION\nx = 1", "### BEGIN SOLUTION\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION"],
)
def test_a_region_that_is_not_closed_is_refused(text: str):
    notebook = nbformat.v4.new_notebook(cells=[cell(text, **SOLUTION, grade_id="s")])
    with pytest.raises(BadCourse, match="cannot make the release version"):
        release_notebook(notebook, "here")


def test_a_solution_in_a_cell_that_is_none_is_refused():
    notebook = nbformat.v4.new_notebook(cells=[cell("### BEGIN SOLUTION\nx = 1\n### END SOLUTION")])
    with pytest.raises(BadCourse, match="here"):
        release_notebook(notebook, "here")


def test_a_leak_is_found_wherever_it_stands(small: Path):
    source = read_notebook(small / "source" / "one" / "one.py")
    released = release_notebook(source, "here")
    refuse_leaks(source, released, "here")
    leaking = copy.deepcopy(released)
    leaking.cells[0].source += "\nresult_of_doubling = 2 * x"
    with pytest.raises(BadCourse, match="result_of_doubling"):
        refuse_leaks(source, leaking, "here")
    with_output = copy.deepcopy(released)
    with_output.cells[1].outputs = [nbformat.v4.new_output("stream", text="4")]
    with pytest.raises(BadCourse, match="an output"):
        refuse_leaks(source, with_output, "here")


lines = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029#\n"), max_size=30
)


@settings(deadline=None)
@given(before=lines, secret=lines.map(lambda text: f"secret-{text}-end"), after=lines)
def test_no_text_of_a_solution_or_hidden_region_is_released(before: str, secret: str, after: str):
    solution = f"{before}\n### BEGIN SOLUTION\n{secret}\n### END SOLUTION\n{after}"
    hidden = f"{before}\n### BEGIN HIDDEN TESTS\n{secret}\n### END HIDDEN TESTS\n{after}"
    notebook = nbformat.v4.new_notebook(
        cells=[cell(solution, **SOLUTION, grade_id="s"), cell(hidden, **TEST, grade_id="t", points=1)]
    )
    released = release_notebook(notebook, "here")
    refuse_leaks(notebook, released, "here")
    assert all("secret-" not in c.source for c in released.cells)
    assert [c.source.split("\n")[0] for c in released.cells] == [before, before]
    assert notebook_bytes(released) == notebook_bytes(release_notebook(notebook, "here"))


def test_old_metadata_is_brought_up_to_date(tmp_path: Path):
    old = nbformat.v4.new_notebook(
        cells=[cell("assert x", grade=True, solution=False, locked=True, grade_id="t", points=2)]
    )
    old.cells[0].metadata.nbgrader["schema_version"] = 1
    path = tmp_path / "old.ipynb"
    nbformat.write(old, path)
    assert read_notebook(path).cells[0].metadata.nbgrader.schema_version == 3


def test_a_graded_cell_without_points_is_refused(tmp_path: Path):
    task = nbformat.v4.new_markdown_cell("Draw a picture.")
    task.metadata["nbgrader"] = {**TEST, "grade": False, "task": True, "grade_id": "t"}
    path = tmp_path / "some.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[task]), path)
    with pytest.raises(BadCourse, match=r"some\.ipynb, cell 1 \(t\): a graded cell needs a grade_id and points"):
        read_notebook(path)


def test_cells_without_ids_get_ids_that_stay(tmp_path: Path):
    path = tmp_path / "old.ipynb"
    notebook = {"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": []}
    for text in ("a = 1", "b = 2"):
        notebook["cells"].append(
            {"cell_type": "code", "source": text, "metadata": {}, "outputs": [], "execution_count": None}
        )
    path.write_text(json.dumps(notebook))
    ids = [c.id for c in read_notebook(path).cells]
    assert ids == [c.id for c in read_notebook(path).cells] == ["cell-1", "cell-2"]
