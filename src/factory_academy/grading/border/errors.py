"""Errors that the trainee's side reports, raised in the judge as harmless ones of the same name."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from typing import Any

_LIBRARIES = ("numpy", "pandas", "sklearn", "torch", "scipy", "json", "decimal", "csv", "zoneinfo", "pyarrow")


class TraineeExit(Exception):
    """Trainee code tried to end its process, or to look like an interruption of the judge."""


def raised_there(told: dict[str, Any], own_class: Callable[[Any], Any], attribute: Callable[[Any, str], Any]) -> Any:
    """The exception to raise for a reported error; it remembers that it is the trainee's.

    ``own_class`` gives the judge's class for a trainee's exception class; ``attribute`` reads from the original.
    """
    names = [name for name in told["names"] if type(name) is str]
    kind = library_class(told) or builtin_class(names)
    if names and told["name"] != names[0] and kind.__module__ == "builtins":
        kind = own_class(told["cls"]) or kind
    error = _instance(kind, told)
    error.trainee_error = True
    error.trainee_names = names
    if kind.__module__ == "trainee":
        error.ask_attribute = lambda name: attribute(told["on"], name)
    return error


def builtin_class(names: list[str]) -> Any:
    """The nearest builtin Exception class; what could pass for an end of the judge becomes TraineeExit."""
    for name in names:
        kind = getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            return RuntimeError if issubclass(kind, StopIteration | StopAsyncIteration) else kind
        if isinstance(kind, type) and issubclass(kind, BaseException) and kind is not BaseException:
            return TraineeExit
    return TraineeExit


def library_class(told: dict[str, Any]) -> Any:
    """The judge's own exception class of a library, if the error claims exactly one that is loaded here."""
    for claim in told.get("lib", ())[:1]:
        module, _, name = str(claim).partition(":")
        found = getattr(sys.modules.get(module), name, None)
        if module.partition(".")[0] in _LIBRARIES and isinstance(found, type) and issubclass(found, Exception):
            return found
    return None


def synthetic_class(name: str, base: Any) -> Any:
    """A class for a trainee's exception class; it reads unknown attributes where the error lives."""

    def read(self: Any, attribute: str) -> Any:
        ask = self.__dict__.get("ask_attribute")
        if ask is None or attribute.startswith("__"):
            raise AttributeError(attribute)
        return ask(attribute)

    return type(
        name if name.isidentifier() else "TraineeError", (base,), {"__module__": "trainee", "__getattr__": read}
    )


def _instance(kind: Any, told: dict[str, Any]) -> Any:
    args = told["args"] if type(told["args"]) is tuple else (str(told["text"]),)
    error = kind.__new__(kind)
    error.args = args
    if kind.__module__ == "builtins":
        try:
            error = kind(*args)
        except (TypeError, ValueError):
            error.args = (str(told["text"]),)
    return error
