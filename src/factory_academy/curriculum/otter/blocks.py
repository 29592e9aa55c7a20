"""An Otter source as its author meant it: settings, shown cells, and questions with prompt, solution and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat.notebooknode import NotebookNode

from factory_academy.curriculum.otter import marks
from factory_academy.errors import BadCourse


@dataclass(slots=True)
class Question:
    """One question. ``before`` and ``after`` are cells around the answer that everyone sees."""

    settings: Mapping[str, Any]
    where: str
    before: list[NotebookNode] = field(default_factory=list)
    prompt: list[NotebookNode] = field(default_factory=list)
    solution: list[NotebookNode] = field(default_factory=list)
    tests: list[NotebookNode] = field(default_factory=list)
    after: list[NotebookNode] = field(default_factory=list)

    def add(self, block: str, cell: NotebookNode) -> None:
        """Take in one cell; ``block`` is where it stands, empty for the question itself."""
        is_answered = bool(self.prompt or self.solution)
        inside = {"prompt": self.prompt, "solution": self.solution, "tests": self.tests}
        inside.get(block, self.after if is_answered else self.before).append(cell)


@dataclass(frozen=True, slots=True)
class OtterSource:
    """The whole of it; ``parts`` in order."""

    settings: Mapping[str, Any]
    parts: tuple[NotebookNode | Question, ...]


def read_blocks(notebook: NotebookNode, where: str) -> OtterSource:
    """The blocks of a source notebook.

    Raises:
        BadCourse: a block is not closed, nested wrongly, or outside of a question; the message names the cell.
    """
    settings: dict[str, Any] = {}
    parts: list[NotebookNode | Question] = []
    question, block = None, ""
    for number, cell in enumerate(marks.unfenced(notebook.cells), start=1):
        place = f"{where}, cell {number}"
        mark = marks.mark_of(cell)
        if marks.is_settings(cell):
            settings |= marks.settings_in(cell, place)
        elif mark is not None:
            question, block = _crossed(mark, cell, question, block, place)
            if mark == marks.Mark("question", False) and question is not None:
                parts.append(question)
        elif marks.is_left_out(cell):
            continue
        elif question is None:
            parts.append(cell)
        else:
            _refuse_text_in_tests(cell, block, place)
            question.add(block, cell)
    if question is not None:
        raise _broken(question.where, f"the block {block or 'question'!r} is never closed")
    return OtterSource(settings, tuple(parts))


def _crossed(
    mark: marks.Mark, cell: NotebookNode, question: Question | None, block: str, place: str
) -> tuple[Question | None, str]:
    """Where one is after a mark: in which question, and in which block of it."""
    if mark.is_end:
        if question is None or mark.kind != (block or "question"):
            raise _broken(place, f"`END {mark.kind.upper()}` closes nothing that is open")
        return (question, "") if block else (None, "")
    if mark.kind == "question":
        if question is not None:
            raise _broken(place, "a question begins inside another")
        return Question(marks.settings_in(cell, place), place), ""
    if question is None:
        raise _broken(place, f"a block of {mark.kind} begins outside of a question")
    if block:
        raise _broken(place, f"a block of {mark.kind} begins inside one of {block}")
    return question, mark.kind


def _refuse_text_in_tests(cell: NotebookNode, block: str, place: str) -> None:
    if block == "tests" and cell.cell_type != "code":
        raise BadCourse(f"{place}: expected code in a block of tests, got {cell.cell_type}.", "Move it out of it.")


def _broken(place: str, what: str) -> BadCourse:
    return BadCourse(
        f"{place}: {what}.", "Expected `# BEGIN QUESTION` … `# END QUESTION`, with whole blocks of its parts inside."
    )
