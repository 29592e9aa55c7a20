"""Gradients for the judge: what a tensor was computed from here, and the way back through it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from factory_academy.grading.data.shared import Shared

_MOST_STEPS = 20_000


class Graphs:
    """Tensors with a graph that the judge knows of. ``number`` and ``find`` keep objects by number."""

    def __init__(self, number: Callable[[Any], int], find: Callable[[int], Any]) -> None:
        self._number, self._find = number, find
        self._sources: dict[int, list[Any]] = {}

    def origin(self, shared: Shared, tensor: Any) -> list[Any] | None:
        """Its number and the tags of the tensors that both sides hold and that it was computed from."""
        if tensor.grad_fn is None:
            return None
        known = [(shared.tag(leaf), leaf) for leaf in _leaves(tensor.grad_fn)]
        number = self._number(tensor)
        self._sources[number] = [leaf for tag, leaf in known if tag is not None]
        return [number, [tag for tag, _ in known if tag is not None]]

    def back(self, number: int, gradient: Any) -> list[Any]:
        """Gradients of those tensors; what only this side holds takes its own into ``grad``."""
        sources = self._sources[number]
        before = [leaf.grad for leaf in sources]
        for leaf in sources:
            leaf.grad = None
        try:
            self._find(number).backward(gradient, retain_graph=True)
            return [leaf.grad for leaf in sources]
        finally:
            for leaf, own in zip(sources, before, strict=True):
                leaf.grad = own


def _leaves(node: Any) -> list[Any]:
    """The tensors at the start of a graph that want a gradient, each once."""
    found: dict[int, Any] = {}
    seen, waiting = {node}, [node]
    while waiting and len(seen) < _MOST_STEPS:
        step = waiting.pop()
        leaf = getattr(step, "variable", None)
        if isinstance(leaf, sys.modules["torch"].Tensor):
            found[id(leaf)] = leaf
        further = {above for above, _ in step.next_functions if above is not None} - seen
        seen |= further
        waiting += further
    return list(found.values())
