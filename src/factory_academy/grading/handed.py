"""What was handed in, for the eyes of whoever marks it: text by task. Nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.grading.intake import open_archive
from factory_academy.grading.work.matching import match
from factory_academy.grading.work.notebook import Cell, Notebook, read_notebook, without_solution
from factory_academy.grading.work.parts import find_notebook, released, tasks_of

MAX_ANSWER = 100_000


def answers_of(bundle: AssignmentBundle, archive: bytes) -> Mapping[str, str]:
    """By task, the text of the cells that answer it, cut at 100,000 characters; tasks with nothing are absent.

    A manual task is answered by its own cell, a task cell by what the trainee put after it, and tests in a row by the
    answer cells since the tests before them.

    Raises:
        BadArchive, TooLarge: what was handed in is no archive that is taken.
        BadNotebook: a notebook in it cannot be read.
    """
    files = open_archive(archive)
    found: dict[str, str] = {}
    for name in bundle.notebooks:
        path = find_notebook(files, name)
        if path is not None:
            tasks = tasks_of(bundle, name)
            ours = read_notebook(bundle.files[f"source/{name}.ipynb"])
            texts = _texts(ours, released(bundle, name), read_notebook(files[path]))
            found |= {tasks[grade_id].id: text[:MAX_ANSWER] for grade_id, text in texts if grade_id in tasks and text}
    return found


def _texts(ours: Notebook, given: Notebook | None, theirs: Notebook) -> Iterator[tuple[str, str]]:
    wanted = [c for c in ours.cells if c.grade_id and c.role in ("answer", "manual") and not c.is_task]
    stubs = {c.grade_id: without_solution(c.source) for c in ours.cells if c.grade_id}
    stubs |= {c.grade_id: c.source for c in (given.cells if given else ()) if c.grade_id}
    matched = match(wanted, frozenset(c.grade_id for c in ours.cells if c.grade_id), stubs, theirs.cells)
    since: list[str] = []
    was_tested = False
    for cell in ours.cells:
        text = "\n\n".join(theirs.cells[place].source for place in matched.answers.get(cell.grade_id, ()))
        if cell.is_task:
            yield cell.grade_id, _after(cell, theirs, matched.taken)
        elif cell.role == "manual":
            yield cell.grade_id, text
        elif cell.role == "test":
            yield cell.grade_id, "\n\n".join(since)
            was_tested = True
        elif text:
            since = [text] if was_tested else [*since, text]
            was_tested = False


def _after(task: Cell, theirs: Notebook, taken: frozenset[int]) -> str:
    """The trainee's own cells from a task cell to the next cell that is ours."""
    places = [place for place, cell in enumerate(theirs.cells) if cell.grade_id == task.grade_id]
    own: list[str] = []
    for place in range(places[0] + 1, len(theirs.cells)) if places else ():
        if place in taken:
            break
        own.append(theirs.cells[place].source)
    return "\n\n".join(own)
