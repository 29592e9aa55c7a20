"""A cell in its two versions: the author's, and the trainee's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from factory_academy.curriculum.otter import answers
from factory_academy.curriculum.otter.settings import Seed

_NEW = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


@dataclass(frozen=True, slots=True)
class Pair:
    """One cell: as graders have it, and as trainees get it."""

    source: NotebookNode
    released: NotebookNode

    def with_text_added(self, text: str) -> Pair:
        """The pair with a text at the end of both."""
        for cell in (self.source, self.released):
            cell.source += text
        return self


def plain(cell: NotebookNode, where: str) -> Pair:
    """A cell that everyone has; lines that the author wants in no version are gone.

    Raises:
        BadCourse: a block of such lines is not closed.
    """
    text = answers.kept_lines(cell.source, where) if cell.cell_type == "code" else cell.source
    return Pair(_new(cell.cell_type, text), _new(cell.cell_type, text))


def graded(
    kind: str, source: str, released: str, grade_id: str, *, is_solution: bool, points: float | None = None
) -> Pair:
    """A cell with nbgrader's marks: an answer, a test (points, no solution), or an answer that a person marks."""
    marks: dict[str, Any] = {
        "schema_version": 3,
        "grade": points is not None,
        "solution": is_solution,
        "locked": not is_solution,
        "task": False,
        "grade_id": grade_id,
    }
    if points is not None:
        marks["points"] = points
    return Pair(_new(kind, source, dict(marks)), _new(kind, released, dict(marks)))


def seeded(pair: Pair, seed: Seed, number: int) -> Pair:
    """The pair with the values of the seed variable, locked where it assigns it, so that graders have theirs."""
    line = re.compile(rf"^(\s*){re.escape(seed.variable)}\s*=[^=].*$", re.MULTILINE)
    if pair.source.cell_type != "code" or not line.search(pair.source.source):
        return pair
    texts = [
        line.sub(rf"\g<1>{seed.variable} = {value}", pair.source.source)
        for value in (seed.while_graded, seed.while_working)
    ]
    marks = {"schema_version": 3, "grade": False, "solution": False, "locked": True, "task": False}
    return Pair(*(_new("code", text, {**marks, "grade_id": f"seed-{number}"}) for text in texts))


def _new(kind: str, text: str, marks: dict[str, Any] | None = None) -> NotebookNode:
    make: Any = _NEW[kind]
    cell: NotebookNode = make(text, metadata={"nbgrader": marks} if marks else {})
    cell.pop("id", None)
    return cell
