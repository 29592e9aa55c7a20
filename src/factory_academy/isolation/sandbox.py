"""Fork a sandbox: a first process that watches, and in it the one that runs code nobody has read.

    starter ──fork──▶ first process (pid 1 inside) ──fork──▶ worker: body()
       ▲                │ builds the root, drops its rights, reaps, forwards SIGTERM
       └── report pipe ─┘ and ends everything when the worker has ended

The starter must have one thread, and be root or have called ``become_starter``.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from factory_academy.errors import AcademyError, CannotIsolate
from factory_academy.isolation import kernel
from factory_academy.isolation.cgroups import Cgroup
from factory_academy.isolation.root import build_root
from factory_academy.isolation.seccomp import install_filter
from factory_academy.isolation.spec import Ending, How, Limits, SandboxSpec

READY = b"ready"
DOCTOR = "`factory-academy doctor` says what this machine lacks."
_FAILED = 70
_RESETTABLE = set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}
_IGNORED_BY_PYTHON = {signal.SIGPIPE, signal.SIGXFSZ}
_WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


@dataclass(frozen=True, slots=True)
class Work:
    """What runs inside: ``body(ready)`` calls ``ready`` when it is about to run foreign code; an int is the exit code.

    ``fds`` stay open for it, besides 0–2, which are /dev/null unless ``output`` is an open file for 1 and 2.
    """

    spec: SandboxSpec
    limits: Limits
    body: Callable[[Callable[[], None]], int | None]
    fds: tuple[int, ...] = ()
    output: int | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A sandbox as its starter sees it: the first process, a handle on it, and where it reports."""

    pid: int
    handle: int
    report: int
    cgroup: Cgroup


class SetUp:
    """The sandbox's end of the set-up pipe: says once that it stands, or why not, and is closed before the body."""

    def __init__(self, pipe: int) -> None:
        self.pipe, self._open = pipe, True

    def ready(self) -> None:
        """The next thing that runs is foreign."""
        self._say(READY)

    def failed(self, error: BaseException) -> None:
        """There is no sandbox; nobody listens any more once it stood."""
        step = error.next_step if isinstance(error, AcademyError) else ""
        message = str(error) if isinstance(error, AcademyError) else f"cannot build a sandbox: {error!r}"
        self._say(json.dumps({"message": message[:2000], "next_step": step or DOCTOR}).encode())

    def _say(self, words: bytes) -> None:
        if self._open:
            self._open = False
            os.write(self.pipe, words)
            os.close(self.pipe)


def become_starter() -> None:
    """Make this process able to start sandboxes: as root it is; others become root of a user namespace.

    Returns in a new process; the old one stays as its parent, waits, and ends as it ends.

    Raises:
        CannotIsolate: the kernel does not let this user make user namespaces.
    """
    if os.geteuid() == 0:
        return
    try:
        kernel.enter_user_namespace(0, 0)
        kernel.unshare(kernel.CLONE_NEWPID)
    except OSError as error:
        raise CannotIsolate(
            f"no user namespaces for this user: {error}", f"Run as root, or allow them. {DOCTOR}"
        ) from (error)
    starter = os.fork()
    if starter:
        status = os.waitpid(starter, 0)[1]
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    kernel.die_with_parent()


def start(prepare: Callable[[], Work], cgroup: Cgroup, setup: int) -> Started:
    """Fork a sandbox; ``prepare`` is called inside, so what it reads (secrets) never enters this process.

    ``setup`` is an open pipe on which the sandbox writes ``READY``, or why it could not be built, as JSON
    ``{"message", "next_step"}``; see ``await_ready``.
    """
    report, report_inside = os.pipe()
    pid = _fork_into_new_pid_namespace()
    if pid == 0:
        os.close(report)
        _run_first_process(prepare, cgroup, SetUp(setup), report_inside)
    os.close(report_inside)
    return Started(pid, os.pidfd_open(pid), report, cgroup)


