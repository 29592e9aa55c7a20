"""Checks that hold of nothing: loops that an empty answer never enters, and ``all`` of no values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager


class Hollow:
    """The places of such checks in one cell; they do not matter where the cell measures the answer as well."""

    def __init__(self) -> None:
        self._places: list[tuple[ast.AST, str, bool]] = []
        self._is_measured, self._depth = False, 0

    def note(self, node: ast.AST, where: str, always: bool = False) -> None:
        """A check that holds of nothing; ``always``: measuring does not mend it (missing values pass too)."""
        self._places.append((node, where, always))

    def measured(self, really: bool = True) -> None:
        """The test looks at how large the answer is, at a place that every answer reaches."""
        self._is_measured = self._is_measured or (really and not self._depth)

    @contextmanager
    def inside(self, may_be_empty: bool) -> Iterator[None]:
        """A block that an empty answer may never enter."""
        self._depth += may_be_empty
        try:
            yield
        finally:
            self._depth -= may_be_empty

    def places(self) -> Iterator[tuple[ast.AST, str]]:
        """Those that matter."""
        yield from ((node, where) for node, where, always in self._places if always or not self._is_measured)
