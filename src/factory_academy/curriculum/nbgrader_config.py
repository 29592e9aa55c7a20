"""What a course's ``nbgrader_config.py`` says, read as text: it is never executed."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from factory_academy.errors import BadCourse

Config = dict[str, dict[str, Any]]


def read_config(path: Path) -> Config:
    """Every ``c.Class.option = <literal>`` of the file, by class and option; other lines are passed over.

    Raises:
        BadCourse: the file is not Python.
    """
    if not path.exists():
        return {}
    try:
        module = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
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
            except ValueError:
                return
