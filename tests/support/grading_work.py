"""Builds assignments and submissions for the tests of grading, from plain lists of cells."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from factory_academy.domain.bundle import AssignmentBundle, GradingLimits, zip_bytes
from factory_academy.domain.course import Task, TaskKind
from factory_academy.grading.work.notebook import without_hidden, without_solution

LIMITS = GradingLimits(cell_seconds=8, total_seconds=40, memory_bytes=1 << 30, processes=64, output_bytes=20_000)


def code(source: str, **nbgrader: Any) -> dict[str, Any]:
    metadata = {"nbgrader": {"schema_version": 3, **nbgrader}} if nbgrader else {}
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def text(source: str, **nbgrader: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": code("", **nbgrader)["metadata"]}


def given(source: str, grade_id: str = "") -> dict[str, Any]:
    if not grade_id:
        return code(source)
    return code(source, grade=False, solution=False, locked=True, grade_id=grade_id)


def answer(grade_id: str, source: str) -> dict[str, Any]:
    return code(source, grade=False, solution=True, locked=False, grade_id=grade_id)


def check(grade_id: str, source: str, points: float = 1) -> dict[str, Any]:
    return code(source, grade=True, solution=False, locked=True, grade_id=grade_id, points=points)


def hidden_part(source: str) -> str:
    return f"### BEGIN HIDDEN TESTS\n{source}\n### END HIDDEN TESTS"


def manual(grade_id: str, source: str, points: float = 1, kind: str = "code") -> dict[str, Any]:
    make = code if kind == "code" else text
    return make(source, grade=True, solution=True, locked=False, grade_id=grade_id, points=points)


def notebook(cells: Sequence[Mapping[str, Any]], **metadata: Any) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}).encode()


def bundle_of(
    notebooks: Mapping[str, Sequence[Mapping[str, Any]]],
    limits: GradingLimits = LIMITS,
    files: Mapping[str, bytes] | None = None,
    **fields: Any,
) -> AssignmentBundle:
    """An assignment of these source notebooks; hidden tests make a task hidden, the release is derived."""
    tasks = [
        task
        for name, cells in notebooks.items()
        for task in (_task(cell, f"{name}/" if len(notebooks) > 1 else "") for cell in cells)
        if task is not None
    ]
    all_files = {f"source/{name}.ipynb": notebook(cells) for name, cells in notebooks.items()}
    all_files |= {f"release/{name}.ipynb": notebook([_released(c) for c in cells]) for name, cells in notebooks.items()}
    return AssignmentBundle("course", "work", "Work", tuple(tasks), {**all_files, **(files or {})}, limits, **fields)


def assignment(*cells: Mapping[str, Any], **fields: Any) -> AssignmentBundle:
    return bundle_of({"work": cells}, **fields)


def submission(*cells: Mapping[str, Any], **files: bytes) -> bytes:
    return zip_bytes({"work.ipynb": notebook(cells), **files})


def answers(bundle: AssignmentBundle, *own: Mapping[str, Any], **sources: str) -> bytes:
    """The released notebook with these answers (grade_id with - as _), and own cells at its start."""
    cells = json.loads(bundle.files["release/work.ipynb"])["cells"]
    for cell in cells:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "").replace("-", "_")
        if grade_id in sources:
            cell["source"] = sources.pop(grade_id)
    assert not sources, f"no such cells: {sorted(sources)}"
    return submission(*own, *cells)


def reference(bundle: AssignmentBundle) -> bytes:
    return zip_bytes({f"{name}.ipynb": bundle.files[f"source/{name}.ipynb"] for name in bundle.notebooks})


def _task(cell: Mapping[str, Any], prefix: str) -> Task | None:
    marks = cell["metadata"].get("nbgrader", {})
    if not (marks.get("grade") or marks.get("task")):
        return None
    is_test = cell["cell_type"] == "code" and not marks["solution"] and not marks.get("task")
    kind = TaskKind.MANUAL
    if is_test:
        kind = TaskKind.HIDDEN if "BEGIN HIDDEN TESTS" in cell["source"] else TaskKind.VISIBLE
    return Task(prefix + marks["grade_id"], float(marks["points"]), kind, title=f"Task {marks['grade_id']}")


def _released(cell: Mapping[str, Any]) -> dict[str, Any]:
    marks = cell["metadata"].get("nbgrader", {})
    source = without_hidden(cell["source"])
    if marks.get("solution"):
        source = without_solution(source)
        if marks.get("grade") and source == cell["source"]:
            source = "YOUR ANSWER HERE" if cell["cell_type"] == "markdown" else "# YOUR CODE HERE"
    return {**cell, "source": source}


def cells_of(folder: str) -> dict[str, str]:
    """The texts of ``tests/grading/data/<folder>`` by file name without suffix."""
    data = Path(__file__).parents[1] / "grading" / "data" / folder
    return {path.stem: path.read_text() for path in sorted(data.glob("*.txt"))}
