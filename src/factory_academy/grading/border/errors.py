"""Errors that the trainee's side reports, raised in the judge as harmless ones of the same name."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from typing import Any

ERROR_LIBRARIES = frozenset(
    ("numpy", "pandas", "sklearn", "torch", "scipy", "json", "decimal", "csv", "zoneinfo", "pyarrow", "asyncio",
     "dataclasses", "sqlite3", "subprocess", "urllib", "http", "socket", "queue", "concurrent", "zipfile", "struct",
     "statistics", "re", "configparser", "binascii", "xml", "tomllib", "shutil", "ssl", "email", "networkx", "sympy",
     "matplotlib", "fastapi", "starlette", "httpx", "requests", "pydantic_core", "jsonschema", "duckdb", "polars")
)  # fmt: skip
"""Packages whose exception classes are the same on both sides."""


class TraineeExit(Exception):
    """Trainee code tried to end its process, or to look like an interruption of the judge."""


def raised_there(told: dict[str, Any], own_class: Callable[[Any], Any], attribute: Callable[[Any, str], Any]) -> Any:
    """The exception to raise for a reported error; it remembers that it is the trainee's.

    ``own_class`` gives the judge's class for a trainee's exception class; ``attribute`` reads from the original.
    """
    names = [name for name in told["names"] if type(name) is str]
    kind = library_class(told) or builtin_class(names)
    is_own = bool(told["cls"] and told["cls"]["m"]) or kind.__module__ == "builtins"
    if names and told["name"] != names[0] and is_own:
        kind = own_class(told["cls"]) or kind
    error = _speaking(_instance(kind, told), told)
    error.trainee_error = True
    error.trainee_names = names
    error.trainee_origin = told["on"]
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
        if module.partition(".")[0] in ERROR_LIBRARIES and isinstance(found, type) and issubclass(found, Exception):
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


def _speaking(error: Any, told: dict[str, Any]) -> Any:
    """The error; a plain one of the same text where its class needs more than its arguments to say it."""
    try:
        str(error)
    except Exception:
        return builtin_class(told["names"])(str(told["text"]))
    return error


def _instance(kind: Any, told: dict[str, Any]) -> Any:
    args = told["args"] if type(told["args"]) is tuple else (str(told["text"]),)
    try:
        error = kind.__new__(kind)
    except TypeError:
        return ValueError(str(told["text"]))
    error.args = args
    if kind.__module__ == "builtins":
        try:
            error = kind(*args)
        except (TypeError, ValueError):
            error.args = (str(told["text"]),)
    return error
