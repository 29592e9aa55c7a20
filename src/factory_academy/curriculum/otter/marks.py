"""The cells by which an Otter source is laid out: block marks, settings in YAML, cells to be left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell, new_raw_cell

from factory_academy.errors import BadCourse

_BLOCK = re.compile(r"#\s+(begin|end)\s+(question|prompt|solution|tests)\s*", re.IGNORECASE)
_SETTINGS = re.compile(r"#\s+assignment\s+config\s*", re.IGNORECASE)
_LEFT_OUT = re.compile(r"(##\s*ignore\s*##\s*|#\s*ignore\s*)", re.IGNORECASE)
_FENCE = re.compile(r"^```otter[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mark:
    """A begin or end of a block: ``kind`` is question, prompt, solution or tests."""

    kind: str
    is_end: bool


def mark_of(cell: NotebookNode) -> Mark | None:
    """The mark that a cell is, if it is one."""
    found = _BLOCK.match(_first_line(cell)) if cell.cell_type == "raw" else None
    return Mark(found[2].lower(), found[1].lower() == "end") if found else None


def is_settings(cell: NotebookNode) -> bool:
    """Whether a cell holds the settings of the assignment."""
    return cell.cell_type == "raw" and bool(_SETTINGS.match(_first_line(cell)))


def is_left_out(cell: NotebookNode) -> bool:
    """Whether the author wants a cell to be in no version."""
    return bool(_LEFT_OUT.match(_first_line(cell)))


def looks_like_otter(notebook: NotebookNode) -> bool:
    """Whether a notebook is a source of `otter assign`."""
    cells = list(unfenced(notebook.cells))
    return any(is_settings(cell) or (mark_of(cell) or Mark("", False)).kind == "question" for cell in cells)


def settings_in(cell: NotebookNode, where: str) -> dict[str, Any]:
    """The YAML of a cell, as a table.

    Raises:
        BadCourse: it is not YAML, or no table.
    """
    return table_of(str(cell.source), where)


def table_of(text: str, where: str) -> dict[str, Any]:
    """YAML text as a table with names for keys; nothing but plain data is made of it.

    Raises:
        BadCourse: it is not YAML, or no table.
    """
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise ValueError("names for repeated parts (&x, *x) are not allowed")
        values = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadCourse(f"{where}: its settings are not YAML: {_short(error)}", "Mend the line it names.") from error
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise BadCourse(
            f"{where}: expected lines like `name: q1`, got {str(values)[:60]!r}.", "Write one `key: value` a line."
        )
    return values


def unfenced(cells: list[NotebookNode]) -> Iterator[NotebookNode]:
    """The cells, with each fenced block of Markdown in the language ``otter`` as a raw cell of its own."""
    for cell in cells:
        parts = _FENCE.split(cell.source) if cell.cell_type == "markdown" else []
        if len(parts) < 2:
            yield cell
            continue
        for number, part in enumerate(parts):
            text = part.strip("\n")
            if text.strip():
                make: Callable[..., NotebookNode] = new_raw_cell if number % 2 else new_markdown_cell
                yield make(text)


def _first_line(cell: NotebookNode) -> str:
    return str(cell.source).split("\n", 1)[0]


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
