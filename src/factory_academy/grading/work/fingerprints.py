"""What decides about a task, and what a trainee answered, each as one hash. Pure functions of bytes.

Equal hashes mean equal verdicts, for tests that judge only what they are given: so a score can be kept, and a
regrade tries only what differs. Texts for people (titles, hints) are in neither hash; nor are a notebook's outputs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Task, TaskKind
from factory_academy.errors import BadArchive, BadNotebook, TooLarge
from factory_academy.grading.intake import open_archive
from factory_academy.grading.judging.court import GIVEN
from factory_academy.grading.work import names
from factory_academy.grading.work.notebook import Notebook, read_notebook, without_solution
from factory_academy.grading.work.parts import find_notebook, is_allowed, released, tasks_of
from factory_academy.grading.work.plan import Plan, plan, take
from factory_academy.grading.work.selection import Tried, stands_on

FORMAT = 2
"""Raise it when the judge changes what a verdict depends on: nothing that was kept before is then believed."""

SEEDS = "by answers"
_IMPORTS_BY_NAME = re.compile(r"importlib|__import__|\bexec\b|\beval\b|runpy")
_SEES_MORE = re.compile(_IMPORTS_BY_NAME.pattern + r"|\bopen\b|read_|load|\bgrader\b|\bPath\b|glob")


def task_hashes(bundle: AssignmentBundle, environment: str) -> dict[str, str]:
    """By task id, the hash of all that can decide about it. ``environment`` is the digest of what is installed.

    Raises:
        BadNotebook: a source notebook of the bundle is none.
    """
    hashes: dict[str, str] = {}
    for name in bundle.notebooks:
        tasks = tasks_of(bundle, name)
        ours = read_notebook(bundle.files[f"source/{name}.ipynb"])
        planned = plan(ours, released(bundle, name), ours, tasks)
        shared = _digest(_shared(bundle, name, ours, planned, environment))
        own = _Own(bundle, planned)
        for task in tasks.values():
            about = _manual(ours, task) if task.kind is TaskKind.MANUAL else own.about(task.id)
            hashes[task.id] = _digest([shared, task.id, task.points, task.kind, about])
    return hashes


def answers_hash(bundle: AssignmentBundle, archive: bytes) -> str:
    """The hash of what a trainee's code and extra files bring to a run of this version; outputs do not count."""
    try:
        files = open_archive(archive)
    except (BadArchive, TooLarge):
        return _digest(["no archive", hashlib.sha256(archive).hexdigest()])
    extra = {path: _sha(data) for path, data in files.items() if is_allowed(bundle, path)}
    return _digest([[_answered(bundle, name, files) for name in bundle.notebooks], extra])


class _Own:
    """What is a task's own among all that decides in its notebook."""

    def __init__(self, bundle: AssignmentBundle, planned: Plan) -> None:
        self._bundle, self._planned = bundle, planned
        self._steps = {str(step["task_id"]): step for step in planned.steps if step["kind"] == "test"}
        self._tests = [Tried(i, str(step["source"]), bool(step["hidden"])) for i, step in self._steps.items()]
        self._contracts = _contracts(bundle)

    def about(self, task_id: str) -> Any:
        """Its test, those it stands on, their contracts, the author's names and modules they can reach."""
        if task_id not in self._steps:
            return None
        needed = stands_on(self._tests, task_id)
        sources = [str(self._steps[i]["source"]) for i in needed]
        given = [str(cell["source"]) for cell in self._planned.given]
        wanted = frozenset().union(*(names.needed(source) for source in (*sources, *given)))
        return {
            "tests": [[i, self._steps[i]["source"], self._contracts.get(i)] for i in needed],
            "after": [] if self._steps[task_id]["hidden"] else _runs_before(self._planned.steps, task_id),
            "imports": _of(self._planned.imports, wanted),
            "answer_imports": _of(self._planned.answer_imports, wanted),
            "answers": sorted(self._planned.answers & wanted),
            "grader": _grader_files(self._bundle, [*sources, *given]),
        }


def _shared(bundle: AssignmentBundle, name: str, ours: Notebook, planned: Plan, environment: str) -> Any:
    data = {path: _sha(content) for path, content in bundle.release_files().items() if not path.endswith(".ipynb")}
    before = released(bundle, name)
    texts = {cell.grade_id: cell.source for cell in (before.cells if before else ())}
    cells = [cell for cell in ours.cells if cell.grade_id and cell.role in ("answer", "manual", "given")]
    return {
        "format": FORMAT,
        "seeds": SEEDS,
        "environment": environment,
        "limits": asdict(bundle.limits),
        "extra_files": bundle.extra_files,
        "data": data,
        "given": [[cell["source"]] for cell in planned.given],
        "imports there": [step["source"] for step in planned.steps if step["kind"] == "run" and step["quiet"]],
        "cells": [[cell.role, cell.kind, cell.grade_id] for cell in cells],
        "stubs": [texts.get(c.grade_id, without_solution(c.source)) for c in cells if c.role != "given"],
        "given contract": _contracts(bundle).get(GIVEN),
        "hardened": bundle.is_hardened,
    }


def _manual(ours: Notebook, task: Task) -> Any:
    return [cell.source for cell in ours.cells if cell.grade_id and task.id.endswith(cell.grade_id)]


def _runs_before(steps: Sequence[Mapping[str, Any]], task_id: str) -> list[str]:
    place = next(n for n, step in enumerate(steps) if step["kind"] == "test" and step["task_id"] == task_id)
    marked = [step for step in steps[:place] if step["kind"] == "run" and not step["quiet"]]
    return [str(step["label"]) for step in marked if " " not in str(step["label"])]


def _contracts(bundle: AssignmentBundle) -> Mapping[str, Any]:
    data = json.loads(bundle.files.get("contract.json") or b"{}")
    found: Mapping[str, Any] = data.get("tests", {})
    return found


def _of(mapping: Mapping[str, str], wanted: frozenset[str]) -> dict[str, str]:
    return {name: statement for name, statement in mapping.items() if name in wanted}


def _grader_files(bundle: AssignmentBundle, sources: Sequence[str]) -> dict[str, str]:
    """The hidden files that these cells can reach: the modules that they import, at any depth, and then all data."""
    files = {path: _sha(data) for path, data in bundle.files.items() if path.startswith("grader/")}
    if any(map(_SEES_MORE.search, sources)):
        return files
    texts = {path: bundle.files[path].decode("utf-8", "replace") for path in files if path.endswith(".py")}
    reached: set[str] = set()
    waiting = list(sources)
    while waiting:
        tops = {name.partition(".")[0] for name in names.imported_modules(waiting.pop())}
        found = {path for path in texts if path.split("/")[1].removesuffix(".py") in tops} - reached
        reached |= found
        waiting += [texts[path] for path in found]
    if any(_IMPORTS_BY_NAME.search(texts[path]) for path in reached):
        return files
    return {path: digest for path, digest in files.items() if reached and (path in reached or path not in texts)}


def _answered(bundle: AssignmentBundle, name: str, files: Mapping[str, bytes]) -> Any:
    path = find_notebook(files, name)
    if path is None:
        return "missing"
    try:
        theirs = read_notebook(files[path])
    except BadNotebook:
        return ["unreadable", _sha(files[path])]
    ours = read_notebook(bundle.files[f"source/{name}.ipynb"])
    taken = take(ours, released(bundle, name), theirs, tasks_of(bundle, name))
    steps = [step["source"] if step["kind"] == "run" else [step["task_id"]] for step in taken.steps]
    untouched = [[manual.task.id, manual.untouched] for manual in taken.manual]
    return [steps, dict(taken.sources), untouched]


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
