"""Warm processes by what they have imported; a few are kept, the least used goes first."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import platform
import sys
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol

from factory_academy.grading.trials.trial import Forks
from factory_academy.isolation.zygote import Zygote

MAX_ZYGOTES = 3
ALWAYS = (
    "factory_academy.grading.answering.main",
    "factory_academy.grading.judging.main",
    "IPython.core.completer",
    "IPython.core.magics",
    "IPython.core.ultratb",
    "asyncio",
    "decimal",
    "unittest.mock",
)
WORTH = ("numpy", "pandas", "scipy", "sklearn", "torch", "matplotlib", "pyarrow", "networkx", "sympy", "polars")


class ClosableForks(Forks, Protocol):
    """A zygote that can be ended."""

    def close(self) -> None:
        """End it and all that it forked."""


MakeZygote = Callable[[str, Sequence[str], Path], ClosableForks]


class Zygotes:
    """The warm processes of one worker. Safe to use from several threads."""

    def __init__(self, folder: Path, make: MakeZygote | None = None) -> None:
        self._folder = folder
        self._make: MakeZygote = make or Zygote
        self._warm: OrderedDict[tuple[str, ...], ClosableForks] = OrderedDict()
        self._users: Counter[tuple[str, ...]] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def with_imports(self, modules: Iterable[str]) -> Iterator[Forks]:
        """A zygote that has imported these and what every run needs; it stays while it is used."""
        preload = (*ALWAYS, *sorted(set(modules) - set(ALWAYS)))
        with self._lock:
            self._users[preload] += 1
            zygote = self._warm.get(preload) or self._add(preload)
            self._warm.move_to_end(preload)
            self._end_surplus()
        try:
            yield zygote
        finally:
            with self._lock:
                self._users[preload] -= 1

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            while self._warm:
                self._warm.popitem()[1].close()

    def _add(self, preload: tuple[str, ...]) -> ClosableForks:
        name = hashlib.sha256("\n".join(preload).encode()).hexdigest()[:12]
        self._warm[preload] = self._make(sys.executable, preload, self._folder / name)
        return self._warm[preload]

    def _end_surplus(self) -> None:
        idle = [preload for preload in self._warm if not self._users[preload]]
        for preload in idle[: max(0, len(self._warm) - MAX_ZYGOTES)]:
            self._warm.pop(preload).close()


def worth_importing(modules: Iterable[str]) -> frozenset[str]:
    """Those modules of the large libraries, which take time to import, that are there."""
    wanted = frozenset(name for name in modules if name.partition(".")[0] in WORTH)
    return frozenset(name for name in wanted if _is_there(name.partition(".")[0]))


@cache
def environment_digest() -> str:
    """sha256 over the interpreter and every installed package with its version."""
    packages = sorted({f"{d.metadata['Name']}=={d.version}" for d in importlib.metadata.distributions()})
    return hashlib.sha256("\n".join([platform.python_version(), *packages]).encode()).hexdigest()


@cache
def _is_there(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
