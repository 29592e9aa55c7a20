"""Inside the zygote: import, then fork a sandbox for each request that comes over the control socket.

A request's bytes (specification with environment, argument) lie in a memory file that only the forked child reads,
so that no trainee's token ever enters the process from which the next trainee's sandbox is forked.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from factory_academy.errors import CannotIsolate
from factory_academy.isolation import kernel, sandbox
from factory_academy.isolation.cgroups import Cgroup, find_controllers, group_name, sweep
from factory_academy.isolation.spec import Limits, SandboxSpec

MAX_FDS = 64
RETIRE = b"retire"
FORK = b"fork"
IMPORT = b"import"


@dataclass(slots=True)
class Nursery:
    """The sandboxes that live, by the handle on which poll says that they ended."""

    control: socket.socket
    cgroups: Callable[[], Cgroup]
    children: dict[int, tuple[sandbox.Started, socket.socket]] = field(default_factory=dict)
    accepts: bool = True

    def serve(self) -> None:
        """Fork and collect until the other side hangs up, or retirement and the last child's end."""
        while self.accepts or self.children:
            for handle in self._ready():
                if handle == self.control.fileno():
                    if not self._take_message():
                        return self.end_all()
                else:
                    self._collect(handle)

    def end_all(self) -> None:
        """Kill and collect every sandbox."""
        for started, _ in self.children.values():
            signal.pidfd_send_signal(started.handle, signal.SIGKILL)
        for handle in list(self.children):
            self._collect(handle)

    def _ready(self) -> list[int]:
        poll = select.poll()
        for handle in (self.control.fileno(), *self.children):
            poll.register(handle, select.POLLIN)
        return [handle for handle, _ in poll.poll()]

    def _take_message(self) -> bool:
        words, fds, _, _ = socket.recv_fds(self.control, 64, MAX_FDS)
        if words == RETIRE:
            self.accepts = False
        elif words == FORK:
            self._fork(*fds)
        elif words == IMPORT:
            self._import(*fds)
        return bool(words)

    def _import(self, names: int) -> None:
        with os.fdopen(names, "rb") as file:
            file.seek(0)
            failed = import_all(json.loads(file.read()))
        _settle()
        self.control.send(json.dumps({"failed_imports": failed}).encode())

    def _fork(self, request: int, setup: int, status: int, *fds: int) -> None:
        channel = socket.socket(fileno=status)
        try:
            started = sandbox.start(lambda: _read_request(request, fds), self.cgroups(), setup)
        except OSError as error:
            sandbox.SetUp(os.dup(setup)).failed(error)
            return channel.close()
        finally:
            for descriptor in (request, setup, *fds):
                os.close(descriptor)
        self.children[started.handle] = (started, channel)
        _tell(channel, b"started", [started.handle])

    def _collect(self, handle: int) -> None:
        started, channel = self.children.pop(handle)
        ending = sandbox.collect(started)
        _tell(channel, ending.to_json().encode())
        channel.close()


def _tell(channel: socket.socket, words: bytes, fds: Sequence[int] = ()) -> None:
    """Say something to a client that may have gone."""
    try:
        socket.send_fds(channel, [words], list(fds))
    except (BrokenPipeError, ConnectionResetError):
        return


def _read_request(request: int, fds: tuple[int, ...]) -> sandbox.Work:
    """Runs in the forked child only."""
    with os.fdopen(request, "rb") as file:
        file.seek(0)
        fields = json.loads(file.readline())
        argument = file.read()
    spec, limits = SandboxSpec.from_json(fields["spec"]), Limits.from_json(fields["limits"])
    return sandbox.Work(spec, limits, lambda ready: _call(fields["entry"], fds, argument, ready), fds)


def _call(entry: str, fds: tuple[int, ...], argument: bytes, ready: Callable[[], None]) -> int:
    _forget_the_parent()
    module, _, name = entry.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise CannotIsolate(f"{entry} cannot be called in the sandbox: {error}") from error
    ready()
    try:
        code = function(list(fds), argument)
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return code if isinstance(code, int) else 0


def _forget_the_parent() -> None:
    """Undo what forks of one process share but separate processes do not."""
    if (random := sys.modules.get("random")) is not None:
        random.seed()
    if (numpy := sys.modules.get("numpy.random")) is not None:
        numpy.seed(int.from_bytes(os.urandom(4), "little"))
    if (torch := sys.modules.get("torch")) is not None:
        torch.default_generator.manual_seed(int.from_bytes(os.urandom(7), "little"))
    if (process := sys.modules.get("multiprocessing.process")) is not None:
        process.current_process().authkey = os.urandom(32)
    if (tempfile := sys.modules.get("tempfile")) is not None:
        tempfile.__dict__.update(tempdir=None, _name_sequence=None)
    time.tzset()


def import_all(names: Sequence[str]) -> dict[str, str]:
    """Import each module; those that cannot be, with the reason."""
    failed = {}
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}"
    return failed


def _settle() -> None:
    """Put all that is there out of the collector's sight, so that forks do not copy pages by looking at it."""
    gc.collect()
    gc.freeze()


def main(control_fd: int, preload: Sequence[str]) -> None:
    """Serve the control socket ``control_fd``; says first which imports failed and how many threads there are."""
    control = socket.socket(fileno=control_fd)
    try:
        sandbox.become_starter()
    except CannotIsolate as error:
        control.send(json.dumps({"message": str(error), "next_step": error.next_step}).encode())
        return
    controllers = find_controllers()
    sweep(controllers)
    failed = import_all(preload)
    _settle()
    kernel.set_dumpable(os.geteuid() != 0)
    control.send(json.dumps({"failed_imports": failed, "threads": len(os.listdir("/proc/self/task"))}).encode())
    numbers = iter(range(1 << 62))
    Nursery(control, lambda: Cgroup(controllers, group_name(next(numbers)))).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
