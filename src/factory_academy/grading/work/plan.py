"""From our notebook and the submitted one to what is run and tried, in order. Pure: text in, plan out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from factory_academy.domain.course import Task, TaskKind
from factory_academy.grading.work import names
from factory_academy.grading.work.matching import Matched, match
from factory_academy.grading.work.notebook import Cell, Notebook, without_hidden, without_solution
from factory_academy.grading.work.oddities import oddities


@dataclass(frozen=True, slots=True)
class ManualAnswer:
    """Something a person marks; ``untouched`` if it is just what was released."""

    task: Task
    untouched: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What the judge is told of one notebook, what people mark in it, and what was odd about it."""

    steps: tuple[Mapping[str, Any], ...]
    given: tuple[Mapping[str, Any], ...]
    imports: Mapping[str, str]
    answer_imports: Mapping[str, str]
    answers: frozenset[str]
    sources: Mapping[str, str]
    manual: tuple[ManualAnswer, ...]
    notes: tuple[str, ...]
    modules: frozenset[str]

    def as_order(self) -> dict[str, Any]:
        """The judge's part, as JSON data."""
        return {
            "steps": list(self.steps),
            "given": list(self.given),
            "imports": dict(self.imports),
            "answer_imports": dict(self.answer_imports),
            "answers": sorted(self.answers),
            "sources": dict(self.sources),
        }


@dataclass(frozen=True, slots=True)
class Taken:
    """What a submitted notebook brings: the steps with its cells in place, its answers, and what was odd."""

    steps: tuple[Mapping[str, Any], ...]
    sources: Mapping[str, str]
    manual: tuple[ManualAnswer, ...]
    notes: tuple[str, ...]


def plan(ours: Notebook, released: Notebook | None, theirs: Notebook, tasks: Mapping[str, Task]) -> Plan:
    """The plan for one notebook. ``tasks``: the assignment's tasks in it, by grade_id."""
    taken, authors = take(ours, released, theirs, tasks), _authors(ours)
    return Plan(
        steps=taken.steps,
        given=tuple(_given(ours)),
        imports=authors.imports,
        answer_imports=authors.answer_imports,
        answers=authors.answers,
        sources=taken.sources,
        manual=taken.manual,
        notes=(*taken.notes, *_about_language(theirs), *_about_oddities(theirs)),
        modules=authors.modules,
    )


def take(ours: Notebook, released: Notebook | None, theirs: Notebook, tasks: Mapping[str, Task]) -> Taken:
    """The part of the plan that depends on what was submitted."""
    wanted = [cell for cell in ours.cells if cell.grade_id and cell.role in ("answer", "manual")]
    known = frozenset(cell.grade_id for cell in ours.cells if cell.grade_id)
    matched = match([cell for cell in wanted if not cell.is_task], known, _stubs(ours, released), theirs.cells)
    return Taken(
        steps=tuple(_steps(ours, theirs, matched, tasks)),
        sources={grade_id: _source(theirs, places) for grade_id, places in matched.answers.items()},
        manual=tuple(_manual(wanted, matched, theirs, _released_texts(released), tasks)),
        notes=matched.notes,
    )


@dataclass(frozen=True, slots=True)
class _Authors:
    """The names of our own version; the same for everyone who handed in."""

    imports: Mapping[str, str]
    answer_imports: Mapping[str, str]
    answers: frozenset[str]
    modules: frozenset[str]


@lru_cache(maxsize=64)
def _authors(ours: Notebook) -> _Authors:
    answer_cells = [cell for cell in ours.cells if cell.role in ("answer", "manual") and cell.kind == "code"]
    other_cells = [cell for cell in ours.cells if cell.role in ("given", "test") and cell.kind == "code"]
    imports = _merged(names.imports(cell.source) for cell in other_cells)
    return _Authors(
        imports,
        _merged(names.imports(cell.source) for cell in answer_cells),
        frozenset().union(*(names.bound(cell.source) for cell in answer_cells)) - imports.keys(),
        frozenset().union(*(names.imported_modules(c.source) for c in ours.cells if c.kind == "code")),
    )


