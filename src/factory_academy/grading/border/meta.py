"""What the trainee's side says of an object it refers to, checked before anything believes its shape."""

from __future__ import annotations

import sys
import types
from functools import cache
from typing import Any

from factory_academy.grading.data.forwarding import only_operators
from factory_academy.grading.data.nodes import Malformed

KINDS = ("class", "module", "awaitable", "async iterator", "callable", "iterator", "object")
_FAMILIES = ("sklearn", "torch", "matplotlib")
_CLAIMABLE = ("sklearn", "torch", "matplotlib", "networkx", "re")
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
        "up": described.get("up"),
        "b": described.get("b"),
        "has_b": "b" in described,
        "ic": described.get("ic") is True,
        "co": described.get("co") is True,
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
    if meta["k"] in _TYPES:
        return _TYPES[meta["k"]].get(meta["n"])
    found = tuple(kind for kind in map(_claimed, meta["lib"]) if kind is not None)
    nearest = tuple(kind for kind in found if not any(other is not kind and issubclass(other, kind) for other in found))
    return nearest[0] if len(nearest) == 1 else _all_of(nearest)


def _claimed(claim: str) -> Any:
    module, _, name = claim.partition(":")
    found = getattr(sys.modules.get(module), name, None)
    if module.partition(".")[0] not in _CLAIMABLE or not isinstance(found, type) or found.__name__ in _NEVER:
        return None
    return found


@cache
def _all_of(kinds: tuple[type, ...]) -> Any:
    """A class that derives from all these, for isinstance; the first where there can be none."""
    try:
        return type(kinds[0].__name__, kinds, {"__module__": "trainee"}) if kinds else None
    except TypeError:
        return kinds[0]


_NEVER = ("Tensor", "Parameter", "ndarray")
_TYPES: dict[str, dict[str, type]] = {
    "callable": {"function": types.FunctionType, "method": types.MethodType},
    "iterator": {"generator": types.GeneratorType, "map": map, "filter": filter, "zip": zip, "enumerate": enumerate},
}
"""What isinstance sees of functions and iterators, by name of their class."""


def _ints(values: Any) -> list[int]:
    if type(values) is not list or len(values) > _LONGEST or any(type(value) is not int for value in values):
        raise Malformed("expected numbers")
    return values


def _texts(values: Any) -> list[str]:
    if type(values) is not list or len(values) > _LONGEST or any(type(value) is not str for value in values):
        raise Malformed("expected texts")
    return [value[:_LONGEST] for value in values]
