"""Warm processes by what they have imported; a few are kept, the least used goes first."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import platform
import site
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from factory_academy.grading.trials.trial import Forks
from factory_academy.isolation.zygote import Zygote

MAX_ZYGOTES = 3
ALWAYS = (
    "factory_academy.grading.answering.main",
    "factory_academy.grading.judging.main",
    *(f"IPython.core.{name}" for name in ("application", "completer", "completerlib", "crashhandler", "logger")),
    *(f"IPython.core.{name}" for name in ("magics", "oinspect", "ultratb")),
    "asyncio",
    "bdb",
    "decimal",
    "importlib.resources.readers",
    "unicodedata",
    "unittest.mock",
)
HEAVY = frozenset({"torch"})
"""Each fork of a process that holds one of these costs three times as much, so others are not forked from it."""
WORTH = ("numpy", "pandas", "scipy", "sklearn", "torch", "matplotlib", "pyarrow", "networkx", "sympy", "polars")


class WarmForks(Forks, Protocol):
    """A zygote that can import more and be ended."""

    def start(self) -> None:
        """Start now instead of at the first fork."""

    def import_also(self, modules: Sequence[str]) -> None:
        """Import these too."""

    def close(self) -> None:
        """End it and all that it forked."""


MakeZygote = Callable[[str, Sequence[str], Path], WarmForks]


@dataclass(slots=True, eq=False)
class _Kept:
    """A warm process, the heavy libraries in it, all its modules, and how many use it now."""

    forks: WarmForks
    libraries: frozenset[str]
    modules: frozenset[str]
    users: int = 0


class Zygotes:
    """The warm processes of one worker, by the heavy libraries in them. Safe to use from several threads.

    One that has those learns whatever else is wanted; so a worker that goes from assignment to assignment does not
    wait for a start each time.
    """

    def __init__(self, folder: Path, make: MakeZygote | None = None) -> None:
        self._folder = folder
        self._make: MakeZygote = make or Zygote
        self._warm: list[_Kept] = []
        self._lock = threading.Lock()

    @contextmanager
    def with_imports(self, modules: Iterable[str], *, alone: bool = False) -> Iterator[WarmForks]:
        """A zygote that has imported these and what every run needs; it stays while it is used.

        ``alone``: it has imported nothing else, so that one sees which modules a run needs.
        """
        wanted = frozenset(modules) - frozenset(ALWAYS)
        with self._lock:
            kept = self._exactly(wanted) if alone else self._holding(wanted)
            kept = kept or self._add(wanted)
            kept.users += 1
            self._warm.remove(kept)
            self._warm.append(kept)
            self._end_surplus()
            more = sorted(wanted - kept.modules)
            kept.modules |= wanted
        try:
            if more:
                kept.forks.import_also(more)
            yield kept.forks
        finally:
            with self._lock:
                kept.users -= 1

    def warm(self, modules: Iterable[str]) -> bool:
        """Start the zygote for these modules and import them, unless as many are kept as may be."""
        wanted = frozenset(modules)
        with self._lock:
            if not self._holding(wanted) and len(self._warm) >= MAX_ZYGOTES:
                return False
        with self.with_imports(wanted) as zygote:
            zygote.start()
        return True

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            while self._warm:
                self._warm.pop().forks.close()

    def _exactly(self, wanted: frozenset[str]) -> _Kept | None:
        return next((kept for kept in self._warm if kept.modules == wanted), None)

    def _holding(self, wanted: frozenset[str]) -> _Kept | None:
        fitting = [kept for kept in self._warm if kept.libraries >= _libraries(wanted)]
        return min(fitting, key=lambda kept: (len(kept.libraries), len(wanted - kept.modules)), default=None)

    def _add(self, wanted: frozenset[str]) -> _Kept:
        preload = (*ALWAYS, *sorted(wanted))
        name = hashlib.sha256("\n".join(preload).encode()).hexdigest()[:12]
        self._warm.append(_Kept(self._make(sys.executable, preload, self._folder / name), _libraries(wanted), wanted))
        return self._warm[-1]

    def _end_surplus(self) -> None:
        idle = [kept for kept in self._warm if not kept.users]
        for kept in idle[: max(0, len(self._warm) - MAX_ZYGOTES)]:
            self._warm.remove(kept)
            kept.forks.close()


def _libraries(modules: Iterable[str]) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in modules) & HEAVY


def worth_importing(modules: Iterable[str]) -> frozenset[str]:
    """Those modules of the large libraries, which take time to import, that are there."""
    wanted = frozenset(name for name in modules if name.partition(".")[0] in WORTH)
    return frozenset(name for name in wanted if _is_there(name.partition(".")[0]))


@cache
def environment_digest() -> str:
    """sha256 over the interpreter and every installed package with its version, whatever this process imported."""
    installed = importlib.metadata.distributions(path=site.getsitepackages())
    packages = sorted({f"{d.metadata['Name']}=={d.version}" for d in installed})
    return hashlib.sha256("\n".join([platform.python_version(), *packages]).encode()).hexdigest()


@cache
def _is_there(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
