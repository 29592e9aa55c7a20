"""Backpropagation across the border: a step of the judge's graph whose way back asks the trainee's side."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

from factory_academy.grading.data.codec import Packer
from factory_academy.grading.data.nodes import Malformed
from factory_academy.grading.data.shared import library_kind

BACK = frozenset({"(backward)"})
"""The access path of gradients."""

_Ask = Callable[[Callable[[Packer], dict[str, Any]]], Any]


def bridged(tensor: Any, sources: list[Any], ask: _Ask, number: int) -> Any:
    """The tensor as computed from ``sources``; ``ask`` sends a request about the graph of that number.

    Raises:
        Malformed: a source can have no gradient.
    """
    if any(library_kind(source) != "tt" or not source.requires_grad for source in sources):
        raise Malformed("a tensor from what has no gradient")
    start = importlib.import_module("torch").zeros(0, requires_grad=True)

    def back(gradient: Any) -> list[Any]:
        found = ask(lambda packer: {"on": number, "gradient": packer.node(gradient)})
        return _checked(found, sources)

    return _step().apply(tensor, back, start, *sources)


def _checked(found: Any, sources: list[Any]) -> list[Any]:
    if type(found) is not list or len(found) != len(sources):
        raise RuntimeError("no gradients came back")
    for value, source in zip(found, sources, strict=True):
        if value is None:
            continue
        if library_kind(value) != "tt" or value.shape != source.shape or value.dtype != source.dtype:
            raise RuntimeError("what came back is no gradient of this tensor")
    return [None if value is None else value.detach() for value in found]


@cache
def _step() -> Any:
    torch = importlib.import_module("torch")

    class Step(torch.autograd.Function):  # type: ignore[misc,name-defined]
        @staticmethod
        def forward(ctx: Any, tensor: Any, back: Callable[[Any], list[Any]], start: Any, *sources: Any) -> Any:
            ctx.back = back
            return tensor.clone()

        @staticmethod
        @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
        def backward(ctx: Any, gradient: Any) -> Any:
            return None, None, None, *ctx.back(gradient)

    return Step
