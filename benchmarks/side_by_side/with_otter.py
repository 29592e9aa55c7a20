"""The same lab in Otter's format, and the same answers through ``otter run``, one command for each submission.

Otter lives in a virtual environment of its own, made here and thrown away, which looks into ours for the large
libraries.
"""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
import time
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from side_by_side.lab import ANSWERS, CHECKS, GIVEN, KERNEL, NAME, Check
from side_by_side.results import Graded, cpu_seconds_of_children

OTTER = "otter-grader==7.0.0"


def grade_with_otter(submissions: Mapping[str, bytes], folder: Path) -> Graded:
    """Seconds of wall and CPU for the batch, and the points by submission and question."""
    program = _install(folder / "environment")
    autograder = _assign(program, folder)
    scores: dict[str, dict[str, float]] = {}
    seconds = cpu = 0.0
    for name, notebook in submissions.items():
        work = folder / name
        work.mkdir()
        (work / f"{NAME}.ipynb").write_bytes(notebook)
        began, used = time.monotonic(), cpu_seconds_of_children()
        _run([*program, "run", "-a", str(autograder), "-o", str(work), f"{NAME}.ipynb"], work)
        seconds, cpu = seconds + time.monotonic() - began, cpu + cpu_seconds_of_children() - used
        scores[name] = _points(json.loads((work / "results.json").read_text()))
    return Graded(seconds, cpu, scores)


def _install(folder: Path) -> list[str]:
    """Otter's command. Its own packages come first, then what ours has installed (torch, scikit-learn)."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", OTTER], folder)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "after-our-own.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return [python, "-m", "otter"]


def _assign(program: list[str], folder: Path) -> Path:
    master = folder / f"{NAME}.ipynb"
    master.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": KERNEL, "cells": list(_numbered(_master()))})
    )
    _run([*program, "assign", "--no-run-tests", str(master), str(folder / "assigned")], folder)
    return next((folder / "assigned" / "autograder").glob("*.zip"))


def _master() -> Iterator[tuple[str, str]]:
    """The author's notebook: kind and source of each cell."""
    yield "raw", "# ASSIGNMENT CONFIG\ninit_cell: false\nexport_cell: false\ncheck_all_cell: false"
    yield "code", GIVEN
    for question, versions in ANSWERS.items():
        yield "raw", f"# BEGIN QUESTION\nname: {question}"
        yield "raw", "# BEGIN SOLUTION"
        yield "code", f"# BEGIN SOLUTION\n{versions[0]}# END SOLUTION"
        yield "raw", "# END SOLUTION"
        yield "raw", "# BEGIN TESTS"
        yield from (("code", cell) for one in CHECKS if one.after == question for cell in _tests(one))
        yield "raw", "# END TESTS"
        yield "raw", "# END QUESTION"


def _tests(one: Check) -> Iterator[str]:
    """Otter gives points by test case: a check of several lines becomes several cases."""
    sources = [f"assert {line}\n" for line in one.lines] or [one.source]
    for source in sources:
        hidden = "true" if one.hidden else "false"
        config = f"points: {one.points / len(sources):g}\nhidden: {hidden}"
        yield f'""" # BEGIN TEST CONFIG\n{config}\n""" # END TEST CONFIG\n{source}'


def _numbered(cells: Iterator[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    for number, (kind, source) in enumerate(cells):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source}
        yield cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def _points(results: Mapping[str, Any]) -> dict[str, float]:
    return {test["name"]: float(test["score"]) for test in results["tests"] if test["name"] in ANSWERS}


def _run(argv: list[str], folder: Path) -> None:
    search = f"{Path(argv[0]).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": search, "HOME": str(folder), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(argv[1:4])} failed:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
