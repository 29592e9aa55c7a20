"""Runs one test cell in the judge: unmodified, timed, and with its last expression as a score."""

from __future__ import annotations

import ast
import asyncio
import inspect
import math
import signal
import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from factory_academy.grading.author.bench import Mark, bench
from factory_academy.grading.border.rules import ContractBreach, Lost
from factory_academy.grading.judging import words
from factory_academy.grading.messages import test_file
from factory_academy.grading.work import names

NOT_A_SCORE = "the test ended in something that is no number from 0 to its points"
TWO_SCORES = "the test gave scores and ended in another value besides"
BARE = "its score would be a bare value that your code computed"


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
    """How a cell ended: by an error, or with the value of its last expression; and the scores that it gave before."""

    value: Any = None
    error: BaseException | None = None
    marks: tuple[Mark, ...] = ()


def run_test(cell: TestCell, space: dict[str, Any], seconds: float) -> Finished:
    """Run the cell in a namespace; everything but an end of the trainee's process is a result.

    Raises:
        Lost, ContractBreach: see rules; they pass through.
    """
    try:
        with _alarm(seconds), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = _evaluate(cell, space)
            return Finished(None if value is bench.raised else value, marks=tuple(bench.marks))
    except (Lost, ContractBreach):
        raise
    except BaseException as error:
        return Finished(error=_as_assertion(error))


def score_of(finished: Finished, cell: TestCell, trainees: frozenset[str]) -> float | str:
    """Points for a test that came to its end; a text says why there is no verdict.

    They are the sum of its scores, or the value of its last expression: nothing, or True, counts as all points, False
    as none. ``trainees``: names that were the trainee's; their bare values are no score.
    """
    value = finished.value
    if words.is_scored_by_trainee(cell.source, trainees):
        return BARE
    if finished.marks:
        return _sum_of(finished, cell)
    if value is None or (type(value) is str and words.ends_in_text(cell.source)):
        return cell.points
    number = cell.points * bool(value) if _is_truth(value) else _number(value)
    if number is None or not 0 <= number <= cell.points:
        return NOT_A_SCORE
    return BARE if words.ends_in_bare_value(cell.source, trainees) else number


def _sum_of(finished: Finished, cell: TestCell) -> float | str:
    """The sum of the scores, capped; ``judge.score`` gives it back, so a cell may end in it, but in no other value."""
    total = math.fsum(mark.points for mark in finished.marks)
    is_other = finished.value is not None and not (type(finished.value) is float and finished.value == total)
    if is_other and not words.ends_in_text(cell.source):
        return TWO_SCORES
    return min(total, cell.points)


def _as_assertion(error: BaseException) -> BaseException:
    """``pytest.fail`` and ``pytest.raises`` end a test with what is no Exception, so that no test swallows it."""
    if type(error).__module__ != "_pytest.outcomes":
        return error
    return AssertionError(str(error)).with_traceback(error.__traceback__)


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


def _is_truth(value: Any) -> bool:
    return type(value) is bool or f"{type(value).__module__}.{type(value).__name__}" in ("numpy.bool", "numpy.bool_")


def _number(value: Any) -> float | None:
    numpy = sys.modules.get("numpy")
    is_numpys = numpy is not None and isinstance(value, numpy.integer | numpy.floating)
    if not (is_numpys or type(value) in (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


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
