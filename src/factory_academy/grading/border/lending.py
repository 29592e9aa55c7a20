"""The judge's own objects in the hands of trainee code: which may be used there, and how."""

from __future__ import annotations

import io
import pickle
import types
from collections.abc import Callable
from typing import Any
from unittest import mock

from factory_academy.grading.border.remote import is_remote
from factory_academy.grading.border.rules import Rules
from factory_academy.grading.data.codec import Packer
from factory_academy.grading.data.forwarding import FUNCTION_NAMES, OPERATORS, operators_of

_BY_VALUE = ("sklearn", "torch", "scipy", "pandas", "numpy", "networkx", "sympy")
_MOCK_NAMES = frozenset(dir(mock.MagicMock())) | {"side_effect", "return_value"}
_STREAMS = (io.StringIO, io.BytesIO)
_HELD_BACK = frozenset({"__getattr__", "__setitem__", "__delitem__"})


class Lending:
    """What was lent to the trainee's side, by number.

    ``errors`` came up in the judge meanwhile; ``shipped`` numbers what went by value since it was cleared.
    """

    def __init__(self, is_tests_own: Callable[[str], bool]) -> None:
        self._lent: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._is_tests_own = is_tests_own
        self.coroutine_number: Callable[[Any], int | None] = lambda coroutine: None
        self.errors: list[BaseException] = []
        self.shipped: set[int] = set()

    def node(self, packer: Packer, value: Any) -> list[Any]:
        """The node of something of the judge's that is no data."""
        if is_remote(value):
            return ["r", value._rid]
        kind = type(value)
        if kind is types.CoroutineType:
            number = self.coroutine_number(value)
            if number is not None:
                return ["r", number]
        if isinstance(value, type) and "trainee_class_rid" in vars(value):
            return ["r", vars(value)["trainee_class_rid"]]
        if kind.__module__.partition(".")[0] in _BY_VALUE and not isinstance(value, types.FunctionType):
            data = _pickled(value)
            if data is not None:
                self.shipped.add(self._number(value))
                return ["pk", packer.buffer(data), self._number(value)]
        return ["j", self._number(value), self._operators(value)]

    def find(self, number: Any) -> Any:
        """What was lent under a number.

        Raises:
            KeyError: nothing was.
        """
        return self._lent[number]

    def use(self, rules: Rules, do: str, target: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Do what trainee code asks of something lent.

        Raises:
            AttributeError: this may not be done with it.
            Exception: what it raised.
        """
        if do == "get":
            return self._get(rules, target, args[0])
        if do == "set":
            return self._set(rules, target, *args)
        if do not in OPERATORS or do in _HELD_BACK or do not in self._operators(target):
            raise AttributeError("this may not be done with an object of the test")
        if do == "__call__":
            return target(*args, **kwargs)
        if do == "__iter__":
            return iter(target)
        if do == "__next__":
            return next(target)
        return getattr(type(target), do)(target, *args)

    def note(self, error: BaseException) -> dict[str, Any]:
        """What trainee code is told of an error in the judge: its builtin class, nothing of its text."""
        self.errors.append(error)
        names = [base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins"]
        return {"name": names[0] if names else "RuntimeError", "text": "", "number": len(self.errors) - 1}

    def _number(self, value: Any) -> int:
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._lent) + 1
            self._lent[number] = value
        return number

    def _operators(self, value: Any) -> list[str]:
        if isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType | type):
            return ["__call__"]
        return operators_of(type(value))

    def _get(self, rules: Rules, target: Any, name: Any) -> Any:
        is_of_function = isinstance(target, types.FunctionType) and name in FUNCTION_NAMES
        if type(name) is not str or (name.startswith("_") and not is_of_function):
            raise AttributeError("attribute")
        if isinstance(target, mock.NonCallableMock):
            if name in _MOCK_NAMES or name.startswith("assert"):
                raise AttributeError(name)
        elif not (is_of_function or isinstance(target, _STREAMS) or self._is_tests_own(type(target).__module__)):
            raise AttributeError(name)
        if not rules.may_touch(f"{type(target).__name__}.{name}"):
            raise AttributeError(name)
        return getattr(target, name)

    def _set(self, rules: Rules, target: Any, name: Any, value: Any) -> None:
        if type(name) is not str or name.startswith("_") or not self._is_tests_own(type(target).__module__):
            raise AttributeError("attribute")
        if not rules.may_touch(f"{type(target).__name__}.{name}="):
            raise AttributeError(name)
        setattr(target, name, value)


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, types.FunctionType | type) and value.__module__ == "__main__":
            raise pickle.PicklingError("what the test defines is lent")
        return NotImplemented

    def persistent_id(self, value: Any) -> Any:
        return value._rid if is_remote(value) else None


def _pickled(value: Any) -> bytes | None:
    file = io.BytesIO()
    try:
        _Pickler(file, protocol=5).dump(value)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError):
        return None
    return file.getvalue()
