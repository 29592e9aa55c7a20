"""A warm process that forks sandboxes in milliseconds: what is imported once is imported for all."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import factory_academy
from factory_academy.errors import CannotIsolate, InfrastructureFault
from factory_academy.isolation import sandbox, zygote_main
from factory_academy.isolation.spec import Ending, Limits, SandboxSpec

_START_SECONDS = 120.0
_SET_UP_SECONDS = 60.0
_ANSWER_SECONDS = 20.0
_BOOT = "import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"
_MAIN = "factory_academy.isolation.zygote_main"
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_MAX_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MPLBACKEND": "Agg",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Child:
    """One running sandbox. Leaving the ``with`` block kills whatever still runs in it."""

    def __init__(self, handle: int, channel: socket.socket) -> None:
        self._handle, self._channel = handle, channel
        self._ending: Ending | None = None
        self._lock = threading.Lock()
        self.pid = _pid_behind(handle)
        """Process id of the sandbox's first process, as this process sees it; -1 if it had ended already."""

    def wait(self, timeout: float | None = None) -> Ending | None:
        """How it ended, or None when ``timeout`` seconds passed first; may be asked again."""
        if self._ending is None and _is_readable(self._channel.fileno(), timeout):
            self._ending = self._read_ending()
            self._let_go()
        return self._ending

    def kill(self) -> None:
        """End every process of the sandbox at once. Safe from any thread, at any time, more than once."""
        with self._lock:
            if self._handle >= 0:
                _kill(self._handle)

    def close(self) -> None:
        """Kill it, wait until it is over and let go of it."""
        self.kill()
        self.wait()

    def _let_go(self) -> None:
        with self._lock:
            os.close(self._handle)
            self._handle = -1
        self._channel.close()

    def _read_ending(self) -> Ending:
        try:
            words = self._channel.recv(4096)
        except ConnectionResetError:
            words = b""
        if words:
            return Ending.from_json(words)
        _is_readable(self._handle, None)  # the zygote died, and the kernel ends its sandboxes with it
        return Ending("killed", None, int(signal.SIGKILL), None, 0.0)

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


