"""What a course's ``nbgrader_config.py`` says, read as text: it is never executed."""

from __future__ import annotations

import ast
import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from factory_academy.curriculum.autotests.written_out import TEMPLATES
from factory_academy.domain.bundle import GradingLimits
from factory_academy.errors import BadCourse

Config = dict[str, dict[str, Any]]

_NEVER = ("feedback",)
_LONGEST_CELL_SECONDS = 600.0
_CELLS_THAT_MAY_TAKE_LONG = 4


def read_config(path: Path) -> Config:
    """Every ``c.Class.option = <literal>`` of the file, by class and option; other lines are passed over.

    Raises:
        BadCourse: the file is not Python.
    """
    if not path.is_file():
        return {}
    try:
        module = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadCourse(f"{path} is not valid Python: {error}", "Mend it, or remove it: it is optional.") from error
    config: Config = {}
    for statement in ast.walk(module):
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            _note(statement.targets[0], statement.value, config)
    return config


def _note(target: ast.expr, value: ast.expr, config: Config) -> None:
    match target:
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="c"), attr=owner), attr=option):
            try:
                config.setdefault(owner, {})[option] = ast.literal_eval(value)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                return


def limits_of(config: Config) -> GradingLimits:
    """The limits of a run: the course's `ExecutePreprocessor.timeout` for a cell, and four times that for a notebook.

    A course without one, or with one that means "no limit", gets ours; ten minutes for a cell are the most.
    """
    usual = GradingLimits()
    for owner in ("Execute", "ExecutePreprocessor"):
        seconds = config.get(owner, {}).get("timeout")
        if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0:
            cell = min(float(seconds), _LONGEST_CELL_SECONDS)
            return GradingLimits(
                cell_seconds=cell, total_seconds=max(usual.total_seconds, _CELLS_THAT_MAY_TAKE_LONG * cell)
            )
    return usual


def kept_files(config: Config, assignment: str) -> tuple[str, ...]:
    """Files of an assignment that trainees change and hand in: `Autograde.exclude_overwriting`."""
    named = config.get("Autograde", {}).get("exclude_overwriting", {})
    names = named.get(assignment, ()) if isinstance(named, dict) else ()
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list | tuple) else ()


def is_ignored(path: str, config: Config) -> bool:
    """Whether `CourseDirectory.ignore` leaves out a file, or a folder above it."""
    patterns = config.get("CourseDirectory", {}).get("ignore", ())
    patterns = [p for p in patterns if isinstance(p, str)] if isinstance(patterns, list | tuple) else []
    parts = PurePosixPath(path).parts
    return any(fnmatch.fnmatch(part, pattern) for part in parts for pattern in (*patterns, *_NEVER))


def templates_file(config: Config) -> str:
    """The name of the file with the templates of AUTOTEST lines: `InstantiateTests.autotest_filename`."""
    name = config.get("InstantiateTests", {}).get("autotest_filename")
    return PurePosixPath(name).name if isinstance(name, str) and name else TEMPLATES
