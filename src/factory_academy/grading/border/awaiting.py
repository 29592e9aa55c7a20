"""Awaitables of the trainee's in the judge: what a test awaits together runs together there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from factory_academy.grading.border.link import Link, Paths
from factory_academy.grading.contract import longer_path


class Awaiting:
    """Makes coroutines of the judge's for the trainee's, and knows which is which."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._pending: list[int] = []
        self._numbers: dict[int, tuple[Coroutine[Any, Any, Any], int]] = {}

    def coroutine(self, rid: int, paths: Paths) -> Any:
        """A coroutine whose result is that of the trainee's awaitable."""
        made = self._wait(rid, paths)
        self._numbers[id(made)] = (made, rid)
        return made

    def number(self, value: Any) -> int | None:
        """The trainee's number of a coroutine that was made here and goes back unawaited."""
        made, rid = self._numbers.get(id(value), (None, None))
        if made is None or rid is None:
            return None
        made.close()
        return rid

    async def items(self, rid: int, paths: Paths) -> AsyncIterator[Any]:
        """The items of the trainee's asynchronous iterator, one at a time."""
        further = frozenset(longer_path(path, "[]") for path in paths)
        while True:
            there_is, item = self._link.request(further, "step", lambda packer: {"on": ["r", rid]})
            if there_is is not True:
                return
            yield item

    async def _wait(self, rid: int, paths: Paths) -> Any:
        self._pending.append(rid)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if rid in self._pending and len(self._pending) > 1:
            together = [["r", number] for number in self._pending]
            self._link.request(frozenset({"(gather)"}), "gather", lambda packer: {"on": together})
            self._pending.clear()
        self._pending = [number for number in self._pending if number != rid]
        further = frozenset(longer_path(path, "await") for path in paths)
        return self._link.request(further, "await", lambda packer: {"on": ["r", rid]})
