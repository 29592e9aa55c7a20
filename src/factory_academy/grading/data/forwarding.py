"""Stand-in classes: for a set of operators, a class whose instances pass each of them on to ``_forward``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

STRUCTURE = ("__len__", "__iter__", "__next__", "__getitem__", "__setitem__", "__delitem__", "__call__", "__enter__",
             "__exit__", "__reversed__", "__int__", "__float__", "__index__", "__complex__", "__round__", "__abs__",
             "__neg__", "__pos__", "__invert__", "__await__", "__contains__")  # fmt: skip
_BINARY = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow", "lshift", "rshift", "and",
           "xor", "or")  # fmt: skip
ARITHMETIC = tuple(f"__{prefix}{name}__" for name in _BINARY for prefix in ("", "r", "i"))
VERDICTS = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__hash__")
FUNCTION_NAMES = frozenset(("__name__", "__qualname__", "__doc__"))
"""What a decorator copies from the function that it wraps."""

OPERATORS = frozenset((*STRUCTURE, *ARITHMETIC, *VERDICTS))


def operators_of(kind: type) -> list[str]:
    """The operators that a class defines itself, in order of name."""
    found = set()
    for base in kind.__mro__[:-1]:
        found |= {name for name in vars(base) if name in OPERATORS and vars(base)[name] is not None}
    return sorted(found)


@cache
def forwarding_class(base: type, operators: frozenset[str]) -> type:
    """A subclass of ``base`` (which has ``_forward(operator, args, kwargs)``) with these operators."""
    methods: dict[str, Any] = {name: _method(name) for name in operators}
    if "__eq__" in methods and "__hash__" not in methods:
        methods["__hash__"] = base.__hash__
    fixed = {"__slots__": (), "__module__": base.__module__, "__doc__": vars(base).get("__doc__")}
    return type(base.__name__, (base,), {**fixed, **methods})


def _method(name: str) -> Callable[..., Any]:
    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self._forward(name, args, kwargs)

    forward.__name__ = name
    return forward


def only_operators(names: Iterable[Any]) -> frozenset[str]:
    """Those of the names that are operators we know."""
    return frozenset(name for name in names if type(name) is str and name in OPERATORS)