def _fork_into_new_pid_namespace() -> int:
    """Like fork, but the child is process 1 of its own; the caller stays what it was and can do so again."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    kernel.unshare(kernel.CLONE_NEWPID)
    pid = -1
    try:
        pid = os.fork()
    finally:
        if pid != 0:
            kernel.join_namespace(own, kernel.CLONE_NEWPID)
        os.close(own)
    return pid


def await_ready(setup: int, timeout: float) -> None:
    """Read the set-up pipe until the sandbox stands.

    Raises:
        CannotIsolate: it could not be built, or did not stand after ``timeout`` seconds.
        EOFError: it ended without a word.
    """
    poll = select.poll()
    poll.register(setup, select.POLLIN)
    if not poll.poll(timeout * 1000):
        raise CannotIsolate(f"a sandbox did not stand after {timeout:.0f} s", DOCTOR)
    said = os.read(setup, 8192)
    if not said:
        raise EOFError("the sandbox ended while it was being built")
    if said != READY:
        raise CannotIsolate(**json.loads(said))


def collect(started: Started) -> Ending:
    """Wait for a sandbox to be over, read what it used and remove its control group."""
    _, _, usage = os.wait4(started.pid, 0)
    report = os.read(started.report, 256)
    os.close(started.report)
    os.close(started.handle)
    how, code, number = _how(json.loads(report) if report else None, started.cgroup.out_of_memory_kills())
    peak = started.cgroup.peak_memory_bytes()
    started.cgroup.remove()
    return Ending(how, code, number, peak, round(usage.ru_utime + usage.ru_stime, 6))


def _how(exit_code: int | None, out_of_memory_kills: int) -> tuple[How, int | None, int | None]:
    """``exit_code`` as the first process reports it: negative for a signal, None when it could not report."""
    if exit_code is None:
        return "killed", None, int(signal.SIGKILL)
    if exit_code >= 0:
        return "exited", exit_code, None
    if exit_code == -signal.SIGKILL and out_of_memory_kills:
        return "out_of_memory", None, int(signal.SIGKILL)
    return "signalled", None, -exit_code


def _run_first_process(prepare: Callable[[], Work], cgroup: Cgroup, setup: SetUp, report: int) -> NoReturn:
    """Pid 1 of the sandbox, from fork to exit."""
    try:
        _reset_signals()
        kernel.die_with_parent()
        os.umask(0o022)
        work = prepare()
        signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        worker, locks = _build(work, cgroup, setup)
        kernel.close_all_but([report, *locks])
        _watch(worker, report)
    except BaseException as error:
        setup.failed(error)
    os._exit(_FAILED)


def _build(work: Work, cgroup: Cgroup, setup: SetUp) -> tuple[int, list[int]]:
    """Make namespaces, root and worker, then drop this process's rights; the worker's pid and files to keep open."""
    spec = work.spec
    cgroup.create(work.limits)
    entrances = cgroup.entrances()
    network = 0 if spec.network else kernel.CLONE_NEWNET
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | network)
    owner = (spec.uid, spec.gid) if _is_mapped(spec.uid) else (0, 0)
    locks = build_root(spec, work.limits, *owner)
    socket.sethostname(spec.hostname)
    if not spec.network:
        kernel.raise_loopback()
    worker = os.fork()
    if worker == 0:
        _run_worker(work, cgroup, entrances, setup)
    _keep_only_the_right_to_kill()
    return worker, locks


def _is_mapped(uid: int) -> bool:
    with open("/proc/self/uid_map") as lines:
        ranges = [[int(field) for field in line.split()] for line in lines]
    return any(first <= uid < first + count for first, _, count in ranges)


def _drop_rights(spec: SandboxSpec, dumpable: bool) -> None:
    """Become the spec's uid for good: no groups, no capabilities, no way to new ones, filtered system calls."""
    kernel.shrink_capability_bounds()
    if _is_mapped(spec.uid):
        os.setgroups([])
        os.setresgid(spec.gid, spec.gid, spec.gid)
        os.setresuid(spec.uid, spec.uid, spec.uid)
    else:
        kernel.enter_user_namespace(spec.uid, spec.gid)
        kernel.shrink_capability_bounds()
    kernel.keep_capabilities()
    _lock(dumpable)


