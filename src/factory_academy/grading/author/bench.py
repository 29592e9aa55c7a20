"""What the judge lays ready for the checks of a run, and how a check fails."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, NoReturn


class CheckFailed(AssertionError):
    """A check did not hold. The fields are plain text that the trainee will read; ``code`` names a misconception."""

    def __init__(self, message: str, expected: str = "", got: str = "", next_step: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message, self.expected, self.got, self.next_step, self.code = message, expected, got, next_step, code


@dataclass(frozen=True, slots=True)
class Mark:
    """What one ``judge.score`` gave, out of how much; what to tell if it is less."""

    points: float
    out_of: float
    label: str
    hint: str

    @property
    def is_missed(self) -> bool:
        """Whether something of it was not earned."""
        return self.points < self.out_of or self.points == 0


@dataclass(slots=True)
class Bench:
    """What the judge lays ready for the checks of one run; a trainee's kernel has the empty one.

    ``marks`` and ``raised`` are those of the test that runs: its scores, and the last error that ``judge.raises`` gave
    back.
    """

    hidden: bool = False
    seed: int = 0
    sources: Mapping[str, str] = field(default_factory=dict)
    call: Callable[..., Any] | None = None
    evaluate: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None
    beside: Callable[[str, str], Any] | None = None
    trusted: Callable[[str], Any] | None = None
    limited: Callable[[float], AbstractContextManager[None]] | None = None
    marks: list[Mark] = field(default_factory=list)
    raised: BaseException | None = None

    def begin(self, hidden: bool) -> None:
        """A test begins."""
        self.hidden, self.raised = hidden, None
        self.marks.clear()


bench = Bench()


def fail(message: str, *, expected: str = "", got: str = "", next_step: str = "", code: str = "") -> NoReturn:
    """Fail this test with words for the trainee.

    Raises:
        CheckFailed: always.
    """
    raise CheckFailed(str(message), str(expected), str(got), str(next_step), str(code))


def check(
    condition: bool, message: str, *, expected: str = "", got: str = "", next_step: str = "", code: str = ""
) -> None:
    """Fail with ``message`` unless ``condition`` holds. It must be a bool that the test formed by comparing.

    Raises:
        CheckFailed: it does not hold.
        TypeError: it is no bool (Python's or numpy's): nobody else may answer a check.
    """
    if type(condition) is not bool and f"{type(condition).__module__}.{type(condition).__name__}" != "numpy.bool":
        raise TypeError(f"judge.check needs True or False formed by the test, got {type(condition).__name__}")
    if not condition:
        fail(message, expected=expected, got=got, next_step=next_step, code=code)


def names_of_caller(depth: int = 2) -> dict[str, Any]:
    """In a trainee's kernel: the namespace of the cell that called, or of ``__main__`` where a module of checks did."""
    frame = sys._getframe(depth)
    here = frame.f_globals
    return here if here.get("__name__") == "__main__" else {**vars(sys.modules["__main__"]), **here}