@dataclass(slots=True)
class _WarmProcess:
    """One zygote process: its control socket, how often it forked, and what it said when it was ready."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    forks: int = 0
    failed_imports: dict[str, str] | None = None

    def is_ready(self, timeout: float) -> bool:
        """Whether its imports are done; waits up to ``timeout`` seconds.

        Raises:
            CannotIsolate: it says that it cannot fork sandboxes here.
            InfrastructureFault: it died.
        """
        if self.failed_imports is None and _is_readable(self.control.fileno(), timeout):
            words = self.control.recv(1 << 16)
            if not words:
                raise InfrastructureFault("the zygote died while it was starting", "Look into zygote.log.")
            said = json.loads(words)
            if "message" in said:
                raise CannotIsolate(**said)
            self.failed_imports = said["failed_imports"]
        return self.failed_imports is not None

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def has_ended(self, timeout: float) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout)
        return not self.is_alive()

    def import_also(self, names: Sequence[str], timeout: float) -> None:
        """Have it import more; a process that dies of that, or hangs, is ended.

        Raises:
            ConnectionError: it is gone.
        """
        with _memory_file(json.dumps(list(names)).encode()) as request:
            socket.send_fds(self.control, [zygote_main.IMPORT], [request])
        if not _is_readable(self.control.fileno(), timeout):
            self.process.kill()
        words = self.control.recv(1 << 16)
        if not words:
            raise ConnectionResetError("the zygote died of an import")
        self.failed_imports = {**(self.failed_imports or {}), **json.loads(words)["failed_imports"]}

    def retire(self) -> None:
        """Have it end after its last sandbox."""
        with suppress(BrokenPipeError):
            self.control.send(zygote_main.RETIRE)

    def end(self) -> None:
        self.control.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Zygote:
    """A clean process that has imported ``preload``, computed nothing, and forks sandboxes on request.

    ``folder`` holds its log. It starts at the first fork (or ``start()``), is replaced when it has died or has not
    answered for ``answer_seconds`` (its sandboxes end with it), and is recycled after ``recycle_after`` forks, since
    forks of one process share hash seed and address layout. ``failed_imports`` says which of ``preload`` could not be
    imported, and why; that is not fatal.
    One thread forks at a time; ``Child.kill`` may come from any.
    """

    def __init__(
        self,
        python: str,
        preload: Sequence[str],
        folder: Path,
        recycle_after: int = 200,
        answer_seconds: float = _ANSWER_SECONDS,
    ) -> None:
        self._command = [python, "-I", "-c", _BOOT, str(Path(factory_academy.__file__).resolve().parents[1]), _MAIN]
        self._preload, self._folder = tuple(preload), folder
        self._recycle_after, self._answer_seconds = recycle_after, answer_seconds
        self._current: _WarmProcess | None = None
        self._next: _WarmProcess | None = None
        self._retired: list[_WarmProcess] = []
        self._lock = threading.RLock()

    @property
    def pid(self) -> int | None:
        """Process id of the warm process, if it was started."""
        return self._current.process.pid if self._current else None

    @property
    def failed_imports(self) -> dict[str, str]:
        """Modules that could not be imported ahead, with the reason."""
        return (self._current and self._current.failed_imports) or {}

    def start(self) -> None:
        """Start now instead of at the first fork; returns when the imports are done.

        Raises:
            CannotIsolate: sandboxes cannot be made here.
        """
        with self._lock:
            self._warm()

    def import_also(self, modules: Sequence[str]) -> None:
        """Import these too, for all forks from now on; those that it has already cost nothing."""
        with self._lock:
            more = [name for name in dict.fromkeys(modules) if name not in self._preload]
            self._preload = (*self._preload, *more)
            if not more or self._current is None or not self._current.is_alive():
                return
            self._drop_next()
            try:
                self._current.import_also(more, _START_SECONDS)
            except ConnectionError:
                self._current.end()
                self._current = None

    def fork(
        self, entry: str, spec: SandboxSpec, limits: Limits, fds: Sequence[int] = (), argument: bytes = b""
    ) -> Child:
        """Call ``entry`` ("package.module:function") as ``function(fds: list[int], argument: bytes)`` in a new sandbox.

        Returns when the sandbox stands and the function is about to be called. What the function returns (an int, or
        0) is the exit code; an exception is exit code 1 with the traceback on fd 2, which is /dev/null until the
        function redirects it. ``fds`` stay open here too; close them where the child should be their only holder.

        Raises:
            CannotIsolate: the sandbox could not be built; nothing of the function ran.
            InfrastructureFault: the zygote died, twice.
            ValueError: more files than one message can carry.
        """
        if len(fds) > zygote_main.MAX_FDS - 3:
            raise ValueError(f"at most {zygote_main.MAX_FDS - 3} files can be passed, got {len(fds)}")
        request = {"entry": entry, "spec": spec.to_json(), "limits": limits.to_json()}
        payload = json.dumps(request).encode() + b"\n" + argument
        with self._lock:
            for _ in range(2):
                warm = self._warm()
                try:
                    return _fork_once(warm, payload, fds, self._answer_seconds)
                except (EOFError, BrokenPipeError, ConnectionResetError):
                    if not warm.has_ended(1.0):
                        break
        raise InfrastructureFault("a sandbox ended while it was being built", "Try again; look into zygote.log.")

    def is_alive(self) -> bool:
        """Whether the warm process is there."""
        return self._current is not None and self._current.is_alive()

    def close(self) -> None:
        """End the zygote and every sandbox that it started."""
        with self._lock:
            for warm in (*self._retired, self._current, self._next):
                if warm:
                    warm.end()
            self._retired, self._current, self._next = [], None, None

    def _drop_next(self) -> None:
        """A successor that is under way lacks what was asked for since."""
        if self._next:
            self._next.process.kill()
            self._next.end()
            self._next = None

    def _warm(self) -> _WarmProcess:
        """A process that can fork: the present one, or its replacement when it is dead or worn out."""
        if self._current and not self._current.is_alive():
            self._current.end()
            self._current = None
        if self._current and self._current.forks >= self._recycle_after:
            self._replace(self._current)
        if self._current is None:
            self._current = self._spawn()
            self._current.is_ready(_START_SECONDS)
        return self._current

    def _replace(self, worn: _WarmProcess) -> None:
        """Start the successor; once it is warm (nobody waits for that), let it take over."""
        for over in [warm for warm in self._retired if not warm.is_alive()]:
            over.end()
            self._retired.remove(over)
        self._next = self._next or self._spawn()
        if self._next.is_ready(0):
            worn.retire()
            self._retired.append(worn)
            self._current, self._next = self._next, None

    def _spawn(self) -> _WarmProcess:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, open(self._folder / "zygote.log", "ab") as log:
            process = subprocess.Popen(
                [*self._command, str(theirs.fileno()), *self._preload], pass_fds=(theirs.fileno(),), env=_ENVIRONMENT,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
            )  # fmt: skip
        return _WarmProcess(process, ours)


@contextmanager
def _memory_file(content: bytes) -> Iterator[int]:
    """An open file in memory that holds these bytes."""
    descriptor = os.memfd_create("request")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        yield descriptor
    finally:
        os.close(descriptor)


def _fork_once(warm: _WarmProcess, payload: bytes, fds: Sequence[int], answer_seconds: float) -> Child:
    with ExitStack() as temporary:
        request = temporary.enter_context(_memory_file(payload))
        setup, setup_inside = os.pipe()
        temporary.callback(os.close, setup)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            socket.send_fds(warm.control, [zygote_main.FORK], [request, setup_inside, theirs.fileno(), *fds])
        finally:
            theirs.close()
            os.close(setup_inside)
        warm.forks += 1
        unfinished = temporary.enter_context(ExitStack())
        unfinished.callback(ours.close)
        if not _is_readable(ours.fileno(), answer_seconds):
            warm.process.kill()
        _, handles, _, _ = socket.recv_fds(ours, 64, 1)
        for handle in handles:
            unfinished.callback(os.close, handle)
            unfinished.callback(_kill, handle)
        sandbox.await_ready(setup, _SET_UP_SECONDS)
        unfinished.pop_all()
        return Child(handles[0], ours)


def _kill(handle: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)


def _is_readable(descriptor: int, timeout: float | None) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(None if timeout is None else max(0, timeout) * 1000))


def _pid_behind(handle: int) -> int:
    for line in Path(f"/proc/self/fdinfo/{handle}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise InfrastructureFault("the kernel gives no pid for a process handle", "Linux 5.3 or later is needed.")
