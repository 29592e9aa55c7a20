"""Start a program in a sandbox that outlives whoever started it, and find it again later.

start() ──exec──▶ launcher ──fork, setsid──▶ keeper (outside) ──▶ first process ──▶ argv
                  says READY, ends             waits, passes SIGTERM on, writes the ending
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import factory_academy
from factory_academy.errors import AcademyError, CannotIsolate, InfrastructureFault
from factory_academy.isolation import kernel, sandbox
from factory_academy.isolation.cgroups import Cgroup, find_controllers, group_name, sweep
from factory_academy.isolation.spec import Ending, Limits, SandboxSpec

_SET_UP_SECONDS = 120.0
_LAST_RESORT_SECONDS = 15.0
_BOOT = "import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"
_MAIN = "factory_academy.isolation.launch"
_KILL_NOW = signal.SIGUSR1


@dataclass(frozen=True, slots=True)
class LaunchRequest:
    """``argv`` (absolute program) runs inside ``spec``; the host-side files are written by the keeper, outside.

    ``log_path`` takes what it prints, up to the limit on file sizes; ``pid_path`` gets ``{"pid", "start_ticks"}`` of
    the keeper; ``ending_path`` gets the ``Ending`` when all is over. ``grace_seconds`` is what SIGTERM to the keeper
    gives the program before all is killed.
    """

    spec: SandboxSpec
    limits: Limits
    argv: tuple[str, ...]
    log_path: str
    pid_path: str
    ending_path: str
    grace_seconds: float = 10.0

    def to_json(self) -> str:
        """The request as JSON; the environment in it may hold secrets."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(plain | {"spec": self.spec.to_json(), "limits": self.limits.to_json()})

    @classmethod
    def from_json(cls, text: str | bytes) -> LaunchRequest:
        """The request that ``to_json`` wrote."""
        fields: dict[str, Any] = json.loads(text)
        spec, limits = SandboxSpec.from_json(fields["spec"]), Limits.from_json(fields["limits"])
        return cls(**fields | {"spec": spec, "limits": limits, "argv": tuple(fields["argv"])})


