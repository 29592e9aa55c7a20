"""Otter sources on disk, as a course of ours: one assignment for each source notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from factory_academy.curriculum.bundling.assignment import AssignmentSource, build_assignment
from factory_academy.curriculum.bundling.notebooks import read_notebook
from factory_academy.curriculum.catalogue import Reading, as_assignment
from factory_academy.curriculum.naming import assignment_name, course_id, file_bytes, refuse_same_names
from factory_academy.curriculum.otter.converting import Converted, convert
from factory_academy.curriculum.otter.marks import looks_like_otter
from factory_academy.curriculum.otter.report import Report
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Course
from factory_academy.errors import BadCourse

_MADE_BY_OTTER = frozenset({"dist", "autograder", "student", ".ipynb_checkpoints"})
_OTHER_LANGUAGES = (".rmd", ".qmd")


def is_otter(path: Path) -> bool:
    """Whether a notebook, or some notebook below a folder, is a source of `otter assign`; broken ones are none."""
    return any(_reads_as_otter(one) for one in _notebooks(path))


def import_otter(path: Path, course: str = "") -> tuple[Reading, tuple[Report, ...]]:
    """The course of an Otter source, or of all that lie below a folder, and what could not be carried over.

    ``course`` is its title; that of the folder if empty. Nothing is executed.

    Raises:
        BadCourse: there is none, or one is broken; the message names the notebook and the cell.
    """
    found = [(one, read_notebook(one, keep_outputs=True)) for one in _notebooks(path)]
    sources = [(one, notebook) for one, notebook in found if looks_like_otter(notebook)]
    if not sources:
        raise BadCourse(
            f"{path} holds no source of `otter assign`: expected a notebook with a raw cell that begins with "
            f"`# ASSIGNMENT CONFIG` or `# BEGIN QUESTION`, got {_what_is(path, found)}.",
            "Give the source notebook, not a version that `otter assign` made of it.",
        )
    title = course or (path if path.is_dir() else path.parent).resolve().name
    name = course_id(title)
    made = [(one, convert(notebook, str(one))) for one, notebook in sources]
    bundles = tuple(_bundle(one, converted, name) for one, converted in made)
    refuse_same_names(bundles, str(path))
    reading = Course(name, title, assignments=tuple(map(as_assignment, bundles))), bundles
    return reading, tuple(converted.report for _, converted in made)


def _bundle(path: Path, converted: Converted, course: str) -> AssignmentBundle:
    settings, folder = converted.settings, path.parent
    files = dict(_files(folder, settings.files, path))
    for name in settings.grader_files:
        converted.report.add("autograder_files", f"{name} lies in grader/ for the tests; name it grader/{name} in them")
    return build_assignment(
        AssignmentSource(
            where=str(folder),
            course_id=course,
            name=assignment_name(path.stem, str(path)),
            title=settings.title or path.stem,
            notebooks={path.stem: converted.source},
            cleared={path.stem: converted.released},
            files=files,
            grader=dict(_files(folder, settings.grader_files, path)),
            titles=converted.titles,
            extra_files=settings.handed_in,
        )
    )


def _files(folder: Path, names: Sequence[str], source: Path) -> Iterator[tuple[str, bytes]]:
    """The named files and folders beside a source; names may hold ``*``."""
    root = folder.resolve()
    for name in names:
        found = sorted(folder.glob(name)) if not Path(name).is_absolute() and ".." not in Path(name).parts else []
        paths = [one for path in found for one in (sorted(path.rglob("*")) if path.is_dir() else [path])]
        inside = [path for path in paths if path.is_file() and path.resolve().is_relative_to(root)]
        if not inside:
            raise BadCourse(
                f"{source}: its settings name the file {name!r}, which is not beside it.",
                "Expected a path to a file in the folder of the notebook or below; mend it, or remove the line.",
            )
        yield from ((path.relative_to(folder).as_posix(), file_bytes(path)) for path in inside)


def _notebooks(path: Path) -> list[Path]:
    if path.is_dir():
        below = (one.relative_to(path).parts for one in sorted(path.rglob("*.ipynb")))
        return [path.joinpath(*parts) for parts in below if not _MADE_BY_OTTER & set(parts[:-1])]
    if path.suffix.lower() in _OTHER_LANGUAGES:
        raise BadCourse(f"{path} is R Markdown or Quarto.", "Expected a notebook (.ipynb) for Python.")
    if not path.is_file():
        raise BadCourse(f"{path}: there is no such file or folder.", "Give a source notebook, or a folder of them.")
    return [path]


def _reads_as_otter(path: Path) -> bool:
    try:
        return looks_like_otter(read_notebook(path))
    except BadCourse:
        return False


def _what_is(path: Path, found: list[tuple[Path, NotebookNode]]) -> str:
    if not found:
        return "no notebook at all"
    if any("otter" in notebook.metadata or _has_checks(notebook) for _, notebook in found):
        return "a version that `otter assign` made"
    return f"{found[0][0].name} without them"


def _has_checks(notebook: NotebookNode) -> bool:
    return any(cell.cell_type == "code" and "grader.check(" in cell.source for cell in notebook.cells)
