"""Source notebooks: read from jupytext percent or ipynb, and written so that the same content gives the same bytes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from nbgrader.nbgraderformat.common import SchemaMismatchError

from factory_academy.errors import BadCourse

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
MAX_NOTEBOOK_BYTES = 30 << 20
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read_notebook(path: Path, *, keep_outputs: bool = False) -> NotebookNode:
    """The notebook of a ``.py`` (jupytext percent) or ``.ipynb`` file, with nbgrader metadata of version 3.

    Older metadata is brought up to date by nbgrader's own rules. Outputs are dropped, unless they are asked for, and
    cell ids made stable.

    Raises:
        BadCourse: the file is no notebook, or its nbgrader metadata is broken; the message names file and cell.
    """
    _refuse_what_is_no_file(path)
    notebook = _percent(path) if path.suffix == ".py" else _ipynb(path)
    _bring_up_to_date(notebook, path)
    for cell in notebook.cells:
        if cell.cell_type == "code" and not keep_outputs:
            cell.outputs = []
            cell.execution_count = None
    name_cells(notebook)
    return notebook


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """The notebook as JSON; the same notebook always gives the same bytes."""
    return (json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def grade_id(cell: NotebookNode) -> str:
    """The cell's grade_id, or an empty string."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _percent(path: Path) -> NotebookNode:
    try:
        notebook: NotebookNode = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except (UnicodeDecodeError, ValueError) as error:
        raise BadCourse(
            f"{path} cannot be read as a notebook: {error}",
            "Expected a Python file in jupytext's percent format; mend the line it names.",
        ) from error
    for cell in notebook.cells:
        cell.pop("id", None)
    metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    notebook.metadata = nbformat.from_dict(metadata)  # type: ignore[no-untyped-call]
    return notebook


def _ipynb(path: Path) -> NotebookNode:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        has_ids = isinstance(raw, dict) and (raw.get("nbformat"), raw.get("nbformat_minor")) >= (4, 5)
        notebook: NotebookNode = nbformat.reads(json.dumps(raw), as_version=4)  # type: ignore[no-untyped-call]
    except (
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        nbformat.ValidationError,
        OSError,
        RecursionError,
    ) as error:
        raise BadCourse(
            f"{path} is not a notebook that can be read: {_short(error)}",
            "Expected a Jupyter notebook (JSON, nbformat 4). Open it in JupyterLab and save it again, or remove it.",
        ) from error
    _refuse_other_languages(notebook, path)
    if not has_ids:
        for cell in notebook.cells:
            cell.pop("id", None)
    notebook.nbformat_minor = 5
    notebook.metadata.pop("widgets", None)
    return notebook


def _refuse_what_is_no_file(path: Path) -> None:
    if not path.is_file() or path.stat().st_size > MAX_NOTEBOOK_BYTES:
        most = MAX_NOTEBOOK_BYTES >> 20
        raise BadCourse(
            f"{path} is not a notebook that can be read: it is no plain file, or larger than {most} MiB.",
            "Expected a notebook (.ipynb or .py); clear its outputs and save it again, or remove it.",
        )


def _refuse_other_languages(notebook: NotebookNode, path: Path) -> None:
    for place, key in (("kernelspec", "language"), ("language_info", "name")):
        part = notebook.metadata.get(place)
        language = part.get(key) if isinstance(part, dict) else None
        if isinstance(language, str) and language and not language.lower().startswith(("python", "ipython")):
            raise BadCourse(
                f"{path} is written in {language!r}; expected a notebook for Python.",
                "Remove it from the assignment: work in other languages cannot be graded here.",
            )


def _bring_up_to_date(notebook: NotebookNode, path: Path) -> None:
    validator = MetadataValidator()
    seen: dict[str, int] = {}
    for number, cell in enumerate(notebook.cells, start=1):
        where = f"{path}, cell {number} ({grade_id(cell) or 'no grade_id'})"
        try:
            validator.upgrade_cell_metadata(cell)
            validator.validate_cell(cell)
        except (ValidationError, SchemaMismatchError, KeyError, TypeError) as error:
            raise BadCourse(
                f"{where}: the nbgrader metadata is not valid: {_short(error)}",
                "Expected nbgrader cell metadata, schema version 3 or older.",
            ) from error
        name, meta = grade_id(cell), cell.metadata.get("nbgrader", {})
        if (meta.get("grade") or meta.get("task")) and not ("points" in meta and name):
            raise BadCourse(f"{where}: a graded cell needs a grade_id and points.", "Give it both.")
        if not any(meta.get(mark) for mark in ("grade", "solution", "locked", "task")):
            continue
        if name and name in seen:
            raise BadCourse(
                f"{where}: the grade_id is used twice, first in cell {seen[name]}.", "Give each cell its own grade_id."
            )
        seen[name] = number


def name_cells(notebook: NotebookNode) -> None:
    """Give each cell without an id one that depends on its grade_id or place, so that a rebuild changes nothing."""
    taken: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        wish = str(cell.get("id") or grade_id(cell))
        if not _CELL_ID.fullmatch(wish) or wish in taken:
            wish = f"cell-{number}"
        while wish in taken:
            wish += "-x"
        taken.add(wish)
        cell["id"] = wish


def _short(error: Any) -> str:
    message = getattr(error, "message", None) or str(error) or type(error).__name__
    return str(message).splitlines()[0][:300]
