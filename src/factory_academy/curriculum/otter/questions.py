"""One question of an Otter source, as cells of nbgrader's format: answers, tests, and what a person marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from factory_academy.curriculum.otter import answers
from factory_academy.curriculum.otter.blocks import Question
from factory_academy.curriculum.otter.cases import Case, read_case, with_points
from factory_academy.curriculum.otter.pairs import Pair, graded, plain
from factory_academy.curriculum.otter.report import Report
from factory_academy.curriculum.otter.settings import QuestionSettings, Settings, read_question

_RESPONSE = "_Type your answer here, replacing this text._"


@dataclass(frozen=True, slots=True)
class QuestionCells:
    """The cells of a question in order; ``name`` begins the grade_ids of all of them."""

    name: str
    title: str
    pairs: tuple[Pair, ...]
    is_graded: bool


def convert_question(question: Question, settings: Settings, taken: set[str], report: Report) -> QuestionCells:
    """The cells of one question. ``taken``: names in use; its own is added.

    Raises:
        BadCourse: something in it cannot be understood; the message names it.
    """
    own = read_question(question.settings, question.where)
    name = _unused(own.name, taken)
    cases = _cases(question, own, settings, report)
    worth = _points_by_hand(own) if own.is_manual else sum(case.points or 0 for case in cases)
    before = [plain(cell, question.where) for cell in question.before]
    if settings.shows_points:
        _say_points(before, worth)
    response = _by_hand(question, name, worth, report) if own.is_manual else list(_answers(question, name, report))
    tests = list(_tests(cases, name, own.all_or_nothing, worth_nothing=own.is_manual))
    if own.is_manual and cases:
        report.add(own.name, "a person marks it; its tests run and earn no points")
    if not own.is_manual and not cases and own.points:
        report.add(own.name, "it has points but no tests, and is not graded")
    after = [plain(cell, question.where) for cell in question.after]
    return QuestionCells(name, own.name, (*before, *response, *tests, *after), own.is_manual or bool(cases))


def _cases(question: Question, own: QuestionSettings, settings: Settings, report: Report) -> list[Case]:
    cases = [
        read_case(cell, own.name, settings.by_example, f"{question.where}, test {number}", report)
        for number, cell in enumerate(question.tests, start=1)
    ]
    return with_points(cases, own, question.where) if cases and not own.is_manual else cases


def _answers(question: Question, name: str, report: Report) -> Iterator[Pair]:
    """Answer cells: each cell of the solution, or the prompt in its place."""
    code = [cell for cell in question.solution if cell.cell_type == "code"]
    if len(code) < len(question.solution):
        report.add(name, "text in its solution is left out: nobody marks it")
    _report_seeds(code, name, report)
    where = question.where
    if question.prompt:
        prompt = [cell for cell in question.prompt if cell.cell_type == "code"]
        shown = "\n\n".join(answers.released(cell.source, where) for cell in prompt)
        solved = "\n\n".join(answers.solved(cell.source, where) for cell in code)
        yield from (plain(cell, where) for cell in question.prompt if cell.cell_type != "code")
        yield graded("code", _whole(solved), shown, f"{name}-solution", is_solution=True)
        return
    for number, cell in enumerate(code, start=1):
        suffix = "" if number == 1 else f"-{number}"
        texts = answers.solved(cell.source, where), answers.released(cell.source, where)
        if answers.BEGIN_REGION not in texts[0]:
            report.add(name, "a cell of its solution bears no mark of a solution: trainees get it as it stands")
        yield graded("code", *texts, f"{name}-solution{suffix}", is_solution=True)


def _by_hand(question: Question, name: str, worth: float, report: Report) -> list[Pair]:
    """Answer cells of a question that a person marks; the last of them carries the points."""
    if not worth:
        report.add(name, "it is marked by a person and has no points: 0")
    where = question.where
    text = [cell for cell in question.solution if cell.cell_type == "markdown"]
    asked = [cell for cell in question.prompt if cell.cell_type == "markdown"]
    code = [cell for cell in question.solution if cell.cell_type == "code"]
    offered = [cell for cell in question.prompt if cell.cell_type == "code"]
    _report_seeds(code, name, report)
    is_text = bool(asked or (text and not offered) or not (code or offered))
    pairs = []
    if code or offered:
        solved = "\n\n".join(answers.solved(cell.source, where) for cell in code)
        shown = "\n\n".join(answers.released(cell.source, where) for cell in offered or code)
        marks = {} if is_text else {"points": worth}
        grade_id = f"{name}-code" if is_text else f"{name}-manual"
        pairs.append(graded("code", _whole(solved) if offered else solved, shown, grade_id, is_solution=True, **marks))
    if is_text:
        wanted = "\n\n".join(str(cell.source) for cell in text) or _RESPONSE
        shown = "\n\n".join(str(cell.source) for cell in asked) or _RESPONSE
        pairs.append(graded("markdown", wanted, shown, f"{name}-manual", is_solution=True, points=worth))
        if code or offered:
            report.add(name, "its code and its text are marked together, at the text")
    return pairs


def _tests(cases: Sequence[Case], name: str, all_or_nothing: bool, worth_nothing: bool) -> Iterator[Pair]:
    if all_or_nothing and cases:
        shown = [case.text for case in cases if not case.is_hidden]
        hidden = [_hidden(case.text) for case in cases if case.is_hidden]
        points = 0.0 if worth_nothing else sum(case.points or 0 for case in cases)
        text = "\n\n".join((*shown, *hidden))
        yield graded("code", text, text, f"{name}-test", is_solution=False, points=points)
        return
    for number, case in enumerate(cases, start=1):
        text = f"# A hidden test of {name}.\n{_hidden(case.text)}" if case.is_hidden else case.text
        points = 0.0 if worth_nothing else case.points or 0.0
        yield graded("code", text, text, f"{name}-test-{number}", is_solution=False, points=points)


def _hidden(text: str) -> str:
    return f"### BEGIN HIDDEN TESTS\n{text}\n### END HIDDEN TESTS"


def _whole(solved: str) -> str:
    """A solution that stands in place of a prompt, as one region."""
    if answers.BEGIN_REGION in solved or not solved:
        return solved
    return f"{answers.BEGIN_REGION}\n{solved}\n{answers.END_REGION}"


def _say_points(pairs: list[Pair], worth: float) -> None:
    for place in reversed(range(len(pairs))):
        if pairs[place].source.cell_type == "markdown":
            pairs[place] = pairs[place].with_text_added(f"\n\n_Points:_ {worth:g}")
            return


def _points_by_hand(own: QuestionSettings) -> float:
    if isinstance(own.points, list):
        return float(sum(points or 0 for points in own.points))
    return float(own.points or 0)


def _report_seeds(cells: Sequence[NotebookNode], name: str, report: Report) -> None:
    if any(answers.has_seed(cell.source) for cell in cells):
        report.add(name, "its solution seeds a generator for the author alone; graders seed each run anew")


def _unused(name: str, taken: set[str]) -> str:
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")[:80] or "question"
    wish, number = slug, 2
    while wish in taken:
        wish, number = f"{slug}-{number}", number + 1
    taken.add(wish)
    return wish