def _stubs(ours: Notebook, released: Notebook | None) -> dict[str, str]:
    stubs = {cell.grade_id: without_solution(cell.source) for cell in ours.cells if cell.grade_id}
    return stubs | _released_texts(released)


def _released_texts(released: Notebook | None) -> dict[str, str]:
    return {cell.grade_id: cell.source for cell in (released.cells if released else ()) if cell.grade_id}


def _steps(ours: Notebook, theirs: Notebook, matched: Matched, tasks: Mapping[str, Task]) -> Iterator[dict[str, Any]]:
    own = _own_cells(ours, theirs, matched)
    yield from own.pop("", [])
    for position, cell in enumerate(ours.cells):
        if not cell.grade_id:
            continue
        if cell.role == "test" and cell.grade_id in tasks:
            yield from _test(cell, position, tasks[cell.grade_id])
        elif cell.role == "given":
            yield _run(cell.grade_id, cell.source)
        elif cell.kind == "code":
            places = matched.answers.get(cell.grade_id, ())
            yield from (_run(cell.grade_id, theirs.cells[place].source) for place in places)
        yield from own.pop(cell.grade_id, [])


def _own_cells(ours: Notebook, theirs: Notebook, matched: Matched) -> dict[str, list[dict[str, Any]]]:
    """The trainee's own cells, by the marked cell after which they come."""
    marked = {cell.grade_id for cell in ours.cells if cell.grade_id}
    by_place = {place: grade_id for grade_id, places in matched.answers.items() for place in places}
    own: dict[str, list[dict[str, Any]]] = {}
    anchor = ""
    for place, cell in enumerate(theirs.cells):
        if place in matched.taken:
            here = by_place.get(place, cell.grade_id)
            anchor = here if here in marked else anchor
        elif cell.kind == "code" and cell.source.strip():
            own.setdefault(anchor, []).append(_run(f"cell {place + 1}", cell.source))
    return own


def _run(label: str, source: str) -> dict[str, Any]:
    return {"kind": "run", "label": label, "source": source, "quiet": False}


def _test(cell: Cell, position: int, task: Task) -> Iterator[dict[str, Any]]:
    hidden = task.kind is TaskKind.HIDDEN
    imports = _shown_imports(cell.source)
    if imports:
        yield {**_run(cell.grade_id, imports), "quiet": True}
    yield {
        "kind": "test",
        "task_id": task.id,
        "label": cell.grade_id,
        "title": task.title,
        "source": cell.source,
        "points": float(task.points),
        "hidden": hidden,
        "position": position,
    }


@lru_cache(maxsize=512)
def _shown_imports(source: str) -> str:
    return "\n".join(names.imports(without_hidden(source)).values())


def _given(ours: Notebook) -> Iterator[dict[str, Any]]:
    for position, cell in enumerate(ours.cells):
        if cell.role == "given" and cell.source.strip():
            yield {"source": cell.source, "position": position}


def _manual(
    wanted: Sequence[Cell], matched: Matched, theirs: Notebook, released: Mapping[str, str], tasks: Mapping[str, Task]
) -> Iterator[ManualAnswer]:
    for cell in wanted:
        task = tasks.get(cell.grade_id)
        if task is None or cell.role != "manual":
            continue
        source = _source(theirs, matched.answers.get(cell.grade_id, ()))
        untouched = cell.is_solution and source.strip() in ("", released.get(cell.grade_id, "").strip())
        yield ManualAnswer(task, untouched)


def _source(theirs: Notebook, places: Sequence[int]) -> str:
    return "\n\n".join(theirs.cells[place].source for place in places)


def _merged(parts: Iterator[dict[str, str]]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for part in parts:
        merged.update(part)
    return merged


def _about_oddities(theirs: Notebook) -> Iterator[str]:
    for place, cell in enumerate(theirs.cells):
        odd = oddities(cell.source) if cell.kind == "code" else []
        if odd:
            yield f"Cell {place + 1} uses {', '.join(odd)}."


def _about_language(theirs: Notebook) -> tuple[str, ...]:
    if theirs.language and not theirs.language.startswith(("python", "ipython")):
        return (f"The notebook says that it is written in {theirs.language!r}; it was run as Python.",)
    return ()
