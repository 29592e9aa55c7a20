"""Any nbgrader course folder, read as a course of ours.

Nothing in it is executed, save notebooks with AUTOTEST lines, as `nbgrader generate_assignment` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode

from factory_academy.curriculum.bundling.assignment import AssignmentSource, build_assignment, is_private
from factory_academy.curriculum.bundling.notebooks import read_notebook
from factory_academy.curriculum.catalogue import Reading, as_assignment
from factory_academy.curriculum.naming import (
    assignment_name,
    course_id,
    file_bytes,
    refuse_outside,
    refuse_same_names,
)
from factory_academy.curriculum.nbgrader_config import (
    Config,
    is_ignored,
    kept_files,
    limits_of,
    read_config,
    templates_file,
)
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Course
from factory_academy.errors import BadCourse

_RULES = ("InstantiateTests", "ClearSolutions", "ClearHiddenTests", "ClearMarkScheme", "LockCells")


def import_course(path: Path) -> Reading:
    """The course in an nbgrader folder: ``source/<assignment>/*.ipynb``, with ``nbgrader_config.py`` or without.

    Header, footer and delimiters of the config are honoured; files beside the notebooks are released with them;
    cell metadata of older versions are brought up to date.

    Raises:
        BadCourse: the folder is no course, or a notebook in it is broken; the message names what was expected.
    """
    config = read_config(path / "nbgrader_config.py")
    folder = config.get("CourseDirectory", {})
    source = path / _text(folder.get("source_directory"), "source")
    if not source.is_dir():
        raise BadCourse(
            f"{path} is not an nbgrader course: expected a folder {source.name}/<assignment>/ with notebooks, "
            f"got {_what_is(path)}.",
            "Give the folder that holds source/, e.g. the one that `nbgrader quickstart` makes.",
        )
    refuse_outside(source, path)
    title = _text(folder.get("course_id"), "") or path.resolve().name
    course = course_id(title)
    bundles = tuple(_import(one, course, path, config) for one in sorted(source.iterdir()) if _has_notebooks(one))
    if not bundles:
        raise BadCourse(
            f"{source} holds no assignment: expected <assignment>/<notebook>.ipynb in it, got {_what_is(source)}.",
            "Put each assignment's notebooks into a folder of its own.",
        )
    refuse_same_names(bundles, str(source))
    return Course(course, title, assignments=tuple(map(as_assignment, bundles))), bundles


def _import(folder: Path, course: str, root: Path, config: Config) -> AssignmentBundle:
    around = config.get("IncludeHeaderFooter", {})
    templates = templates_file(config)
    header = _cells_of(root, around.get("header"), "header")
    footer = _cells_of(root, around.get("footer"), "footer")
    paths = sorted(folder.glob("*.ipynb"))
    for one in paths:
        refuse_outside(one, root)
    notebooks = {path.stem: _framed(read_notebook(path), header, footer) for path in paths}
    return build_assignment(
        AssignmentSource(
            where=str(folder),
            course_id=course,
            name=assignment_name(folder.name, str(folder)),
            title=folder.name,
            notebooks=notebooks,
            files=dict(_files(folder, config)),
            limits=limits_of(config),
            extra_files=("*", *kept_files(config, folder.name)),
            options={rule: config[rule] for rule in _RULES if rule in config},
            templates={templates: (root / templates).read_bytes()} if (root / templates).is_file() else {},
        )
    )


def _framed(notebook: NotebookNode, header: list[NotebookNode], footer: list[NotebookNode]) -> NotebookNode:
    """The notebook between the course's header and footer, with cell ids that stay unique."""
    taken = {cell.id for cell in notebook.cells}
    for place, cells in (("header", header), ("footer", footer)):
        for number, cell in enumerate(cells, start=1):
            if cell.id in taken:
                cell["id"] = f"{place}-{number}"
            taken.add(cell.id)
    notebook.cells = [*header, *notebook.cells, *footer]
    return notebook


def _cells_of(root: Path, name: Any, place: str) -> list[NotebookNode]:
    if not isinstance(name, str) or not name:
        return []
    path = root / name
    if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        raise BadCourse(
            f"nbgrader_config.py names the {place} {name!r}, but {path} is not a file of the course.",
            "Mend the path, relative to the course folder, or remove the line.",
        )
    return list(read_notebook(path).cells)


def _files(folder: Path, config: Config) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_notebook = path.parent == folder and path.suffix == ".ipynb"
        if (
            path.is_file()
            and not path.is_symlink()
            and not is_notebook
            and not (is_private(name) or is_ignored(name, config))
        ):
            yield name, file_bytes(path)


def _has_notebooks(folder: Path) -> bool:
    return folder.is_dir() and not folder.name.startswith(".") and any(folder.glob("*.ipynb"))


def _text(value: Any, default: str) -> str:
    return value if isinstance(value, str) and value else default


def _what_is(path: Path) -> str:
    if not path.exists():
        return "nothing: there is no such folder"
    if not path.is_dir():
        return "a file"
    names = sorted(p.name for p in path.iterdir())
    return ", ".join(names[:8]) if names else "an empty folder"
