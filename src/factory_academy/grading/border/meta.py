"""What the trainee's side says of an object it refers to, checked before anything believes its shape."""

from __future__ import annotations

import sys
from typing import Any

from factory_academy.grading.data.forwarding import only_operators
from factory_academy.grading.data.nodes import Malformed

KINDS = ("class", "module", "awaitable", "callable", "iterator", "object")
_FAMILIES = ("sklearn", "torch", "matplotlib")
_CLAIMABLE = ("sklearn", "torch")
_LONGEST = 300


def checked(described: Any) -> dict[str, Any]:
    """The description with every part of the right shape.

    Raises:
        Malformed: a part has another shape.
    """
    if type(described) is not dict or described.get("k") not in KINDS or type(described.get("n")) is not str:
        raise Malformed("no description of an object")
    return {
        "k": described["k"],
        "n": described["n"][:_LONGEST],
        "m": frozenset(_ints(described.get("m", []))),
        "lib": _texts(described.get("lib", [])),
        "ops": only_operators(_texts(described.get("ops", []))),
        "exc": _texts(described["exc"]) if "exc" in described else None,
        "b": described.get("b"),
        "has_b": "b" in described,
    }


def kind_of(meta: dict[str, Any]) -> str:
    """The kind as contracts name it; objects of a library carry its name."""
    if meta["k"] != "object":
        return str(meta["k"])
    roots = {claim.partition(".")[0] for claim in meta["lib"]}
    family = next((name for name in _FAMILIES if name in roots), None)
    return f"object:{family}" if family else "object"


def claimed_class(meta: dict[str, Any]) -> Any:
    """The judge's own class of the nearest library class that an object claims; None if it claims none."""
    for claim in meta["lib"]:
        module, _, name = claim.partition(":")
        found = getattr(sys.modules.get(module), name, None)
        if module.partition(".")[0] in _CLAIMABLE and isinstance(found, type) and found.__name__ not in _NEVER:
            return found
    return None


_NEVER = ("Tensor", "Parameter", "ndarray")


def _ints(values: Any) -> list[int]:
    if type(values) is not list or len(values) > _LONGEST or any(type(value) is not int for value in values):
        raise Malformed("expected numbers")
    return values


def _texts(values: Any) -> list[str]:
    if type(values) is not list or len(values) > _LONGEST or any(type(value) is not str for value in values):
        raise Malformed("expected texts")
    return [value[:_LONGEST] for value in values]
