"""Coroutines and asynchronous iterators of the trainee's, run for the judge on one event loop that is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any


class Waiting:
    """What was awaited together keeps its results until the judge asks for each."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._done: dict[int, tuple[Any, asyncio.Future[Any]]] = {}

    def gather(self, awaited: Sequence[Any]) -> None:
        """Await all of these at the same time."""

        async def wait() -> None:
            futures = [asyncio.ensure_future(_completed(one)) for one in awaited]
            await asyncio.wait(futures)
            self._done.update({id(one): (one, future) for one, future in zip(awaited, futures, strict=True)})

        self._run(wait())

    def result(self, awaited: Any) -> Any:
        """The result of one, awaited now if it was not yet.

        Raises:
            BaseException: what it raised.
        """
        if id(awaited) in self._done:
            return self._done.pop(id(awaited))[1].result()
        return self._run(_completed(awaited))

    def step(self, iterator: Any) -> list[Any]:
        """Whether there is a next item of an asynchronous iterator, and the item."""
        try:
            return [True, self._run(_completed(type(iterator).__anext__(iterator)))]
        except StopAsyncIteration:
            return [False, None]

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(coroutine)


async def _completed(awaited: Any) -> Any:
    return await awaited
