"""Keeps the academy's processes running: starts them, waits until they answer, restarts what falls, stops all."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from factory_academy.errors import InfrastructureFault

READY_SECONDS = 120.0
LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Part:
    """One process: how it is started and how one sees that it is ready (None: as soon as it runs)."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    is_ready: Callable[[], bool] | None = None


@dataclass(slots=True)
class _Running:
    part: Part
    process: subprocess.Popen[bytes]
    begun: float
    falls: int = 0
    restart_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Runs parts as children, each in a process group of its own so that Ctrl-C reaches only this process.

    Output goes to ``<logs>/<part>.log``; process ids to ``<run>/<part>.pid``.
    """

    logs: Path
    run: Path
    say: Callable[[str], None]
    grace_seconds: float = 10.0
    _parts: list[_Running] = field(default_factory=list)

    def start(self, part: Part) -> None:
        """Start a part and wait until it is ready.

        Raises:
            InfrastructureFault: it ended or did not answer in time; the message shows the end of its log.
        """
        running = _Running(part, self._spawn(part), time.monotonic())
        self._parts.append(running)
        deadline = time.monotonic() + READY_SECONDS
        while part.is_ready is not None and not part.is_ready():
            if running.process.poll() is not None or time.monotonic() > deadline:
                how = "ended" if running.process.poll() is not None else "did not answer"
                raise InfrastructureFault(f"The {part.name} {how}. {self._tail(part)}", f"Read {self._log(part)}.")
            time.sleep(0.1)

    def watch(self) -> None:
        """Restart what has fallen, at once the first time and then with growing pauses."""
        now = time.monotonic()
        for running in self._parts:
            if running.restart_at is None and running.process.poll() is not None:
                running.falls = 0 if now - running.begun > 60 else running.falls + 1
                pause = min(0.25 * 2**running.falls, LONGEST_PAUSE_SECONDS)
                running.restart_at = now + pause
                self.say(f"The {running.part.name} ended ({running.process.returncode}); it starts again.")
            elif running.restart_at is not None and now >= running.restart_at:
                running.process = self._spawn(running.part)
                running.begun, running.restart_at = now, None

    def stop(self) -> None:
        """Ask the parts to end, last started first; those that do not within the grace are killed."""
        for running in reversed(self._parts):
            if running.process.poll() is None:
                running.process.send_signal(signal.SIGTERM)
            try:
                running.process.wait(self.grace_seconds)
            except subprocess.TimeoutExpired:
                os.killpg(running.process.pid, signal.SIGKILL)
                running.process.wait()
            (self.run / f"{running.part.name}.pid").unlink(missing_ok=True)
        self._parts.clear()

    def _spawn(self, part: Part) -> subprocess.Popen[bytes]:
        with self._log(part).open("ab") as log:
            process = subprocess.Popen(
                list(part.argv),
                env=dict(part.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        (self.run / f"{part.name}.pid").write_text(str(process.pid))
        return process

    def _log(self, part: Part) -> Path:
        return self.logs / f"{part.name}.log"

    def _tail(self, part: Part) -> str:
        lines = self._log(part).read_text(errors="replace").strip().splitlines()
        return f"Its last words: {lines[-1].strip()}" if lines else "It said nothing."
