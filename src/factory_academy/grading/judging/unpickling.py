"""No class and no function is unpickled in the judge, whoever sent the bytes: a pickle is a program.

An author's own cells (given ones) may read the author's own pickles; a test may not, for it might be given a trainee's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PLAIN = frozenset(
    {
        ("_codecs", "encode"),
        ("builtins", "bytearray"),
        ("builtins", "complex"),
        ("builtins", "frozenset"),
        ("builtins", "set"),
        ("collections", "OrderedDict"),
        ("datetime", "date"),
        ("datetime", "datetime"),
        ("datetime", "time"),
        ("datetime", "timedelta"),
        ("decimal", "Decimal"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy._core.numeric", "_frombuffer"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy.core.multiarray", "scalar"),
    }
)
"""What plain data needs; none of it runs anything."""

WORDS = 'the test unpickles an object; judge.call("pickle.loads", data) does that where the trainee\'s code runs'


class Guard:
    """An audit hook. ``may`` says whether an author's own cell runs; ``breach`` makes the error that ends a test."""

    def __init__(self, may: Callable[[], bool], breach: Callable[[str], BaseException]) -> None:
        self._may, self._breach = may, breach

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Refuse what is no plain data.

        Raises:
            ContractBreach: a class or function is about to be unpickled.
        """
        if event == "pickle.find_class" and tuple(args[:2]) not in PLAIN and not self._may():
            raise self._breach(WORDS)
