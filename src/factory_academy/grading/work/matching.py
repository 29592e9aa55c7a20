"""Which submitted cell answers which task: by grade_id, and where that is lost by what it defines and looks like."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from factory_academy.grading.work import names
from factory_academy.grading.work.notebook import Cell

_ALIKE_ENOUGH = 0.6
_LONGEST_COMPARED = 20_000


@dataclass(frozen=True, slots=True)
class Matched:
    """Places of submitted cells by the answer's grade_id (of several, all count, in order), and what was odd.

    ``taken`` are the places of all cells that are not the trainee's own.
    """

    answers: Mapping[str, tuple[int, ...]]
    taken: frozenset[int]
    notes: tuple[str, ...]


def match(
    wanted: Sequence[Cell], known_ids: frozenset[str], stubs: Mapping[str, str], cells: Sequence[Cell]
) -> Matched:
    """Match answers (cells of ours) to submitted cells. ``stubs``: what trainees were given, by grade_id."""
    places = _places_by_id(cells)
    answers: dict[str, tuple[int, ...]] = {}
    notes: list[str] = []
    for cell in wanted:
        found = places.get(cell.grade_id, [])
        if found:
            answers[cell.grade_id] = tuple(found)
            notes += _about(cell, [cells[place] for place in found])
    taken = {place for grade_id, found in places.items() if grade_id in known_ids for place in found}
    for cell in wanted:
        if cell.grade_id not in answers:
            place = _alike(cell, stubs.get(cell.grade_id, ""), cells, taken)
            if place is None:
                notes.append(f"The cell {cell.grade_id} is not in the notebook.")
            else:
                answers[cell.grade_id] = (place,)
                taken.add(place)
                notes.append(f"The cell {cell.grade_id} had lost its mark; cell {place + 1} was taken for it.")
    notes += [
        f"The cell {grade_id} is in the notebook {len(found)} times; ours was used."
        for grade_id, found in places.items()
        if len(found) > 1 and grade_id in known_ids and grade_id not in answers
    ]
    return Matched(answers, frozenset(taken), tuple(notes))


def _places_by_id(cells: Sequence[Cell]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        if cell.grade_id:
            places.setdefault(cell.grade_id, []).append(place)
    return places


def _about(ours: Cell, theirs: Sequence[Cell]) -> list[str]:
    notes = []
    if len(theirs) > 1:
        notes.append(f"The cell {ours.grade_id} is in the notebook {len(theirs)} times; all of them ran, in order.")
    if any(ours.kind != cell.kind for cell in theirs):
        notes.append(f"The cell {ours.grade_id} was turned into another kind of cell; it was read as {ours.kind}.")
    return notes


def _alike(cell: Cell, stub: str, cells: Sequence[Cell], taken: set[int]) -> int | None:
    best, most = None, _ALIKE_ENOUGH
    defined = names.bound(stub) if cell.kind == "code" else frozenset()
    for place, other in enumerate(cells):
        if place in taken or other.kind != cell.kind or not other.source.strip():
            continue
        likeness = _likeness(stub, other.source)
        if defined and defined & names.bound(other.source):
            likeness += len(defined & names.bound(other.source)) / len(defined)
        if likeness > most:
            best, most = place, likeness
    return best


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(
        None, one[:_LONGEST_COMPARED], other[:_LONGEST_COMPARED], autojunk=True
    ).quick_ratio()
