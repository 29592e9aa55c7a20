"""One assignment, from what its author wrote to the immutable bundle that is released and graded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from nbformat.notebooknode import NotebookNode

from factory_academy.curriculum.autotests.written_out import TEMPLATES, write_out_tests
from factory_academy.curriculum.bundling.gates import check_tasks, refuse_leaks
from factory_academy.curriculum.bundling.notebooks import grade_id, notebook_bytes
from factory_academy.curriculum.bundling.release import Options, release_notebook
from factory_academy.curriculum.bundling.variants import Variant, answered
from factory_academy.domain.allowance import Allowance, allowances_to_bytes
from factory_academy.domain.bundle import AssignmentBundle, GradingLimits
from factory_academy.domain.course import Task, TaskKind

HIDDEN_TESTS = "BEGIN HIDDEN TESTS"


@dataclass(frozen=True, slots=True)
class AssignmentSource:
    """An assignment as its author wrote it.

    ``where`` is the folder, for messages. ``files`` go to trainees as they are; ``grader`` is seen by the judge alone;
    ``references`` are right solutions besides the one in the notebooks; ``titles`` gives a title for each task, by
    grade_id or by its beginning up to a ``-``; ``points`` is the promised total, None where nothing is promised;
    ``options`` are nbgrader's own, for the release rules; ``templates`` lie beside the notebooks while AUTOTEST lines
    are written out, and are not released; ``cleared`` are notebooks as trainees shall get them, where their author has
    written other prompts than nbgrader's rules would leave; ``allowances`` widen what the references were seen to do.
    """

    where: str
    course_id: str
    name: str
    title: str
    notebooks: Mapping[str, NotebookNode]
    files: Mapping[str, bytes] = field(default_factory=dict)
    grader: Mapping[str, bytes] = field(default_factory=dict)
    references: tuple[Variant, ...] = ()
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    limits: GradingLimits = field(default_factory=GradingLimits)
    extra_files: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    points: int | None = None
    options: Options = field(default_factory=dict)
    templates: Mapping[str, bytes] = field(default_factory=dict)
    cleared: Mapping[str, NotebookNode] = field(default_factory=dict)
    allowances: tuple[Allowance, ...] = ()


def build_assignment(source: AssignmentSource) -> AssignmentBundle:
    """The bundle of an assignment; the same source always gives the same bytes.

    Where a notebook has AUTOTEST lines, its author's code is run to write them out; else nothing is executed.

    Raises:
        BadCourse: the points do not sum, a title names no task, or nbgrader's rules cannot make the release version.
    """
    beside, rules = {**source.templates, **source.files}, source.options.get("InstantiateTests")
    source = replace(source, notebooks=write_out_tests(source.notebooks, source.where, beside, rules))
    files: dict[str, bytes] = {}
    for name, notebook in sorted(source.notebooks.items()):
        where = f"{source.where}/{name}"
        shown = source.cleared.get(name, notebook)
        released = release_notebook(shown, where, source.options, is_cleared=name in source.cleared)
        refuse_leaks(notebook, released, where)
        files[f"source/{name}.ipynb"] = notebook_bytes(notebook)
        files[f"release/{name}.ipynb"] = notebook_bytes(released)
    for reference in source.references:
        for name, notebook in answered(source.notebooks, reference).items():
            files[f"references/{reference.name}/{name}.ipynb"] = notebook_bytes(notebook)
    files.update({f"release/{path}": data for path, data in source.files.items() if path != TEMPLATES})
    files.update({f"grader/{path}": data for path, data in source.grader.items()})
    if source.hints:
        hints = {code: list(levels) for code, levels in source.hints.items()}
        files["hints.json"] = (json.dumps(hints, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()
    if source.allowances:
        files["allow.json"] = allowances_to_bytes(source.allowances)
    tasks = tuple(_tasks(source))
    check_tasks(tasks, source.points, source.titles, source.where)
    return AssignmentBundle(
        course_id=source.course_id,
        name=source.name,
        title=source.title,
        tasks=tasks,
        files=files,
        limits=source.limits,
        extra_files=source.extra_files,
        preload=source.preload,
    )


def is_private(path: str) -> bool:
    """Whether a file beside a source notebook is a by-product or a hidden file that no trainee should get."""
    parts = PurePosixPath(path).parts
    return any(part.startswith(".") or part == "__pycache__" for part in parts) or path.endswith((".pyc", "~"))


def _tasks(source: AssignmentSource) -> Iterator[Task]:
    hidden = str(source.options.get("ClearHiddenTests", {}).get("begin_test_delimeter", HIDDEN_TESTS))
    for name, notebook in sorted(source.notebooks.items()):
        prefix = f"{name}/" if len(source.notebooks) > 1 else ""
        for cell in notebook.cells:
            meta = cell.metadata.get("nbgrader", {})
            if meta.get("grade") or meta.get("task"):
                kind = _kind(cell, hidden)
                yield Task(prefix + grade_id(cell), float(meta["points"]), kind, _title(grade_id(cell), source.titles))


def _kind(cell: NotebookNode, hidden: str) -> TaskKind:
    meta = cell.metadata.nbgrader
    if meta.get("task") or meta["solution"] or cell.cell_type != "code":
        return TaskKind.MANUAL
    if hidden in cell.source or grade_id(cell).endswith("-hidden"):
        return TaskKind.HIDDEN
    return TaskKind.VISIBLE


def _title(name: str, titles: Mapping[str, str]) -> str:
    while name:
        if name in titles:
            return titles[name]
        name = name.rpartition("-")[0]
    return ""
