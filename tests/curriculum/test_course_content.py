"""What must hold for the text of every assignment of ours, whatever it teaches."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import pytest
from nbformat.notebooknode import NotebookNode

from factory_academy.curriculum.bundling.notebooks import grade_id, read_notebook
from factory_academy.curriculum.bundling.variants import answered, read_variant, read_variants

ASSIGNMENTS = sorted((Path(__file__).parents[2] / "courses").glob("*/source/*"))


@pytest.fixture(params=ASSIGNMENTS, ids=lambda path: path.name)
def folder(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def notebook(folder: Path) -> NotebookNode:
    return read_notebook(folder / f"{folder.name}.py")


def codes_in_checks(folder: Path) -> set[str]:
    text = "".join(path.read_text() for path in (folder / "grader").glob("*.py"))
    return set(re.findall(r'"([A-Z]+\d+-M\d+)"', text))


def hints_of(folder: Path) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((folder / "hints.toml").read_text())


def test_every_hidden_failure_has_hints_and_every_hint_a_failure(folder: Path):
    assert codes_in_checks(folder) == set(hints_of(folder))


def test_hints_do_not_give_a_line_of_the_solution_away(folder: Path, notebook: NotebookNode):
    solution = [
        line.strip()
        for cell in notebook.cells
        for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL)
        for line in region.splitlines()
    ]
    hints = " ".join(text for hint in hints_of(folder).values() for text in hint["levels"])
    assert not [line for line in solution if len(line) > 20 and line in hints]


def test_every_hidden_test_is_missed_by_a_wrong_solution_that_says_so(folder: Path, notebook: NotebookNode):
    hidden = {name for cell in notebook.cells if (name := grade_id(cell)).endswith("-hidden")}
    variants = read_variants(folder)
    assert {variant.loses[0] for variant in variants} == hidden
    for variant in variants:
        assert variant.loses[0] == f"{variant.task}-hidden"
        assert variant.loses[1:] in ((), (f"{variant.task}-visible",))
        assert bool(variant.loses[1:]) == ("deviates:" in variant.why)
        assert variant.code in codes_in_checks(folder)
        answered({folder.name: notebook}, variant)


def test_the_second_reference_answers_every_task_anew(folder: Path, notebook: NotebookNode):
    answers = {
        grade_id(cell)
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }
    assert set(read_variant(folder / "reference2.py").cells) == answers


def test_hidden_cells_hold_one_call_and_nothing_to_learn_from(notebook: NotebookNode):
    for cell in notebook.cells:
        if grade_id(cell).endswith("-hidden"):
            region = cell.source.split("### BEGIN HIDDEN TESTS\n")[1].split("### END HIDDEN TESTS")[0]
            code = [line for line in region.splitlines() if line.strip()]
            assert len(code) == 2, cell.source
            assert re.fullmatch(r"from grader import \w+", code[0])
            assert re.fullmatch(r"\w+\.check_\w+\([\w, ]+\)", code[1])


def test_ids_follow_the_pattern_of_the_catalogue(folder: Path, notebook: NotebookNode):
    pattern = re.compile(rf"{folder.name}-(given-[a-z]+|t\d+-(solution|visible|hidden|manual))")
    ids = [grade_id(cell) for cell in notebook.cells if grade_id(cell)]
    assert not [name for name in ids if not pattern.fullmatch(name)]
    points = [
        cell.metadata.nbgrader.points for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")
    ]
    assert all(isinstance(value, int) and value > 0 for value in points)


def test_a_notebook_has_one_title_no_skipped_level_and_recall_questions(notebook: NotebookNode):
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown" and not grade_id(cell))
    prose = re.sub(r"```.*?```", "", prose, flags=re.DOTALL)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    assert "**Contents**" in notebook.cells[0].source
    assert prose.count("<details><summary>") == 2


def test_every_picture_has_a_text_and_every_link_says_where_it_leads(notebook: NotebookNode):
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert not re.findall(r"!\[\s*\]\(", prose)
    assert not re.findall(r"<img(?![^>]*\balt=\"[^\"]+\")", prose)
    assert not re.findall(r"\[(here|this|link|click here)\]\(", prose, re.IGNORECASE)


def test_instructions_are_written_in_short_sentences(notebook: NotebookNode):
    prose = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown" and not grade_id(cell))
    prose = re.sub(r"```.*?```|`[^`]*`|<[^>]+>|^\|.*$", " x ", prose, flags=re.DOTALL | re.MULTILINE)
    sentences = [s.split() for s in re.split(r"(?<=[.?!:])\s+|\n\s*[-#\d]", prose) if len(s.split()) > 2]
    lengths = sorted(map(len, sentences))
    assert sum(lengths) / len(lengths) < 16
    assert lengths[int(0.95 * len(lengths))] <= 32


def test_visible_failures_say_expected_got_and_next(notebook: NotebookNode):
    for cell in notebook.cells:
        if grade_id(cell).endswith("-visible"):
            for line in (line for line in cell.source.splitlines() if line.startswith("assert")):
                assert "expected" in line
                assert "Next: " in line
