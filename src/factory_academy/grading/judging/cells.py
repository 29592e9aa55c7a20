"""Runs one test cell in the judge: unmodified, timed, and with its last expression as a score."""

from __future__ import annotations

import ast
import asyncio
import inspect
import signal
import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from factory_academy.grading.messages import test_file
from factory_academy.grading.work import names

_CHAIN = (ast.Attribute, ast.Subscript, ast.Call, ast.Await, ast.Starred)
NOT_A_SCORE = "the test ended in something that is no number from 0 to its points"


class TestTimeout(BaseException):
    """The test ran longer than it may."""

    __test__ = False


@dataclass(frozen=True, slots=True)
class TestCell:
    """One test cell of our own version. ``position`` orders all cells of the notebook."""

    __test__ = False

    task_id: str
    label: str
    title: str
    source: str
    points: float
    hidden: bool
    position: int


@dataclass(frozen=True, slots=True)
class Finished:
    """How a cell ended: by an error, or with the value of its last expression."""

    value: Any = None
    error: BaseException | None = None


def run_test(cell: TestCell, space: dict[str, Any], seconds: float) -> Finished:
    """Run the cell in a namespace; everything but an end of the trainee's process is a result.

    Raises:
        Lost, ContractBreach: see rules; they pass through.
    """
    try:
        with _alarm(seconds), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Finished(_evaluate(cell, space))
    except (Exception, TestTimeout, SystemExit, KeyboardInterrupt) as error:
        return Finished(error=error)


def score_of(value: Any, cell: TestCell, trainees: frozenset[str]) -> float | str:
    """Points for the value of a test's last expression; a text says why there is no verdict.

    Nothing counts as all points. ``trainees``: names that were the trainee's; their bare values are no score.
    """
    if value is None or (type(value) is str and _last_is_text(cell.source)):
        return cell.points
    number = _number(value)
    if number is None or not 0 <= number <= cell.points:
        return NOT_A_SCORE
    if _is_bare_value(cell.source, trainees):
        return "its score would be a bare value that your code computed"
    return number


def _evaluate(cell: TestCell, space: dict[str, Any]) -> Any:
    tree = ast.parse(names.plain_python(cell.source))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    file = test_file(cell.task_id)
    _execute(compile(tree, file, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), space)
    if not isinstance(last, ast.Expr):
        return None
    expression = compile(ast.Expression(last.value), file, "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return None if _ends_in_semicolon(cell.source) else _execute(expression, space)


def _execute(code: types.CodeType, space: dict[str, Any]) -> Any:
    result = eval(code, space)  # noqa: S307  the author's own test cell, in the process that exists to run it
    if code.co_flags & inspect.CO_COROUTINE:
        return asyncio.run(result)
    return result


def _ends_in_semicolon(source: str) -> bool:
    return source.rstrip().endswith(";")


def _number(value: Any) -> float | None:
    if type(value) in (int, float):
        return float(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.integer | numpy.floating):
        return float(value)
    return None


def _last(source: str) -> ast.expr | None:
    body = names.tree(source).body
    return body[-1].value if body and isinstance(body[-1], ast.Expr) else None


def _last_is_text(source: str) -> bool:
    last = _last(source)
    return isinstance(last, ast.Constant | ast.JoinedStr)


def _is_bare_value(source: str, trainees: frozenset[str]) -> bool:
    last = _last(source)
    if isinstance(last, ast.Name) and last.id not in trainees:
        values = [value for name, value in _assignments(source) if name == last.id]
        return len(values) == 1 and _root(values[0]) in trainees
    return last is not None and _root(last) in trainees


def _root(node: ast.expr) -> str:
    while isinstance(node, _CHAIN):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _assignments(source: str) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(names.tree(source)):
        if isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, ast.Constant(0)


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(number: int, frame: types.FrameType | None) -> None:
        raise TestTimeout

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
