"""Start a program in a sandbox that outlives whoever started it, and find it again later."""

from __future__ import annotations

from dataclasses import dataclass

from factory_academy.isolation.spec import Ending, Limits, SandboxSpec


@dataclass(frozen=True, slots=True)
class LaunchRequest:
    """``argv`` (absolute program) runs inside ``spec``; the host-side files are written by the keeper, outside.

    ``log_path`` takes what it prints; ``pid_path`` gets ``{"pid", "start_ticks"}`` of the keeper; ``ending_path``
    gets the ``Ending`` when all is over. ``grace_seconds`` is what SIGTERM gives the program before SIGKILL.
    """

    spec: SandboxSpec
    limits: Limits
    argv: tuple[str, ...]
    log_path: str
    pid_path: str
    ending_path: str
    grace_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Launched:
    """A program in its sandbox, known by its keeper's pid and start time, so that a reused pid is not mistaken."""

    pid: int
    start_ticks: int
    ending_path: str | None = None

    @classmethod
    def start(cls, request: LaunchRequest) -> Launched:
        """Start it; returns when the program has been executed inside.

        Raises:
            CannotIsolate: the sandbox could not be built, or the program could not be executed.
        """
        raise NotImplementedError

    @classmethod
    def from_state(cls, pid: int, start_ticks: int, ending_path: str | None = None) -> Launched:
        """Adopt it again from what was remembered."""
        raise NotImplementedError

    def is_alive(self) -> bool:
        """Whether the keeper, and so the program, still runs."""
        raise NotImplementedError

    def stop(self, grace_seconds: float = 10.0) -> None:
        """SIGTERM for the program, then SIGKILL for all of it; returns when nothing of it is left."""
        raise NotImplementedError

    def ending(self) -> Ending | None:
        """How it ended; None while it runs, or when its keeper was killed before it could say."""
        raise NotImplementedError
