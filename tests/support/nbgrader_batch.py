"""Run as a program in a course folder: every assignment through nbgrader, in one process, into ``scores.json``.

nbgrader as it comes spends most of its time on starting; one process for a whole course keeps the comparison cheap.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.nbgraderformat import MetadataValidator
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader


def main() -> None:
    """Release, autograde and look up the scores of what lies in ``source`` and ``submitted``."""
    warnings.simplefilter("ignore")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(Path.cwd())).load_config()
    config.CourseDirectory.root = str(Path.cwd())
    api = NbGraderAPI(config=Config(config))
    found: dict[str, Any] = {"refused": {}, "tasks": {}, "scores": {}, "failed": {}}
    for folder in sorted(Path("source").iterdir()):
        _bring_up_to_date(folder)
        done = api.generate_assignment(folder.name)
        if not done["success"]:
            found["refused"][folder.name] = done.get("log", "")[-3000:]
            continue
        found["tasks"][folder.name] = _tasks(folder.name)
        for submitted in sorted(Path("submitted").glob(f"*/{folder.name}")):
            student = submitted.parent.name
            done = api.autograde(folder.name, student)
            if not done["success"]:
                found["failed"].setdefault(folder.name, {})[student] = done.get("log", "")[-500:]
            found["scores"].setdefault(folder.name, {})[student] = _scores(folder.name, student)
    Path("scores.json").write_text(json.dumps(found))


def _bring_up_to_date(folder: Path) -> None:
    """What ``nbgrader update`` does."""
    for path in folder.glob("*.ipynb"):
        content = json.loads(path.read_text())
        upgraded = [MetadataValidator().upgrade_cell_metadata(_Cell(cell)) for cell in content["cells"]]
        path.write_text(json.dumps({**content, "cells": upgraded}))


class _Cell(dict[str, Any]):
    @property
    def metadata(self) -> dict[str, Any]:
        return self["metadata"]  # type: ignore[no-any-return]

    @property
    def cell_type(self) -> str:
        return str(self["cell_type"])


def _tasks(assignment: str) -> dict[str, float]:
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        notebooks = gradebook.find_assignment(assignment).notebooks
        return {
            _name(notebook, cell, notebooks): cell.max_score
            for notebook in notebooks
            for cell in (*notebook.grade_cells, *notebook.task_cells)
        }


def _scores(assignment: str, student: str) -> dict[str, list[Any]]:
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        notebooks = gradebook.find_submission(assignment, student).notebooks
        return {
            _name(notebook, grade, notebooks): [grade.auto_score, grade.needs_manual_grade]
            for notebook in notebooks
            for grade in notebook.grades
        }


def _name(notebook: Any, cell: Any, notebooks: Any) -> str:
    return f"{notebook.name}/{cell.name}" if len(notebooks) > 1 else str(cell.name)


if __name__ == "__main__":
    main()
