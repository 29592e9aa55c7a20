"""Runs both processes with limits but without a sandbox, cold; only where the operator asked for it by name."""

from __future__ import annotations

import importlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from factory_academy.errors import InfrastructureFault
from factory_academy.isolation.spec import Ending, Limits, SandboxSpec

_MAIN = "factory_academy.grading.trials.unsandboxed"


class UnsandboxedForks:
    """Starts a fresh interpreter for each process; same interface as a zygote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[UnsandboxedProcess] = []

    def fork(
        self, entry: str, spec: SandboxSpec, limits: Limits, fds: Sequence[int] = (), argument: bytes = b""
    ) -> UnsandboxedProcess:
        """Call ``entry`` in a new process of our own user, in an empty folder."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        work = tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True)
        handed = os.memfd_create("argument", 0)
        os.write(handed, argument)
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-m", _MAIN, entry, str(limits.memory_bytes), str(handed), *map(str, fds)],
                pass_fds=(handed, *fds),
                cwd=work.name,
                env={**spec.environment, "HOME": work.name, "TMPDIR": work.name},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise InfrastructureFault(f"a process could not be started: {error}", "It is tried again.") from error
        finally:
            os.close(handed)
        self._running.append(UnsandboxedProcess(process, work))
        return self._running[-1]

    def start(self) -> None:
        """Every process starts cold here."""

    def import_also(self, modules: Sequence[str]) -> None:
        """Nothing is imported ahead here."""

    def close(self) -> None:
        """End everything that was started."""
        for process in self._running:
            process.close()
        self._running.clear()


class UnsandboxedProcess:
    """A process group."""

    def __init__(self, process: subprocess.Popen[bytes], work: tempfile.TemporaryDirectory[str]) -> None:
        self._process, self._work = process, work

    def wait(self, timeout: float | None = None) -> Ending | None:
        """How it ended, or None."""
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout)
            if code >= 0:
                return Ending("exited", code, None, None, 0.0)
            return Ending("killed" if code == -signal.SIGKILL else "signalled", None, -code, None, 0.0)
        return None

    def kill(self) -> None:
        """End the whole group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it, wait for it and take its folder away."""
        self.kill()
        self._process.wait()
        self._work.cleanup()


def main(argv: Sequence[str]) -> None:
    """The new process: limits, then the entry."""
    entry, memory, handed, *fds = argv
    resource.setrlimit(resource.RLIMIT_AS, (int(memory) * 4, int(memory) * 4))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(int(handed), "rb") as file:
        file.seek(0)
        argument = file.read()
    module, _, name = entry.partition(":")
    getattr(importlib.import_module(module), name)([int(fd) for fd in fds], argument)


if __name__ == "__main__":
    main(sys.argv[1:])
