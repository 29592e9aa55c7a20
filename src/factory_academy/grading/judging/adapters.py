"""Library functions that tests give a trainee's objects: they are called where those objects live."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterable
from typing import Any

from factory_academy.grading.border.remote import is_remote

_FORWARDED = {
    "dataclasses": ("asdict", "astuple", "fields", "replace", "is_dataclass"),
    "inspect": ("getsource", "getdoc"),
    "sympy": ("simplify", "expand", "factor", "diff", "lambdify", "N"),
}
_CLIENTS = "starlette.testclient"
_Library = Callable[..., Any]


class Adapters:
    """Puts them in place, each once, when a test is about to use its module. ``library`` calls a function there."""

    def __init__(self, library: Callable[[], _Library]) -> None:
        self._library = library
        self._done: set[str] = set()

    def prepare(self, modules: Iterable[str]) -> None:
        """Put those in place that belong to modules which a test imports, or which are loaded."""
        wanted = set(modules)
        for name in _FORWARDED.keys() - self._done:
            if name in sys.modules or name in wanted:
                self._forward(name)
        if _CLIENTS not in self._done and any(name.endswith("testclient") for name in wanted):
            self._adapt_clients()

    def _forward(self, name: str) -> None:
        self._done.add(name)
        module = importlib.import_module(name)
        for function in _FORWARDED[name]:
            setattr(module, function, self._forwarding(getattr(module, function), f"{name}.{function}"))

    def _forwarding(self, function: Any, dotted: str) -> Any:
        @functools.wraps(function)
        def forward(*args: Any, **kwargs: Any) -> Any:
            if any(map(is_remote, args)):
                return self._library()(dotted, *args, **kwargs)
            return function(*args, **kwargs)

        return forward

    def _adapt_clients(self) -> None:
        self._done.add(_CLIENTS)
        client: Any = importlib.import_module(_CLIENTS).TestClient
        made = client.__new__

        def new(kind: Any, app: Any = None, *args: Any, **kwargs: Any) -> Any:
            app = kwargs.get("app", app)
            if is_remote(app):
                return self._library()(f"{_CLIENTS}.TestClient", app, *args, **kwargs)
            return made(kind)

        client.__new__ = new
