"""What tests call inside a sandbox: each function answers on the first file it is given, as JSON.

It is mounted next to the package, so it may import the standard library only.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)


def answer(fds: list[int], what: object) -> None:
    os.write(fds[0], json.dumps(what).encode())
    os.close(fds[0])


def error_of(attempt: Callable[[], object]) -> str | None:
    """The name of the exception, with its errno if it has one; None when nothing was raised."""
    try:
        attempt()
    except OSError as error:
        return f"{type(error).__name__} {error.errno}"
    except Exception as error:
        return type(error).__name__
    return None


def look_around(fds: list[int], argument: bytes) -> None:
    answer(
        fds,
        {
            "root": sorted(os.listdir("/")),
            "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdecimal()),
            "tmp": os.listdir("/tmp"),
            "dev": sorted(os.listdir("/dev")),
            "ids": [os.getuid(), os.geteuid(), os.getgid(), os.getgroups()],
            "hostname": socket.gethostname(),
            "environment": dict(os.environ),
            "cwd": os.getcwd(),
            "fds": sorted(int(name) for name in os.listdir("/proc/self/fd")),
            "given": fds,
            "status": dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines()),
            "mounts": Path("/proc/self/mounts").read_text().splitlines(),
        },
    )


def evaluate(fds: list[int], argument: bytes) -> None:
    """The error of each expression, or its value: trusted text of the test that asks."""
    scope = {"os": os, "socket": socket, "Path": Path, "subprocess": subprocess, "syscall": syscall, "sys": sys}
    results: dict[str, object] = {}
    for text in json.loads(argument):
        try:
            results[text] = repr(eval(text, scope))  # noqa: S307
        except OSError as error:
            results[text] = f"errno {error.errno}"
        except BaseException as error:
            results[text] = type(error).__name__
    answer(fds, results)


def syscall(number: int, *arguments: int) -> int:
    result = _LIBC.syscall(number, *(ctypes.c_ulong(argument) for argument in arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"syscall {number}")
    return int(result)


def eat_memory(fds: list[int], argument: bytes) -> None:
    kept = []
    while True:
        kept.append(bytearray(b"x") * (8 << 20))


def bomb_with_forks(fds: list[int], argument: bytes) -> None:
    made, why = 0, None
    while why is None and made < 10_000:
        try:
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
            made += 1
        except OSError as error:
            why = error.errno
    answer(fds, [made, why])


def leave_processes_behind(fds: list[int], argument: bytes) -> None:
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            os.setsid()
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            if os.fork() == 0:
                os.close(1)
            time.sleep(600)
            os._exit(0)
        children.append(child)
    answer(fds, children)


def leave_and_stay(fds: list[int], argument: bytes) -> None:
    leave_processes_behind(fds, argument)
    time.sleep(600)


def write_until_full(fds: list[int], argument: bytes) -> None:
    folder, written, why = argument.decode(), 0, None
    try:
        with open(f"{folder}/big", "wb", buffering=0) as file:
            while True:
                written += file.write(bytes(1 << 16))
    except OSError as error:
        why = error.errno
    answer(fds, [written, why])


def open_many(fds: list[int], argument: bytes) -> None:
    opened, why = 0, None
    try:
        while True:
            os.open("/dev/null", os.O_RDONLY)
            opened += 1
    except OSError as error:
        why = error.errno
    os.close(10)
    answer(fds, [opened, why])


def spin(fds: list[int], argument: bytes) -> None:
    while True:
        pass


def sleep(fds: list[int], argument: bytes) -> None:
    os.write(fds[0], b"1")
    time.sleep(600)


def end_by(fds: list[int], argument: bytes) -> int:
    """Ends as the argument says: an exit code, ``-N`` for signal N to itself, or an exception."""
    how = argument.decode()
    if how == "raise":
        raise RuntimeError("on purpose")
    if how == "exit":
        sys.exit(9)
    if int(how) >= 0:
        return int(how)
    os.kill(os.getpid(), -int(how))
    time.sleep(60)
    return 0


def has_in_memory(fds: list[int], argument: bytes) -> None:
    """Whether the bytes whose hexadecimal digits are the argument lie anywhere in this process, but for this search."""
    wanted = [int(argument[place : place + 2], 16) for place in range(0, len(argument), 2)]
    found = 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps.read().splitlines():
            span, rights = line.split()[:2]
            if "r" not in rights or line.endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                continue
            low, high = (int(edge, 16) for edge in span.split("-"))
            memory.seek(low)
            found += count_reversed(memory.read(high - low)[::-1], bytes(wanted[::-1]))
    answer(fds, found)


def count_reversed(backwards: bytes, wanted_backwards: bytes) -> int:
    """Counts in a mirrored copy, so that the search does not find what it searches for."""
    return backwards.count(wanted_backwards)


def draw(fds: list[int], argument: bytes) -> None:
    import random
    import tempfile
    from multiprocessing import process

    numbers: list[object] = [random.random(), process.current_process().authkey.hex(), tempfile.tempdir]
    if "numpy" in sys.modules:
        numbers.append(float(sys.modules["numpy"].random.random()))
    if "torch" in sys.modules:
        numbers.append(float(sys.modules["torch"].rand(1)))
    answer(fds, numbers)


def count_imports(fds: list[int], argument: bytes) -> None:
    import importlib

    before = set(sys.modules)
    importlib.import_module(argument.decode())
    answer(fds, len(set(sys.modules) - before))


def read_given(fds: list[int], argument: bytes) -> None:
    answer(fds, os.read(fds[1], 100).decode())


def peek_at_pid_1(fds: list[int], argument: bytes) -> None:
    attempts = {
        name: error_of(lambda name=name: Path(f"/proc/1/{name}").read_bytes()) for name in ("environ", "maps", "mem")
    }
    attempts["fd"] = error_of(lambda: os.listdir("/proc/1/fd"))
    attempts["kill"] = error_of(lambda: os.kill(1, signal.SIGKILL))
    attempts["limit"] = error_of(lambda: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0)))
    time.sleep(0.1)
    answer(fds, attempts)
