"""Notebooks as plain data, of any nbformat, from anyone: read without trusting a single field."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from factory_academy.errors import BadNotebook

MAX_NOTEBOOK_BYTES = 30 << 20
_MAX_CELLS = 5000
_GRADE_ID = re.compile(r"[a-zA-Z0-9_\-]{1,200}")
_HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*\n?", re.MULTILINE | re.DOTALL)
_SOLUTION = re.compile(r"^([ \t]*)[^\n]*BEGIN SOLUTION.*?END SOLUTION[^\n]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``kind`` is code, markdown or raw; the flags are nbgrader's, False where absent or odd."""

    kind: str
    source: str
    grade_id: str = ""
    is_grade: bool = False
    is_solution: bool = False
    is_locked: bool = False
    is_task: bool = False

    @property
    def role(self) -> str:
        """``test``, ``manual``, ``answer``, ``given`` (other code) or ``text``."""
        if self.is_task or (self.is_grade and (self.is_solution or self.kind != "code")):
            return "manual"
        if self.is_grade:
            return "test"
        if self.kind != "code":
            return "text"
        return "answer" if self.is_solution else "given"


@dataclass(frozen=True, slots=True)
class Notebook:
    """The cells in order, and the language that the notebook says it is in (lower case, maybe empty)."""

    cells: tuple[Cell, ...]
    language: str = ""


def read_notebook(data: bytes) -> Notebook:
    """The notebook in some bytes.

    Raises:
        BadNotebook: they hold none; the message says what was expected.
    """
    if len(data) > MAX_NOTEBOOK_BYTES:
        raise BadNotebook("the notebook is too large", "Clear its outputs, save it and hand it in again.")
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        words = "it is empty" if not data.strip() else "it is not JSON"
        raise BadNotebook(
            f"the file is not a notebook: {words}", "Open it in JupyterLab, save it and hand it in again."
        ) from error
    cells = _cell_list(content)
    if cells is None:
        raise BadNotebook("the file is not a notebook: it has no list of cells", "Hand in the .ipynb file itself.")
    return Notebook(tuple(_cell(cell) for cell in cells[:_MAX_CELLS] if isinstance(cell, dict)), _language(content))


def without_hidden(source: str) -> str:
    """The part of a test cell that trainees see."""
    return _HIDDEN.sub("", source)


def without_solution(source: str) -> str:
    """About what a trainee finds in an answer cell."""
    return _SOLUTION.sub(r"\1# YOUR CODE HERE\n\1raise NotImplementedError()", source)


def _cell_list(content: Any) -> list[Any] | None:
    if not isinstance(content, dict):
        return None
    if isinstance(content.get("cells"), list):
        return list(content["cells"])
    sheets = content.get("worksheets")
    if not isinstance(sheets, list):
        return None
    lists = [sheet["cells"] for sheet in sheets if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)]
    return [cell for cells in lists for cell in cells]


def _cell(cell: dict[str, Any]) -> Cell:
    kind = cell.get("cell_type")
    kind = kind if kind in ("code", "markdown", "raw") else "markdown"
    source = _text(cell.get("source", cell.get("input")))
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if not isinstance(marks, dict):
        return Cell(kind, source)
    grade_id = marks.get("grade_id")
    return Cell(
        kind,
        source,
        grade_id=grade_id if isinstance(grade_id, str) and _GRADE_ID.fullmatch(grade_id) else "",
        is_grade=marks.get("grade") is True,
        is_solution=marks.get("solution") is True,
        is_locked=marks.get("locked") is True,
        is_task=marks.get("task") is True,
    )


def _text(source: Any) -> str:
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    text = source if isinstance(source, str) else ""
    return text.encode("utf-8", "replace").decode("utf-8")


def _language(content: dict[str, Any]) -> str:
    metadata = content.get("metadata")
    for place, key in (("kernelspec", "language"), ("language_info", "name")):
        part = metadata.get(place) if isinstance(metadata, dict) else None
        if isinstance(part, dict) and isinstance(part.get(key), str):
            return str(part[key]).lower()[:50]
    return ""
