"""References on the trainee's side: what the judge may point to, and stand-ins for what the judge lends."""

from __future__ import annotations

import inspect
import io
import os
import pickle
import sys
import types
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from factory_academy.grading.border.errors import ERROR_LIBRARIES
from factory_academy.grading.data.codec import Packer, Unpacker, named_class
from factory_academy.grading.data.forwarding import FUNCTION_NAMES, forwarding_class, only_operators, operators_of
from factory_academy.grading.data.models import state_of
from factory_academy.grading.data.nodes import Malformed, NotData

Ask = Callable[[dict[str, Any]], Any]
_LIBRARIES = ("sklearn", "torch", "scipy", "matplotlib", "numpy", "pandas", "xgboost", "lightgbm", "networkx", "re")
_OF_CLASSES = ("__iter__", "__len__", "__getitem__", "__contains__", "__reversed__")
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType,
              types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType)  # fmt: skip
_LARGEST_MAPPING = 100_000
_BASES = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)


class Borrowed:
    """Something of the judge: what is done with it is done there; it has the docstring of the original."""

    __slots__ = ("_ask", "_jid")

    def __init__(self, ask: Ask, jid: int) -> None:
        object.__setattr__(self, "_ask", ask)
        object.__setattr__(self, "_jid", jid)

    def _forward(self, operator: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        if operator == "__iter__" and hasattr(type(self), "__next__"):
            return self
        return self._ask({"do": operator, "on": self, "args": args, "kwargs": dict(kwargs)})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name not in FUNCTION_NAMES:
            raise AttributeError(name)
        return self._ask({"do": "get", "on": self, "args": (name,), "kwargs": {}})

    def __setattr__(self, name: str, value: Any) -> None:
        self._ask({"do": "set", "on": self, "args": (name, value), "kwargs": {}})


Borrowed.__doc__ = property(lambda self: self.__getattr__("__doc__"))  # type: ignore[assignment]


class Desk:
    """All references of this process. ``ask`` sends a request about something borrowed to the judge."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._given: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._borrowed: dict[int, Borrowed] = {}
        self._shipped: dict[int, Any] = {}
        self._arrived: dict[int, bytes] = {}

    def number(self, value: Any) -> int:
        """The number by which the judge knows an object from now on."""
        number = self._numbers.get(id(value))
        if number is None:
            number = len(self._given) + 1
            self._given[number] = value
            self._numbers[id(value)] = number
        return number

    def object(self, number: Any) -> Any:
        """The object of a number."""
        return self._given[number]

    def refer(self, packer: Packer, value: Any) -> list[Any]:
        """The node of something that is no data."""
        if isinstance(value, Borrowed):
            return ["j", value._jid]
        return ["r", self.number(value), self._describe(packer, value)]

    def resolve(self, unpacker: Unpacker, node: list[Any]) -> Any:
        """The value of a reference node of the judge."""
        match node[0]:
            case "r":
                return self._given[node[1]]
            case "j":
                return self._borrow(node[1], node[2])
            case "named":
                return self._given[node[3][1]] if node[3][0] == "r" else named_class(node[1], node[2])
            case "pk":
                return self._shipped_object(node[2], _LentUnpickler(io.BytesIO(unpacker.buffer(node[1])), self).load())
        raise Malformed("no such reference")

    def _shipped_object(self, number: int, arrived: Any) -> Any:
        """A library object of the judge's, by value; the same one again is brought up to date."""
        here = self._shipped.get(number)
        if type(here) is type(arrived) and hasattr(here, "__dict__"):
            here.__dict__.update(arrived.__dict__)
        else:
            here = self._shipped[number] = arrived
        state = state_of(here)
        if state is not None:
            self._arrived[number] = pickle.dumps(state)
        return here

    def trained(self) -> list[tuple[int, dict[str, Any]]]:
        """Models of the judge that changed since they arrived, with their state."""
        states = [(number, state_of(self._shipped[number]), before) for number, before in self._arrived.items()]
        self._arrived.clear()
        return [(number, state) for number, state, before in states if state and pickle.dumps(state) != before]

    def _borrow(self, jid: int, operators: list[str]) -> Borrowed:
        if jid not in self._borrowed:
            self._borrowed[jid] = forwarding_class(Borrowed, only_operators(operators))(self._ask, jid)
        return self._borrowed[jid]

    def _describe(self, packer: Packer, value: Any) -> dict[str, Any]:
        kind = type(value)
        described: dict[str, Any] = {"k": _kind(value), "n": _name(value if isinstance(value, type) else kind)}
        classes = value.__mro__ if isinstance(value, type) else kind.__mro__
        described["m"] = [self.number(base) for base in classes if _is_own(base)]
        known = ERROR_LIBRARIES if issubclass(classes[0], BaseException) else _LIBRARIES
        described["lib"] = [f"{base.__module__}:{base.__qualname__}" for base in classes if _root(base) in known]
        if isinstance(value, type):
            described["n"] = _name(value)
            described["ic"] = any("__instancecheck__" in vars(base) for base in kind.__mro__[:-2])
            described["ops"] = sorted(set(operators_of(kind)).intersection(_OF_CLASSES))
            if issubclass(value, BaseException):
                described["exc"] = builtin_names(value)
                above = next((base for base in classes[1:] if _is_own(base) and issubclass(base, BaseException)), None)
                described |= {} if above is None else {"up": self.refer(packer, above)}
            return described
        described["ops"] = operators_of(kind)
        if inspect.iscoroutinefunction(value):
            described["co"] = True
        base = _base_content(value)
        if base is not None:
            try:
                described["b"] = packer.node(base)
            except (NotData, RecursionError):
                described.pop("b", None)
        return described


class _LentUnpickler(pickle.Unpickler):
    """Reads library objects that the judge, which we trust, lends us; references inside are ours."""

    def __init__(self, file: io.BytesIO, desk: Desk) -> None:
        super().__init__(file)
        self._desk = desk

    def persistent_load(self, pid: Any) -> Any:
        return self._desk.object(pid)


def builtin_names(kind: type) -> list[str]:
    """Names of the builtin exception classes among a class and its bases, nearest first."""
    return [base.__name__ for base in kind.__mro__ if base.__module__ == "builtins" and base is not object]


def _kind(value: Any) -> str:
    if isinstance(value, type):
        return "class"
    if isinstance(value, types.ModuleType):
        return "module"
    if inspect.isawaitable(value):
        return "awaitable"
    if hasattr(type(value), "__anext__"):
        return "async iterator"
    if isinstance(value, _FUNCTIONS) or type(value).__module__ == "functools" or type(value).__name__ == "ufunc":
        return "callable"
    if type(value).__module__ in ("builtins", "itertools") and hasattr(type(value), "__iter__"):
        return "iterator" if not isinstance(value, _BASES) else "object"
    return "object"


def _is_own(base: type) -> bool:
    return base.__module__ != "builtins" and _root(base) not in _LIBRARIES and not _is_library_error(base)


def _is_library_error(base: type) -> bool:
    return issubclass(base, BaseException) and _root(base) in ERROR_LIBRARIES


def _root(kind: type) -> str:
    return str(kind.__module__).partition(".")[0]


def _name(kind: type) -> str:
    return str(getattr(kind, "__name__", "?"))[:200]


def _base_content(value: Any) -> Any:
    """The plain content of an instance of a subclass of a builtin, of an array or a table, or of a mapping or path.

    That of a subclass is read without its own methods; it is data either way.
    """
    for base in _BASES:
        if isinstance(value, base) and type(value) is not base:
            return _plain_copy(base, value)
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if _is_subclass(value, getattr(numpy, "ndarray", None)):
        return numpy.array(numpy.ndarray.view(value, numpy.ndarray))  # type: ignore[union-attr]
    for table in (getattr(pandas, "DataFrame", None), getattr(pandas, "Series", None)):
        if _is_subclass(value, table):
            return table(value)  # type: ignore[misc]
    return _read_through(value)


def _is_subclass(value: Any, base: Any) -> bool:
    return isinstance(base, type) and issubclass(type(value), base) and type(value) is not base


def _read_through(value: Any) -> Any:
    """A mapping's pairs or a path's text, as its own methods give them; None where they do not."""
    try:
        if isinstance(value, Mapping):
            pairs = {key: value[key] for key in islice(value, _LARGEST_MAPPING + 1)}
            return pairs if len(pairs) <= _LARGEST_MAPPING else None
        return os.fspath(value) if isinstance(value, os.PathLike) else None
    except Exception:
        return None


def _plain_copy(base: Any, value: Any) -> Any:
    if base is dict:
        return dict(dict.items(value))
    if base in (list, tuple, set, frozenset):
        return base(base.__iter__(value))
    if base is str:
        return str.__str__(value)
    if base is bytes:
        return bytes.__getitem__(value, slice(None))
    return value if base is bool else base.__add__(value, base(0))
