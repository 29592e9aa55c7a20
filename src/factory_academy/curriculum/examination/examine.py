"""Examines every automatically graded cell of an assignment."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from factory_academy.curriculum.examination.origins import Scope, answered
from factory_academy.curriculum.examination.rules import RULES, Finding, Report
from factory_academy.curriculum.examination.tracing import Tracer
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.errors import BadCourse

_VERDICTS = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__"})


def examine(bundle: AssignmentBundle) -> tuple[Report, ...]:
    """One report for each graded cell that a test decides; with the contract, what the reference did counts too."""
    contracts = json.loads(bundle.files["contract.json"])["tests"] if bundle.is_hardened else {}
    several = len(bundle.notebooks) > 1
    return tuple(
        _with_contract(report, contracts.get(report.task_id, {}), uses_given)
        for name in bundle.notebooks
        for report, uses_given in _notebook(bundle, name, f"{name}/" if several else "")
    )


def examined(bundle: AssignmentBundle, strict: bool) -> AssignmentBundle:
    """The bundle with each cell that a trainee's code could answer for itself marked as not protected.

    ``strict``: refuse such a cell unless it is marked already (assignment.toml names it).

    Raises:
        BadCourse: the message names each cell, why, and what to write instead.
    """
    reports = {report.task_id: report for report in examine(bundle) if report.findings}
    refused = [reports[task.id] for task in bundle.tasks if task.protected and task.id in reports]
    if strict and refused:
        words = " ".join(f"{report.task_id}: {'; '.join(map(str, report.findings))}" for report in refused)
        raise BadCourse(
            f"{bundle.course_id}/{bundle.name}: the trainee's code would give the verdict. {words}",
            "Rewrite these cells, or name them in `unprotected = […]` of assignment.toml: "
            "then they run and show a badge, and their points do not certify.",
        )
    tasks = tuple(replace(task, protected=task.protected and task.id not in reports) for task in bundle.tasks)
    return replace(bundle, tasks=tasks)


def _notebook(bundle: AssignmentBundle, name: str, prefix: str) -> Iterator[tuple[Report, bool]]:
    scope, given = Scope(modules=_modules(bundle.files)), set[str]()
    for cell in json.loads(bundle.files[f"source/{name}.ipynb"])["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        tree = _tree(_source(cell)) if cell["cell_type"] == "code" else ast.Module([], [])
        if marks.get("solution"):
            answered(scope, tree or ast.Module([], []))
        elif marks.get("grade") and cell["cell_type"] == "code":
            scored = not _source(cell).rstrip().endswith(";")
            yield _report(prefix + str(marks["grade_id"]), tree, scope, scored), _reads(tree, given)
        elif tree is not None:
            Tracer(scope).block(tree.body)
            given |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def _report(task_id: str, tree: ast.Module | None, scope: Scope, scored: bool) -> Report:
    if tree is None:
        return Report(task_id, (Finding(RULES["unreadable"]),))
    tracer = Tracer(scope)
    tracer.cell(tree, scored)
    nothing = [] if tracer.checks or tracer.findings else [Finding(RULES["nothing"])]
    return Report(task_id, (*tracer.findings.values(), *nothing))


def _with_contract(report: Report, contract: Mapping[str, Any], uses_given: bool) -> Report:
    codes = {finding.rule.code for finding in report.findings}
    more = []
    if uses_given and contract.get("given") is False:
        more.append(Finding(RULES["given"]))
    asked = {name for names in contract.get("operators", {}).values() for name in names}
    if asked & _VERDICTS and "equality" not in codes:
        more.append(Finding(RULES["equality"]))
    return replace(report, findings=(*report.findings, *more))


def _modules(files: Mapping[str, bytes]) -> dict[str, Scope]:
    """Functions of the grader modules, by the names under which a cell may import them."""
    trees = {path: _tree(data.decode("utf-8", "replace")) for path, data in files.items() if _is_grader(path)}
    scopes = {path: Scope() for path in trees}
    known: dict[str, Scope] = {}
    for path, scope in scopes.items():
        dotted = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        known |= {f"file:{dotted}": scope, f"file:{dotted.removeprefix('grader.')}": scope}
    for path, tree in trees.items():
        scopes[path].modules = known
        Tracer(scopes[path], path).block(tree.body if tree else [])
    return known


def _is_grader(path: str) -> bool:
    return path.startswith("grader/") and path.endswith(".py")


def _reads(tree: ast.Module | None, names: set[str]) -> bool:
    return any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(tree or ast.Module([], [])))


def _source(cell: Mapping[str, Any]) -> str:
    source: str | Sequence[str] = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _tree(source: str) -> ast.Module | None:
    transform: Callable[[str], str] = TransformerManager().transform_cell  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(transform(source))
    except (SyntaxError, ValueError, RecursionError):
        return None
