"""The same submissions through ``nbgrader autograde``, one command for the whole batch, as an instructor types it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from nbgrader.api import Gradebook

from factory_academy.domain.bundle import AssignmentBundle
from side_by_side.lab import NAME
from side_by_side.results import Graded, cpu_seconds_of_children


def grade_with_nbgrader(bundle: AssignmentBundle, submissions: Mapping[str, bytes], folder: Path) -> Graded:
    """Seconds of wall and CPU for the batch, and the points by submission and task."""
    source = folder / "source" / NAME
    source.mkdir(parents=True)
    (source / "work.ipynb").write_bytes(bundle.files["source/work.ipynb"])
    _nbgrader(folder, "generate_assignment", NAME)
    for name, notebook in submissions.items():
        handed_in = folder / "submitted" / name / NAME
        handed_in.mkdir(parents=True)
        (handed_in / "work.ipynb").write_bytes(notebook)
    began, cpu = time.monotonic(), cpu_seconds_of_children()
    _nbgrader(folder, "autograde", NAME, "--create")
    seconds, cpu = time.monotonic() - began, cpu_seconds_of_children() - cpu
    scores: dict[str, dict[str, float]] = {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        for name in submissions:
            found = gradebook.find_submission_notebook("work", NAME, name)
            scores[name] = {grade.name: float(grade.score or 0) for grade in found.grades}
    return Graded(seconds, cpu, scores)


def _nbgrader(folder: Path, *words: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "HOME": str(folder), "PYTHONWARNINGS": "ignore"}
    argv = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"nbgrader {words[0]} failed:\n{done.stderr[-3000:]}")
