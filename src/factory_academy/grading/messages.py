"""What a trainee is told of a test that did not pass; of a hidden one, only what it says on purpose."""

from __future__ import annotations

import ast
import builtins
from dataclasses import asdict, dataclass
from types import TracebackType

from factory_academy.domain.grade import Cause
from factory_academy.grading.judge_api import CheckFailed

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Told:
    """Texts for one task; plain text, within bounds."""

    message: str
    expected: str = ""
    got: str = ""
    next_step: str = ""
    code: str = ""

    def as_fields(self) -> dict[str, str]:
        """The texts by name, cut where they are too long."""
        return {name: words[:LONGEST] for name, words in asdict(self).items()}


def test_file(task_id: str) -> str:
    """The file name under which a test cell's code runs."""
    return f"<test {task_id}>"


def told_of(error: BaseException, source: str, task_id: str, title: str, hidden: bool) -> Told:
    """What to say of an error that ended a test."""
    if isinstance(error, CheckFailed):
        return Told(error.message, error.expected, error.got, error.next_step, error.code)
    if getattr(error, "trainee_error", False):
        return _of_trainee(error, title, hidden)
    if isinstance(error, AssertionError):
        return _of_assert(error, source, task_id, title, hidden)
    if isinstance(error, RecursionError):
        return Told("Something calls itself without end.", got="RecursionError")
    return _of_exception(error, source, task_id, title, hidden)


def cause_of(error: BaseException, missing: frozenset[str]) -> Cause:
    """The cause that belongs to an error; ``missing``: names that the work does not define."""
    if isinstance(error, NameError) and getattr(error, "name", None) in missing:
        return Cause.MISSING_NAME
    if isinstance(error, MemoryError):
        return Cause.MEMORY
    if isinstance(error, AssertionError) and not getattr(error, "trainee_error", False):
        return Cause.ASSERTION
    return Cause.EXCEPTION


def text_of(error: BaseException) -> str:
    """The text of an error; of one that a library builds in a way of its own, its first argument."""
    try:
        return str(error)
    except Exception:
        return str(error.args[0]) if error.args and type(error.args[0]) is str else ""


def missing_name(name: str) -> Told:
    """What to say when the work does not define what a test needs."""
    return Told(
        f"Your notebook does not define {name}.",
        expected=f"a cell that defines {name} and runs without an error",
        got=f"no {name}",
        next_step="Run all cells from top to bottom in a fresh kernel and look for the first error.",
    )


def not_judged(why: str) -> Told:
    """What to say when the judge forms no verdict."""
    return Told(
        f"This could not be judged by machine: {why}.",
        got=why,
        next_step="A person will look at it. Where the task asks for numbers, lists or tables, give just those.",
    )


def _of_trainee(error: BaseException, title: str, hidden: bool) -> Told:
    kind = _kind(error)
    if kind == "NotImplementedError":
        return Told("This is not written yet.", got=kind, next_step="Replace the line that raises NotImplementedError.")
    if hidden:
        words = f"Your code raised an error in a hidden check of {title}." if title else "Your code raised an error."
        return Told(words, expected="a result", got=kind)
    text = text_of(error)
    return Told(f"Your code raised {kind}: {text}" if text else f"Your code raised {kind}.", "a result", kind)


def _kind(error: BaseException) -> str:
    names = [type(error).__name__, *getattr(error, "trainee_names", ())]
    if type(error).__name__ == "TraineeExit":
        names = names[1:]
    return next((name for name in names if hasattr(builtins, name)), "an error of its own class")


def _of_assert(error: AssertionError, source: str, task_id: str, title: str, hidden: bool) -> Told:
    line = _line(error.__traceback__, test_file(task_id))
    statement = _assert_at(source, line)
    if hidden:
        if statement is not None and isinstance(statement.msg, ast.Constant) and isinstance(statement.msg.value, str):
            return Told(statement.msg.value)
        return Told(f"A hidden check of {title or task_id} did not hold.", got="AssertionError")
    words = text_of(error)
    if statement is None:
        return Told(words or "A check did not hold.")
    check = f"Line {line} of the test: assert {ast.unparse(statement.test)}"
    return Told(words, expected=check) if words else Told("This check did not hold.", expected=check)


def _of_exception(error: BaseException, source: str, task_id: str, title: str, hidden: bool) -> Told:
    kind = _kind(error)
    if hidden:
        return Told(f"A hidden check of {title or task_id} did not come to its end.", got=kind)
    line = _line(error.__traceback__, test_file(task_id))
    where = f" (line {line} of the test)" if line else ""
    return Told(
        f"The test ended with {kind}: {text_of(error)}{where}", expected="a result that the test can use", got=kind
    )


def _line(tb: TracebackType | None, file: str) -> int:
    line = 0
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == file:
            line = tb.tb_lineno
        tb = tb.tb_next
    return line


def _assert_at(source: str, line: int) -> ast.Assert | None:
    try:
        nodes = ast.walk(ast.parse(source))
    except (SyntaxError, ValueError):
        return None
    found = [n for n in nodes if isinstance(n, ast.Assert) and n.lineno <= line <= (n.end_lineno or n.lineno)]
    return found[-1] if found else None