@dataclass(frozen=True, slots=True)
class Launched:
    """A program in its sandbox, known by its keeper's pid and start time, so that a reused pid is not mistaken."""

    pid: int
    start_ticks: int
    ending_path: str | None = None

    @classmethod
    def start(cls, request: LaunchRequest) -> Launched:
        """Start it; returns when the sandbox stands and the program is being executed in it.

        Raises:
            CannotIsolate: the sandbox could not be built, or the program is not there to be executed.
            InfrastructureFault: the launcher could not run.
        """
        package_root = str(Path(factory_academy.__file__).resolve().parents[1])
        said = subprocess.run(
            [sys.executable, "-I", "-c", _BOOT, package_root, _MAIN, str(_write_request(request))],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/", start_new_session=True,
        )  # fmt: skip
        try:
            answer = json.loads(said.stdout)
        except ValueError as error:
            why = said.stderr.decode(errors="replace").strip()[-500:]
            raise InfrastructureFault(f"the launcher failed: {why}", sandbox.DOCTOR) from error
        if "message" in answer:
            raise CannotIsolate(**answer)
        return cls(answer["pid"], answer["start_ticks"], request.ending_path)

    @classmethod
    def from_state(cls, pid: int, start_ticks: int, ending_path: str | None = None) -> Launched:
        """Adopt it again from what was remembered."""
        return cls(pid, start_ticks, ending_path)

    def is_alive(self) -> bool:
        """Whether the keeper, and so the program, still runs."""
        return kernel.start_ticks(self.pid) == self.start_ticks

    def stop(self, grace_seconds: float = 10.0) -> None:
        """SIGTERM for the program, then SIGKILL for all of it; returns when nothing of it is left."""
        handle = self._open()
        if handle is None:
            return
        try:
            for signal_number, seconds in (
                (signal.SIGTERM, grace_seconds), (_KILL_NOW, _LAST_RESORT_SECONDS), (signal.SIGKILL, None),
            ):  # fmt: skip
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(handle, signal_number)
                if _ended_within(handle, seconds):
                    return
        finally:
            os.close(handle)

    def ending(self) -> Ending | None:
        """How it ended; None while it runs, or when its keeper was killed before it could say."""
        try:
            return Ending.from_json(Path(self.ending_path or "/nowhere").read_bytes())
        except FileNotFoundError:
            return None

    def _open(self) -> int | None:
        """A handle on the keeper, or None when it has ended and its pid may be someone else's."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return None
        if self.is_alive():
            return handle
        os.close(handle)
        return None


def _write_request(request: LaunchRequest) -> Path:
    path = Path(f"{request.pid_path}.request")
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(request.to_json())
    return path


def _ended_within(handle: int, seconds: float | None) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


def main(request_path: str) -> None:
    """Read the request (and delete it), leave a keeper behind, and print its pid or why there is none as JSON."""
    request = LaunchRequest.from_json(Path(request_path).read_bytes())
    Path(request_path).unlink()
    answer, answer_inside = os.pipe()
    if os.fork() == 0:
        os.close(answer)
        _keep(request, answer_inside)
    os.close(answer_inside)
    sys.stdout.write(os.read(answer, select.PIPE_BUF).decode())  # one write; without root a parent keeps its end open


def _keep(request: LaunchRequest, answer: int) -> NoReturn:
    """The keeper, from fork to exit: nothing of whoever asked for it is left in it."""
    os.setsid()
    try:
        null = os.open("/dev/null", os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        sandbox.become_starter()
        log = os.open(request.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD, _KILL_NOW, signal.SIGHUP})
        started = _start(request, log)
        _write_whole(request.pid_path, json.dumps(_me()))
        os.write(answer, json.dumps(_me()).encode())
    except BaseException as error:
        step = error.next_step if isinstance(error, AcademyError) else sandbox.DOCTOR
        told = json.dumps({"message": (str(error) or repr(error))[:1000], "next_step": step})
        os.write(answer, told.encode())
        os._exit(1)
    os.close(answer)
    _wait(started.pid, request.grace_seconds)
    _write_whole(request.ending_path, sandbox.collect(started).to_json())
    os._exit(0)


def _me() -> Mapping[str, int | None]:
    pid = int(os.readlink("/proc/self"))
    return {"pid": pid, "start_ticks": kernel.start_ticks(pid)}


def _start(request: LaunchRequest, log: int) -> sandbox.Started:
    controllers = find_controllers()
    sweep(controllers)
    setup, setup_inside = os.pipe()
    work = sandbox.Work(request.spec, request.limits, lambda ready: _execute(request, ready), output=log)
    started = sandbox.start(lambda: work, Cgroup(controllers, group_name(0)), setup_inside)
    os.close(setup_inside)
    os.close(log)
    try:
        sandbox.await_ready(setup, _SET_UP_SECONDS)
    except (CannotIsolate, EOFError):
        os.kill(started.pid, signal.SIGKILL)
        sandbox.collect(started)
        raise
    os.close(setup)
    return started


def _execute(request: LaunchRequest, ready: Callable[[], None]) -> NoReturn:
    """Runs inside: become the program."""
    program = request.argv[0]
    if not os.access(program, os.X_OK):
        raise CannotIsolate(f"{program} cannot be executed in the sandbox", "Mount the folder that holds it.")
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored, signal.SIG_DFL)
    ready()
    try:
        os.execve(program, request.argv, dict(request.spec.environment))
    except OSError as error:
        os.write(2, f"{program} cannot be executed: {error.strerror}\n".encode())
        os._exit(126)


def _wait(first_process: int, grace_seconds: float) -> None:
    """Until the sandbox has ended; SIGTERM passes on with a grace, ``_KILL_NOW`` ends it at once."""
    deadline: float | None = None
    watched = {signal.SIGTERM, signal.SIGCHLD, _KILL_NOW}
    while os.waitid(os.P_PID, first_process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if deadline is None:
            received: int | None = signal.sigwait(watched)
        else:
            heard = signal.sigtimedwait(watched, max(0.0, deadline - time.monotonic()))
            received = heard.si_signo if heard else _KILL_NOW
        if received == signal.SIGTERM:
            os.kill(first_process, signal.SIGTERM)
            deadline = deadline or time.monotonic() + grace_seconds
        elif received == _KILL_NOW:
            os.kill(first_process, signal.SIGKILL)
            deadline = None


def _write_whole(path: str, text: str) -> None:
    """Write so that a reader sees all of it or nothing."""
    draft = Path(f"{path}.draft")
    draft.write_text(text)
    draft.chmod(0o600)
    draft.replace(path)


if __name__ == "__main__":
    main(sys.argv[1])
