"""From the instructor's notebook to the trainee's, by nbgrader's own rules."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.nbgraderformat import ValidationError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets import TraitError
from traitlets.config import Config

from factory_academy.errors import BadCourse

_RULES = (
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
)

Options = Mapping[str, Mapping[str, Any]]


def release_notebook(
    source: NotebookNode, where: Path | str, options: Options | None = None, *, is_cleared: bool = False
) -> NotebookNode:
    """What a trainee gets of a source notebook: no solution, no hidden test, no mark scheme, no output.

    ``is_cleared``: its author wrote it without solutions, with prompts of their own. ``options`` are nbgrader's own, by
    class and name, e.g. ``{"ClearSolutions": {"text_stub": "…"}}``.

    Raises:
        BadCourse: a region is not closed, nested, or in a cell of the wrong kind.
    """
    notebook = copy.deepcopy(source)
    config = Config({name: dict(values) for name, values in (options or {}).items()})
    resources: dict[str, Any] = {}
    try:
        for rule in (rule for rule in _RULES if not (is_cleared and rule is ClearSolutions)):
            notebook, resources = rule(config=config).preprocess(notebook, resources)
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError, ValidationError, TraitError) as error:
        raise BadCourse(
            f"{where}: nbgrader cannot make the release version: {error}",
            "Check the BEGIN/END lines and the marks of the cell, and the options in the course's config.",
        ) from error
    return notebook
