"""The namespace of the tests: where each name that a test uses comes from."""

from __future__ import annotations

import builtins
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from factory_academy.grading.author.values import copied_if_possible
from factory_academy.grading.border.remote import is_remote
from factory_academy.grading.border.rules import ContractBreach, Spoilt
from factory_academy.grading.work import names


@dataclass(frozen=True, slots=True)
class GivenCell:
    """A cell of the author's that is neither answer nor test; the judge runs it when a test needs it."""

    source: str
    position: int


@dataclass(slots=True)
class Origins:
    """Where names may come from, all read off our own version of the notebook."""

    given: tuple[GivenCell, ...] = ()
    imports: Mapping[str, str] = field(default_factory=dict)
    answer_imports: Mapping[str, str] = field(default_factory=dict)
    answers: frozenset[str] = frozenset()

    @classmethod
    def from_order(cls, order: Mapping[str, Any]) -> Origins:
        """The origins of a judge's order."""
        given = tuple(GivenCell(cell["source"], cell["position"]) for cell in order["given"])
        return cls(given, order["imports"], order["answer_imports"], frozenset(order["answers"]))


_STAR = "import *"


def _nobody(name: str) -> Any:
    raise KeyError(name)


class Space:
    """The tests' namespace, filled name by name. ``fetch`` asks the trainee's process and raises KeyError."""

    def __init__(
        self,
        origins: Origins,
        run: Callable[[str, dict[str, Any]], None],
        aside: Callable[[Callable[[], None]], None],
    ) -> None:
        self._origins, self._run, self._aside = origins, run, aside
        self.names: dict[str, Any] = {"__name__": "__main__", "display": lambda *things, **options: None}
        self._done: set[int] = set()
        self._apart: dict[int, Space] = {}

    def stand_for_main(self) -> None:
        """Let what looks for the module ``__main__`` find the tests' namespace."""
        module = types.ModuleType("__main__")
        module.__dict__.update(self.names)
        self.names = module.__dict__
        sys.modules["__main__"] = module

    def fill(
        self, source: str, position: int, use_given: bool, fetch: Callable[[str], Any]
    ) -> tuple[dict[str, Any], frozenset[str]]:
        """Bind every name that a cell needs; gives back what was the trainee's, and which names nobody binds."""
        before = self._before(position)
        shadowing = frozenset[str]().union(self._origins.answers, *(names.bound(cell.source) for cell in before))
        wanted = {name for name in names.needed(source) if name in shadowing or not hasattr(builtins, name)}
        if use_given and any(wanted & names.bound(cell.source) or _STAR in cell.source for cell in before):
            self._run_pure(position, fetch)
        fetched: dict[str, Any] = {}
        missing = set()
        for name in sorted(wanted):
            if name in self.names and name not in self._origins.answers:
                continue
            if not self._bind_own(name, position, use_given, fetch):
                try:
                    fetched[name] = self._or_module(name, fetch(name))
                except KeyError:
                    missing.add(name)
        self.names.update(fetched)
        return fetched, frozenset(missing - names.bound(source))

    def trusted(self, name: str, position: int) -> Any:
        """A copy of what the author's cells before a position bind to a name, run apart from all that is a trainee's.

        Raises:
            NameError: none of them binds it, or not without an answer.
        """
        origins = replace(self._origins, answers=frozenset())
        space = self._apart.setdefault(position, Space(origins, self._run, self._aside))
        if name not in space.names and not space._bind_own(name, position, True, _nobody):
            raise NameError(f"no cell of the author's binds {name!r} without an answer", name=name)
        return copied_if_possible(space.names[name])

    def forget_trainee(self) -> None:
        """Drop everything that came from a process that is gone."""
        for name, value in list(self.names.items()):
            if is_remote(value):
                del self.names[name]
        self._done.clear()

    def _bind_own(self, name: str, position: int, use_given: bool, fetch: Callable[[str], Any]) -> bool:
        if name in self._origins.answers:
            return False
        if name in self._origins.imports:
            return self._import(self._origins.imports[name], name)
        if not use_given:
            return False
        cells = [cell for cell in self._before(position) if name in names.bound(cell.source)]
        return bool(cells) and self._run_given(cells[-1], fetch) and name in self.names

    def _before(self, position: int) -> list[GivenCell]:
        return [cell for cell in self._origins.given if cell.position < position]

    def _run_pure(self, position: int, fetch: Callable[[str], Any]) -> None:
        for cell in self._before(position):
            if not names.needed(cell.source) & self._origins.answers:
                self._run_given(cell, fetch)

    def _run_given(self, cell: GivenCell, fetch: Callable[[str], Any]) -> bool:
        if cell.position in self._done:
            return True
        self._done.add(cell.position)
        fetched: dict[str, Any] = {}

        def run() -> None:
            fetched.update(self.fill(cell.source, cell.position, True, fetch)[0])
            self._run(cell.source, self.names)

        try:
            self._aside(run)
        except Spoilt:
            for name in names.bound(cell.source):
                self.names.pop(name, None)
            return False
        except (Exception, ContractBreach):
            return False
        finally:
            for name, value in fetched.items():
                if self.names.get(name) is value:
                    del self.names[name]
        return True

    def _import(self, statement: str, name: str) -> bool:
        try:
            self._run(statement, self.names)
        except Exception:
            return False
        return name in self.names

    def _or_module(self, name: str, value: Any) -> Any:
        """The judge's own module where the trainee imported one under the author's name."""
        if is_remote(value) and value._meta["k"] == "module" and name in self._origins.answer_imports:
            scratch: dict[str, Any] = {}
            self._run(self._origins.answer_imports[name], scratch)
            return scratch[name]
        return value