def _keep_only_the_right_to_kill() -> None:
    """What the first process becomes: of another uid than the worker, which so cannot lower its limits to end it."""
    kernel.shrink_capability_bounds()
    kernel.keep_capabilities(kernel.CAP_KILL)
    _lock(dumpable=False)


def _lock(dumpable: bool) -> None:
    kernel.forbid_new_privileges()
    kernel.set_dumpable(dumpable)
    install_filter()


def _watch(worker: int, report: int) -> NoReturn:
    """Reap orphans and pass SIGTERM on until the worker ends; then end everything, report and go."""
    while True:
        match signal.sigwait(_WATCHED):
            case signal.SIGCHLD:
                exit_code = _reap(worker)
                if exit_code is not None:
                    break
            case passed_on:
                os.kill(worker, passed_on)
    _kill_everyone_else()
    os.write(report, json.dumps(exit_code).encode())
    os._exit(0)


def _reap(worker: int) -> int | None:
    """Collect all that have ended; the worker's exit code (negative: signal) if it is among them."""
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == worker:
            return os.waitstatus_to_exitcode(status)
        if pid == 0:
            return None


def _kill_everyone_else() -> None:
    try:
        os.kill(-1, signal.SIGKILL)
        while True:
            os.waitpid(-1, 0)
    except (ProcessLookupError, ChildProcessError):
        return


def _run_worker(work: Work, cgroup: Cgroup, entrances: Sequence[int], setup: SetUp) -> NoReturn:
    """The process that runs the body, from fork to exit."""
    code: int | None = _FAILED
    try:
        for entrance in entrances:
            os.write(entrance, b"0")
        os.setsid()
        _connect_stdio(work.output)
        kernel.close_all_but([0, 1, 2, setup.pipe, *work.fds])
        _set_limits(work.limits, cgroup)
        _drop_rights(work.spec, dumpable=work.spec.dumpable)
        _reset_signals()
        _take_on(work.spec)
        code = work.body(setup.ready)
    except BaseException as error:
        setup.failed(error)
    os._exit((code or 0) & 0xFF)


def _connect_stdio(output: int | None) -> None:
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    for stream in (1, 2):
        os.dup2(null if output is None else output, stream)


def _set_limits(limits: Limits, cgroup: Cgroup) -> None:
    """Per-process limits, and stand-ins for the control groups that are missing."""
    wanted = {
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 1,  # unlike 0, also keeps the kernel from piping cores to a program of the host
    }
    if limits.data_bytes is not None or cgroup.controllers.memory is None:
        wanted[resource.RLIMIT_DATA] = min(limits.data_bytes or limits.memory_bytes, limits.memory_bytes)
    if cgroup.controllers.pids is None:
        wanted[resource.RLIMIT_NPROC] = limits.processes
    for kind, amount in wanted.items():
        highest = resource.getrlimit(kind)[1]
        amount = amount if highest == resource.RLIM_INFINITY else min(amount, highest)
        resource.setrlimit(kind, (amount, amount))
    if limits.cpu_seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in _RESETTABLE:
        signal.signal(number, signal.SIG_IGN if number in _IGNORED_BY_PYTHON else signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _take_on(spec: SandboxSpec) -> None:
    os.environ.clear()
    os.environ.update(spec.environment)
    try:
        os.chdir(spec.cwd)
    except OSError as error:
        raise CannotIsolate(f"the sandbox has no folder {spec.cwd} to start in: {error.strerror}") from error
