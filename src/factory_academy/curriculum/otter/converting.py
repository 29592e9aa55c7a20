"""A whole Otter source as two notebooks of nbgrader's format: the author's and the trainee's."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nbformat.notebooknode import NotebookNode

from factory_academy.curriculum.bundling.notebooks import name_cells
from factory_academy.curriculum.otter import answers
from factory_academy.curriculum.otter.blocks import OtterSource, Question, read_blocks
from factory_academy.curriculum.otter.pairs import Pair, plain, seeded
from factory_academy.curriculum.otter.questions import convert_question
from factory_academy.curriculum.otter.report import Report
from factory_academy.curriculum.otter.settings import Settings, read_settings


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a source. ``titles``: the names of its graded questions, by the beginning of their grade_ids."""

    source: NotebookNode
    released: NotebookNode
    settings: Settings
    report: Report
    titles: Mapping[str, str] = field(default_factory=dict)


def convert(notebook: NotebookNode, where: str) -> Converted:
    """The source notebook of `otter assign`, with the outputs of its tests, in nbgrader's format. Nothing is executed.

    Raises:
        BadCourse: something in it cannot be understood; the message names the cell.
    """
    report = Report(where)
    blocks = read_blocks(notebook, where)
    settings = read_settings(blocks.settings, report)
    titles: dict[str, str] = {}
    pairs = list(_pairs(blocks, settings, titles, where, report))
    if settings.seed is not None:
        pairs = [seeded(pair, settings.seed, number) for number, pair in enumerate(pairs, start=1)]
    source = _with_cells(notebook, [pair.source for pair in pairs])
    return Converted(source, _with_cells(notebook, [pair.released for pair in pairs]), settings, report, titles)


def _pairs(
    blocks: OtterSource, settings: Settings, titles: dict[str, str], where: str, report: Report
) -> Iterator[Pair]:
    taken: set[str] = set()
    for part in blocks.parts:
        if isinstance(part, Question):
            question = convert_question(part, settings, taken, report)
            if question.is_graded:
                titles[question.name] = question.title
            yield from question.pairs
        elif settings.strips_all_cells and part.cell_type == "code":
            pair = plain(part, where)
            pair.source["source"] = answers.solved(part.source, where)
            pair.released["source"] = answers.released(part.source, where)
            yield pair
        else:
            yield plain(part, where)


def _with_cells(notebook: NotebookNode, cells: list[NotebookNode]) -> NotebookNode:
    made = copy.deepcopy(notebook)
    made.metadata.pop("otter", None)
    made.cells = cells
    name_cells(made)
    return made
