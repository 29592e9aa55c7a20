"""A warm process that forks sandboxes in milliseconds: what is imported once is imported for all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from factory_academy.isolation.spec import Ending, Limits, SandboxSpec


class Child:
    """One running sandbox. Leaving the ``with`` block kills whatever still runs in it."""

    pid: int
    """Process id of the sandbox's first process, as the host sees it."""

    def wait(self, timeout: float | None = None) -> Ending | None:
        """How it ended, or None when ``timeout`` seconds passed first; may be asked again."""
        raise NotImplementedError

    def kill(self) -> None:
        """End every process of the sandbox at once. Safe from any thread, at any time, more than once."""
        raise NotImplementedError

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.kill()


class Zygote:
    """A clean process that has imported ``preload``, computed nothing, and forks sandboxes on request.

    ``folder`` holds its log. It starts at the first fork (or ``start()``), is replaced when it has died, and is
    recycled after ``recycle_after`` forks, since forks of one process share hash seed and address layout.
    ``failed_imports`` says which of ``preload`` could not be imported, and why; that is not fatal.
    """

    failed_imports: dict[str, str]

    def __init__(self, python: str, preload: Sequence[str], folder: Path, recycle_after: int = 200) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Start now instead of at the first fork; returns when the imports are done."""
        raise NotImplementedError

    def fork(
        self, entry: str, spec: SandboxSpec, limits: Limits, fds: Sequence[int] = (), argument: bytes = b""
    ) -> Child:
        """Call ``entry`` ("package.module:function") as ``function(fds: list[int], argument: bytes)`` in a new sandbox.

        Returns when the sandbox stands and the function is about to be called. The function's return (or an int that
        it returns) is exit code 0 (or that int), an exception is exit code 1 with the traceback on fd 2, which is
        /dev/null until the function redirects it. ``fds`` stay open here; close them when the child should be their
        only holder.

        Raises:
            CannotIsolate: the sandbox could not be built; nothing of the function ran.
        """
        raise NotImplementedError

    def is_alive(self) -> bool:
        """Whether the warm process is there."""
        raise NotImplementedError

    def close(self) -> None:
        """End the zygote and every sandbox that it started."""
        raise NotImplementedError
