"""Other answers to an assignment: wrong ones that its tests must reject, and a second right one they must accept.

A variant is a Python file. Lines ``# key: value`` at its top are its header; each line ``# cell: <grade_id>`` begins
the text of one answer cell. Cells that it does not name keep the reference solution.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from factory_academy.curriculum.bundling.notebooks import grade_id
from factory_academy.errors import BadCourse

_CELL = re.compile(r"^# cell: (\S+)\n", re.MULTILINE)
_HEADER = re.compile(r"^# (task|code|loses|why): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Variant:
    """One file of other answers. ``loses`` names the graded cells that must earn nothing with it."""

    name: str
    cells: Mapping[str, str]
    task: str = ""
    code: str = ""
    loses: tuple[str, ...] = ()
    why: str = ""


def read_variants(folder: Path) -> tuple[Variant, ...]:
    """The wrong solutions of an assignment folder, by file name.

    Raises:
        BadCourse: a file names no cell, or its header is incomplete.
    """
    variants = tuple(read_variant(path) for path in sorted((folder / "mutants").glob("*.py")))
    for variant in variants:
        if not (variant.task and variant.code and variant.loses):
            raise BadCourse(
                f"{folder / 'mutants' / variant.name}.py: the header is incomplete.",
                "Expected lines `# task: …`, `# code: …` and `# loses: …` at its top.",
            )
    return variants


def read_variant(path: Path) -> Variant:
    """One file of other answers.

    Raises:
        BadCourse: it has no line ``# cell: <grade_id>``.
    """
    head, *rest = _CELL.split(path.read_text(encoding="utf-8"))
    if not rest:
        raise BadCourse(f"{path} names no cell.", "Expected a line `# cell: <grade_id>` before each answer.")
    header = dict(_HEADER.findall(head))
    cells = {name: text.strip() for name, text in zip(rest[::2], rest[1::2], strict=True)}
    return Variant(
        name=path.stem,
        cells=cells,
        task=header.get("task", ""),
        code=header.get("code", ""),
        loses=tuple(header.get("loses", "").replace(",", " ").split()),
        why=header.get("why", ""),
    )


def answered(notebooks: Mapping[str, NotebookNode], variant: Variant) -> dict[str, NotebookNode]:
    """The notebooks of an assignment with the variant's answers in place of their own.

    Raises:
        BadCourse: the variant names a cell that is no answer cell of them.
    """
    result = {name: copy.deepcopy(notebook) for name, notebook in notebooks.items()}
    left = dict(variant.cells)
    for cell in (cell for notebook in result.values() for cell in notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("solution") and grade_id(cell) in left:
            cell.source = left.pop(grade_id(cell))
    if left:
        raise BadCourse(
            f"{variant.name}: {', '.join(left)} is no answer cell of the assignment.", "Mend the line `# cell: …`."
        )
    return result
