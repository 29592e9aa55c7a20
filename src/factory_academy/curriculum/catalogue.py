"""Courses as our own authors write them: a folder each, with ``course.toml`` and ``source/<assignment>/``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from factory_academy.curriculum.build import AssignmentSource, build_assignment, is_private
from factory_academy.curriculum.data import Dataset, data_files, read_register
from factory_academy.curriculum.notebooks import read_notebook
from factory_academy.curriculum.tables import Table, read_table
from factory_academy.curriculum.variants import Variant, read_variant
from factory_academy.domain.bundle import AssignmentBundle, GradingLimits
from factory_academy.domain.course import Assignment, CertificateRule, Course
from factory_academy.errors import BadCourse

_OURS = ("assignment.toml", "hints.toml", "reference2.py", "grader", "mutants", "i18n")
_HINT_LEVELS = 3

Reading = tuple[Course, tuple[AssignmentBundle, ...]]


def read_catalogue(courses: Path) -> tuple[Reading, ...]:
    """Every course of the folder, by id; folders without ``course.toml`` are passed over.

    Raises:
        BadCourse: one of them cannot be read, or a grade_id is used by two assignments of the catalogue.
    """
    readings = tuple(read_course(file.parent) for file in sorted(courses.glob("*/course.toml")))
    owner: dict[str, str] = {}
    for _, bundles in readings:
        for bundle in bundles:
            mine = f"{bundle.course_id}/{bundle.name}"
            for task in bundle.tasks:
                if owner.setdefault(task.id, mine) != mine:
                    raise BadCourse(
                        f"{mine}: the grade_id {task.id!r} is used by {owner[task.id]} too.", "Rename one of them."
                    )
    return readings


def read_course(folder: Path) -> Reading:
    """A course of ours and its assignments, built.

    Raises:
        BadCourse: something in the folder cannot be understood; the message names file, expected and got.
    """
    table = read_table(folder / "course.toml")
    course_id = table.text("id")
    title, summary = table.text("title"), table.text("summary")
    component = table.text("component", "")
    names = table.texts("assignments")
    certificate = _certificate(table.table("certificate"), names)
    table.finish()
    if course_id != folder.name:
        raise BadCourse(f"{table.where}: id is {course_id!r}, expected the folder's name {folder.name!r}.", "Mend one.")
    if len(set(names)) != len(names):
        raise BadCourse(f"{table.where}: an assignment is listed twice: {', '.join(names)}.", "List each once.")
    register = read_register(folder.parent / "DATA.toml")
    bundles = tuple(_build(folder / "source" / name, course_id, register) for name in names)
    try:
        course = Course(course_id, title, summary, component, tuple(map(as_assignment, bundles)), certificate)
    except ValueError as error:
        raise BadCourse(f"{table.where}: {error}", "Mend the value it names.") from error
    return course, bundles


def as_assignment(bundle: AssignmentBundle) -> Assignment:
    """The assignment of a bundle as built, before its reference ran."""
    return Assignment(
        course_id=bundle.course_id,
        name=bundle.name,
        title=bundle.title,
        tasks=bundle.tasks,
        version=bundle.version,
        source_version=bundle.version,
        hardened=bundle.is_hardened,
        max_seconds=int(bundle.limits.total_seconds),
    )


def _certificate(table: Table | None, assignments: tuple[str, ...]) -> CertificateRule | None:
    if table is None:
        return None
    named = table.texts("assignments", assignments)
    unknown = [name for name in named if name not in assignments]
    if unknown:
        raise BadCourse(
            f"{table.where}: assignments names {unknown[0]!r}, which the course does not have.",
            f"Expected some of: {', '.join(assignments)}.",
        )
    try:
        rule = CertificateRule(
            title=table.text("title"),
            pass_fraction=table.number("pass_fraction", 0.7) or 0.0,
            assignments=named,
            eqf_level=table.whole("eqf_level", None),
            hours=table.number("hours", None),
            outcomes=table.texts("outcomes", ()),
            skills=table.pairs("skills"),
        )
    except ValueError as error:
        raise BadCourse(f"{table.where}: {error}", "Mend the value it names.") from error
    table.finish()
    return rule


def _build(folder: Path, course_id: str, register: Mapping[str, Dataset]) -> AssignmentBundle:
    table = read_table(folder / "assignment.toml")
    table.text("id")
    _facts(table)
    data = table.texts("data", ())
    source = AssignmentSource(
        where=str(folder),
        course_id=course_id,
        name=folder.name,
        title=table.text("title"),
        notebooks=_notebooks(folder),
        files={**_files(folder), **data_files(data, register, table.where)},
        grader=_tree(folder / "grader"),
        references=_references(folder / "reference2.py"),
        hints=_hints(folder / "hints.toml"),
        titles=_titles(table),
        limits=_limits(table.table("limits")),
        extra_files=table.texts("extra_files", ()),
        preload=table.texts("preload", ()),
        points=table.whole("points"),
    )
    table.finish()
    try:
        return build_assignment(source)
    except ValueError as error:
        raise BadCourse(f"{folder}: {error}", "Mend the value it names.") from error


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


def _notebooks(folder: Path) -> dict[str, NotebookNode]:
    percent = folder / f"{folder.name}.py"
    sources = [percent] if percent.exists() else sorted(folder.glob("*.ipynb"))
    if not sources:
        raise BadCourse(f"{folder} holds no notebook.", f"Expected {percent.name} or a file that ends in .ipynb.")
    return {path.stem: read_notebook(path) for path in sources}


def _references(path: Path) -> tuple[Variant, ...]:
    return (read_variant(path),) if path.exists() else ()


def _files(folder: Path) -> dict[str, bytes]:
    """What is released as it is: everything beside the notebook that is not part of our own format."""
    return {
        path: data
        for path, data in _tree(folder).items()
        if path.split("/")[0] not in _OURS and path != f"{folder.name}.py" and not path.endswith(".ipynb")
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
