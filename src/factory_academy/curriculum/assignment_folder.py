"""One assignment folder of ours: the notebook, ``assignment.toml``, ``grader/``, ``hints.toml`` and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from factory_academy.curriculum.allowances import check_allowances, read_allowances
from factory_academy.curriculum.bundling.assignment import AssignmentSource, build_assignment, is_private
from factory_academy.curriculum.bundling.notebooks import read_notebook
from factory_academy.curriculum.bundling.variants import Variant, read_variant
from factory_academy.curriculum.data import Dataset, data_files
from factory_academy.curriculum.examination.examine import examined
from factory_academy.curriculum.tables import Table, read_table
from factory_academy.domain.bundle import AssignmentBundle, GradingLimits
from factory_academy.errors import BadCourse

_OURS = ("assignment.toml", "hints.toml", "grader", "mutants", "i18n")
_HINT_LEVELS = 3


def read_assignment(folder: Path, course_id: str, register: Mapping[str, Dataset]) -> AssignmentBundle:
    """The built bundle of an assignment folder.

    Raises:
        BadCourse: something in the folder cannot be understood; the message names file, expected and got.
    """
    table = read_table(folder / "assignment.toml")
    table.text("id")
    _facts(table)
    data = table.texts("data", ())
    unprotected = table.texts("unprotected", ())
    attempts = _attempts(table.table("attempts"))
    table.table("deadline")
    source = AssignmentSource(
        where=str(folder),
        course_id=course_id,
        name=folder.name,
        title=table.text("title"),
        notebooks=_notebooks(folder),
        files={**_files(folder), **data_files(data, register, table.where)},
        grader=_tree(folder / "grader"),
        references=_references(folder),
        hints=_hints(folder / "hints.toml"),
        titles=_titles(table),
        limits=_limits(table.table("limits")),
        extra_files=table.texts("extra_files", ()),
        preload=table.texts("preload", ()),
        points=table.whole("points"),
        allowances=read_allowances(table),
    )
    table.finish()
    try:
        bundle = build_assignment(source)
    except ValueError as error:
        raise BadCourse(f"{folder}: {error}", "Mend the value it names.") from error
    check_allowances(source.allowances, bundle, table.where)
    limited = replace(bundle, attempts_per_hour=attempts)
    return examined(_marked(limited, unprotected, table.where), strict=True)


def _marked(bundle: AssignmentBundle, unprotected: Sequence[str], where: str) -> AssignmentBundle:
    """The bundle with these tasks marked as ones whose points do not certify."""
    unknown = [name for name in unprotected if name not in {task.id for task in bundle.tasks}]
    if unknown:
        raise BadCourse(
            f"{where}: unprotected names {unknown[0]!r}, which is no graded cell.",
            f"Expected some of: {', '.join(task.id for task in bundle.tasks)}.",
        )
    tasks = tuple(replace(task, protected=task.id not in unprotected) for task in bundle.tasks)
    return replace(bundle, tasks=tasks)


def _facts(table: Table) -> None:
    """What people read about an assignment; it is checked here and does not change what is graded."""
    table.number("hours")
    table.whole("eqf_level")
    table.text("licence")
    table.texts("outcomes")
    table.pairs("skills")


def _titles(table: Table) -> dict[str, str]:
    titles = table.table("titles")
    return {key: str(title) for key, title in titles.rest().items()} if titles else {}


def _limits(table: Table | None) -> GradingLimits:
    usual = GradingLimits()
    if table is None:
        return usual
    limits = GradingLimits(
        cell_seconds=table.number("cell_seconds", usual.cell_seconds) or usual.cell_seconds,
        total_seconds=table.number("max_seconds", usual.total_seconds) or usual.total_seconds,
        memory_bytes=(table.whole("memory_mib", usual.memory_bytes >> 20) or 1) << 20,
        processes=table.whole("processes", usual.processes) or usual.processes,
    )
    table.finish()
    return limits


def _attempts(table: Table | None) -> int | None:
    """How many submissions a trainee may hand in within an hour; None sets no limit."""
    if table is None:
        return None
    per_hour = table.whole("per_hour")
    table.finish()
    if per_hour is not None and per_hour < 1:
        raise BadCourse(f"{table.where}: per_hour must be at least 1, got {per_hour}.", "Leave it out for no limit.")
    return per_hour


def _notebooks(folder: Path) -> dict[str, NotebookNode]:
    percent = folder / f"{folder.name}.py"
    sources = [percent] if percent.exists() else sorted(folder.glob("*.ipynb"))
    if not sources:
        raise BadCourse(f"{folder} holds no notebook.", f"Expected {percent.name} or a file that ends in .ipynb.")
    return {path.stem: read_notebook(path) for path in sources}


def _references(folder: Path) -> tuple[Variant, ...]:
    """Further right solutions: reference2.py, reference3.py and so on."""
    return tuple(read_variant(path) for path in sorted(folder.glob("reference*.py")) if _is_reference(path.name))


def _is_reference(name: str) -> bool:
    number = name.removeprefix("reference").removesuffix(".py")
    return name.startswith("reference") and name.endswith(".py") and number.isdecimal()


def _files(folder: Path) -> dict[str, bytes]:
    """What is released as it is: everything beside the notebook that is not part of our own format."""
    return {
        path: data
        for path, data in _tree(folder).items()
        if not (path.split("/")[0] in _OURS or _is_reference(path))
        and path != f"{folder.name}.py"
        and not path.endswith(".ipynb")
    }


def _tree(folder: Path) -> dict[str, bytes]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    by_name = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: path.read_bytes() for name, path in by_name.items() if not is_private(name)}


def _hints(path: Path) -> dict[str, tuple[str, ...]]:
    if not path.exists():
        return {}
    table = read_table(path)
    hints: dict[str, tuple[str, ...]] = {}
    for code, values in table.rest().items():
        entry = Table(f"{path} [{code}]", values if isinstance(values, dict) else {})
        entry.text("title")
        hints[code] = entry.texts("levels")
        entry.finish()
        if len(hints[code]) != _HINT_LEVELS:
            got = len(hints[code])
            raise BadCourse(f"{path} [{code}]: expected {_HINT_LEVELS} hint levels, got {got}.", "Add or merge hints.")
    return hints
