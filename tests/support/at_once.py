"""Several acts begun in the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave, or the error it raised, when all were begun at the same moment."""
    gate, results = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results.append(act())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
