"""What must hold before an assignment may be released: points that sum, and nothing secret in what trainees get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nbformat.notebooknode import NotebookNode

from factory_academy.domain.course import Task
from factory_academy.errors import BadCourse

_SECRET_MARKS = ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME")
_SECRET_REGIONS = {"BEGIN SOLUTION": "END SOLUTION", "BEGIN HIDDEN TESTS": "END HIDDEN TESTS"}
_SHORTEST_SECRET = 12


def check_tasks(tasks: Sequence[Task], points: int | None, titles: Mapping[str, str], where: str) -> None:
    """Refuse points that do not sum to what was promised, and titles that fit no task.

    Raises:
        BadCourse: the message says what was expected and what was got.
    """
    total = sum(task.points for task in tasks)
    if points is not None and total != points:
        listed = ", ".join(f"{task.id} {task.points:g}" for task in tasks)
        raise BadCourse(
            f"{where}: the points of its graded cells sum to {total:g}, expected {points} ({listed}).",
            "Change the points of a cell, or `points` in assignment.toml.",
        )
    used = {task.title for task in tasks}
    for key, title in titles.items():
        if title not in used:
            raise BadCourse(
                f"{where}: [titles] names {key!r}, but no graded cell begins with it.",
                f"Expected the beginning of one of: {', '.join(task.id for task in tasks)}.",
            )


def refuse_leaks(source: NotebookNode, released: NotebookNode, where: str) -> None:
    """Refuse a release version that still holds a solution, a hidden test, a mark or an output.

    Raises:
        BadCourse: the message names the cell and what was found in it.
    """
    secrets = set(_secret_lines(source))
    for number, cell in enumerate(released.cells, start=1):
        found = next((mark for mark in _SECRET_MARKS if mark in cell.source), None)
        found = found or next((line for line in cell.source.splitlines() if line.strip() in secrets), None)
        if found is None and cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None):
            found = "an output"
        if found is not None:
            raise BadCourse(
                f"{where}, cell {number}: the release version would show {found.strip()!r}.",
                "Expected no solution, hidden test, mark scheme or output; check the BEGIN/END lines of that cell.",
            )


def _secret_lines(source: NotebookNode) -> Iterator[str]:
    """Lines inside solution and hidden regions that stand nowhere else, so that they may be looked for."""
    inside: set[str] = set()
    outside: set[str] = set()
    for cell in source.cells:
        end = None
        for line in cell.source.splitlines():
            begins = next((e for b, e in _SECRET_REGIONS.items() if b in line), None)
            if begins or (end and end in line):
                end = begins
            else:
                (inside if end else outside).add(line.strip())
    yield from (line for line in inside - outside if len(line) >= _SHORTEST_SECRET)
