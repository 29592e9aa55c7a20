"""Test cells of an Otter source: each with its points, hidden or shown, by example or by assertion."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nbformat.notebooknode import NotebookNode

from factory_academy.curriculum.otter.case_text import Output, by_assertion, by_example, with_words
from factory_academy.curriculum.otter.marks import table_of
from factory_academy.curriculum.otter.report import Report
from factory_academy.curriculum.otter.settings import QuestionSettings
from factory_academy.errors import BadCourse

_BEGIN = re.compile(r"(?:.\s*=\s*)?\"\"?\"?\s*#\s*BEGIN\s*TEST\s*CONFIG", re.IGNORECASE)
_END = re.compile(r"\"\"?\"?\s*;?\s*#\s*END\s*TEST\s*CONFIG", re.IGNORECASE)
_HIDDEN = re.compile(r"\bhidden\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Case:
    """One test: its code for a test cell, and what it is worth."""

    text: str
    points: float | None
    is_hidden: bool


def read_case(cell: NotebookNode, question: str, is_by_example: bool, where: str, report: Report) -> Case:
    """One test cell.

    Raises:
        BadCourse: it is not Python, or not of the shape that its kind demands.
    """
    settings, body = _parted(str(cell.source), where)
    is_hidden = settings.get("hidden", _says_hidden(str(cell.source)))
    write = by_example if is_by_example else by_assertion
    try:
        text = write(body, _output(cell), lambda what: report.add(question, what))
        words = settings.get("failure_message")
        if words is not None:
            text = with_words(text, str(words), is_hidden is True)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise BadCourse(
            f"{where}: the test of {question} cannot be read: {error}",
            "Expected Python: statements, or one function, by assertion.",
        ) from error
    if settings.get("success_message"):
        report.add(question, "a message for passed tests has no place here and is left out")
    return Case(text, _points(settings.get("points"), where), is_hidden is True)


def with_points(cases: Sequence[Case], question: QuestionSettings, where: str) -> list[Case]:
    """The cases, each with its points, by Otter's rules: what no case claims is shared evenly by those that claim none.

    Raises:
        BadCourse: the points of the question and of its tests contradict each other.
    """
    total: Any = question.points if question.each is None else question.each * len(cases)
    if isinstance(total, list):
        if len(total) != len(cases):
            raise BadCourse(
                f"{where}: {question.name} lists points for {len(total)} tests and has {len(cases)}.",
                "Give one number for each test, or one for all together.",
            )
        cases, total = [replace(case, points=points) for case, points in zip(cases, total, strict=True)], None
    claimed = sum(case.points or 0 for case in cases)
    silent = sum(case.points is None for case in cases)
    if total is None:
        total = 1.0 if claimed == 0 and silent else claimed
    if claimed > total + 1e-9:
        raise BadCourse(
            f"{where}: the tests of {question.name} claim {claimed:g} points of {total:g}.", "Mend one of them."
        )
    share = (total - claimed) / silent if silent else 0.0
    return [replace(case, points=share if case.points is None else case.points) for case in cases]


def _parted(source: str, where: str) -> tuple[Mapping[str, Any], str]:
    """The settings at the head of a test cell, and the test below them."""
    lines = source.split("\n")
    if _BEGIN.match(lines[0]):
        end = next((number for number, line in enumerate(lines) if _END.match(line)), None)
        if end is None:
            raise BadCourse(f"{where}: `BEGIN TEST CONFIG` is never closed.", 'Add a line `""" # END TEST CONFIG`.')
        return table_of("\n".join(lines[1:end]), where), "\n".join(lines[end + 1 :])
    return {}, "\n".join(lines[1:] if _says_hidden(source) else lines)


def _says_hidden(source: str) -> bool:
    first = source.split("\n", 1)[0]
    return first.lstrip().startswith("#") and bool(_HIDDEN.search(first))


def _output(cell: NotebookNode) -> Output:
    """What the cell printed, and the value that it ended in, as its author saw them."""
    outputs = cell.get("outputs", ())
    values = (output.get("data") for output in outputs)
    return Output(
        "".join(_joined(output.get("text", "")) for output in outputs),
        "".join(_joined(value.get("text/plain", "")) for value in values if isinstance(value, dict)),
    )


def _joined(text: Any) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _points(value: Any, where: str) -> float | None:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")):
        return value
    raise BadCourse(f"{where}: points of a test must be a number of at least 0, got {value!r}.", "Mend `points:`.")
