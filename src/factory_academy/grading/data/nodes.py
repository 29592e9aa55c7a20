"""What both halves of the codec agree on: node shapes, limits and the two errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

MAX_DEPTH = 100


class Malformed(Exception):
    """Bytes of the other side are no value; never a reason to believe anything they say."""


class NotData(Exception):
    """A value has no data-only form and must stay where it is."""


class Writer(Protocol):
    """What encoders of single types use."""

    def node(self, value: Any) -> Any:
        """The node of a value."""

    def buffer(self, data: bytes) -> int:
        """Put bytes beside the tree; gives their place."""

    def graph(self, tensor: Any) -> list[Any] | None:
        """Where a tensor was computed from, if the other side can ask for gradients."""


class Reader(Protocol):
    """What decoders of single nodes use."""

    def value(self, node: Any) -> Any:
        """The value of a node."""

    def buffer(self, place: Any) -> bytes:
        """The bytes that ``Writer.buffer`` put there."""

    def bridged(self, tensor: Any, graph: Any) -> Any:
        """The tensor as one that was computed on the other side."""


Encode = Callable[[Writer, Any], list[Any]]
Decode = Callable[[Reader, list[Any]], Any]


def integer(node: Any, low: int = -(1 << 63), high: int = 1 << 63) -> int:
    """The node, if it is an int from ``low`` to ``high``.

    Raises:
        Malformed: it is something else.
    """
    if type(node) is not int or not low <= node <= high:
        raise Malformed("expected an int in range")
    return node


def text(node: Any, longest: int = 10_000_000) -> str:
    """The node, if it is a str of at most ``longest`` characters.

    Raises:
        Malformed: it is something else.
    """
    if type(node) is not str or len(node) > longest:
        raise Malformed("expected a text")
    return node


def items(node: Any) -> list[Any]:
    """The node, if it is a list.

    Raises:
        Malformed: it is something else.
    """
    if type(node) is not list:
        raise Malformed("expected a list")
    return node
