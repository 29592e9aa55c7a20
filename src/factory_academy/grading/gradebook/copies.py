"""The notebook that formgrader shows of somebody's work: our cells, their answers, our verdicts; nothing that runs.

formgrader puts what it shows on its own origin without cleaning it, so a copy holds no markup and no output of a
trainee's: code is code, text passes through a sanitiser, and an output is what our judge said, as plain text.
"""

from __future__ import annotations

import importlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.grade import TaskScore, Verdict
from factory_academy.errors import AcademyError
from factory_academy.grading.intake import open_archive
from factory_academy.grading.work.notebook import Notebook, read_notebook
from factory_academy.grading.work.parts import find_notebook, released, tasks_of
from factory_academy.grading.work.plan import Plan, plan

_OWN = re.compile(r"cell \d+")
_RUNS_IN_MATHS = re.compile(r"\\(href|url|unicode|require|cssId|class|style)\b")


def _nbformat() -> Any:
    """It takes a second to import, which no grading worker should wait for."""
    return importlib.import_module("nbformat")


def source_of(bundle: AssignmentBundle, notebook: str) -> Any:
    """Our own version of a notebook, as an nbformat 4 notebook."""
    return _nbformat().reads(bundle.files[f"source/{notebook}.ipynb"].decode(), as_version=4)


def write_copy(copy: Any, path: Path) -> None:
    """Write a copy where formgrader looks for it."""
    _nbformat().write(copy, path)


def graded_copy(bundle: AssignmentBundle, notebook: str, archive: bytes, scores: Mapping[str, TaskScore]) -> Any:
    """The copy (an nbformat 4 notebook) of one notebook. ``scores`` are those of the submission, by task id.

    Work that cannot be read gives the copy with no answers and a note that says so: somebody may have to mark it.
    """
    source = source_of(bundle, notebook)
    planned, note = _planned(bundle, notebook, archive)
    by_grade_id = {grade_id: scores[t.id] for grade_id, t in tasks_of(bundle, notebook).items() if t.id in scores}
    own = _own_cells(planned) if planned else {}
    cells = [_nbformat().v4.new_markdown_cell(note)] if note else []
    cells += own.pop("", [])
    for cell in source.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cells.append(_shown(cell, planned, by_grade_id.get(grade_id)))
        cells += own.pop(grade_id, []) if grade_id else []
    source.cells = cells
    return source


def _planned(bundle: AssignmentBundle, notebook: str, archive: bytes) -> tuple[Plan | None, str]:
    theirs, note = _read(archive, notebook)
    ours = read_notebook(bundle.files[f"source/{notebook}.ipynb"])
    return plan(ours, released(bundle, notebook), theirs, tasks_of(bundle, notebook)), note


def _read(archive: bytes, notebook: str) -> tuple[Notebook, str]:
    try:
        files = open_archive(archive)
        path = find_notebook(files, notebook)
        if path is None:
            return Notebook(()), f"*There is no {notebook}.ipynb in what was handed in.*"
        return read_notebook(files[path]), ""
    except AcademyError as error:
        return Notebook(()), inert_text(f"*What was handed in cannot be read: {error}*")


def _own_cells(planned: Plan) -> dict[str, list[Any]]:
    """The trainee's own code cells, by the marked cell after which they come."""
    own: defaultdict[str, list[Any]] = defaultdict(list)
    anchor = ""
    for step in planned.steps:
        if _OWN.fullmatch(step["label"]):
            own[anchor].append(_nbformat().v4.new_code_cell(step["source"]))
        else:
            anchor = step["label"]
    return dict(own)


def _shown(cell: Any, planned: Plan | None, score: TaskScore | None) -> Any:
    marks = cell.metadata.get("nbgrader", {})
    shown = _nbformat().v4.new_code_cell if cell.cell_type == "code" else _nbformat().v4.new_markdown_cell
    is_answer = marks.get("solution") or marks.get("task")
    text = cell.source
    if is_answer:
        answer = planned.sources.get(marks["grade_id"], "") if planned else ""
        text = answer if not marks.get("task") else f"{cell.source}\n\n{answer}".rstrip()
    if cell.cell_type != "code" and is_answer:
        text = inert_text(text)
    made = shown(text, metadata={"nbgrader": marks} if marks else {})
    if score is not None and cell.cell_type == "code" and not marks.get("solution"):
        made.outputs = list(_said(score))
    return made


def _said(score: TaskScore) -> Iterator[Any]:
    words = [f"{score.verdict.value}: {score.earned:g} of {score.possible:g}", score.message]
    if score.verdict not in (Verdict.PASSED, Verdict.MANUAL):
        words += [f"expected: {score.expected}" if score.expected else "", f"got: {score.got}" if score.got else ""]
    yield _nbformat().v4.new_output("stream", name="stdout", text="\n".join(filter(None, words)) + "\n")


def inert_text(text: str) -> str:
    """Markdown in which no markup can run, and no formula can."""
    cell = _nbformat().v4.new_markdown_cell(text)
    cleaned, _ = importlib.import_module("nbconvert.preprocessors.sanitize").SanitizeHTML().preprocess_cell(cell, {}, 0)
    return _RUNS_IN_MATHS.sub(r"\1", str(cleaned.source))
