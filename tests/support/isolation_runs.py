"""Helpers with which tests run something inside a sandbox and read what it answered."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import factory_academy
from factory_academy.isolation.spec import Ending, Limits, Mount, SandboxSpec, Tmpfs, python_mounts
from factory_academy.isolation.zygote import Child, Zygote

PACKAGE_ROOT = Path(factory_academy.__file__).resolve().parents[1]
PROBE = Mount(str(Path(__file__).with_name("isolation_inside.py")), f"{PACKAGE_ROOT}/isolation_inside.py")
UID = 100_000 + 2 * os.getpid()  # two test runs on one machine must not see each other's processes
SPEC = SandboxSpec(
    uid=UID,
    gid=UID,
    mounts=(*python_mounts(), PROBE),
    tmpfs=(Tmpfs("/tmp", 4 << 20), Tmpfs("/home/trainee", 4 << 20)),
    cwd="/home/trainee",
    environment={"HOME": "/home/trainee", "PATH": "/usr/bin:/bin", "COLOUR": "blue"},
)
LIMITS = Limits(memory_bytes=256 << 20, processes=32, file_bytes=64 << 20, cpu_seconds=20)


@dataclass(frozen=True, slots=True)
class Run:
    """What a function inside answered (None: nothing) and how its sandbox ended."""

    answer: Any
    ending: Ending


@contextmanager
def child(
    zygote: Zygote, function: str, argument: bytes = b"", spec: SandboxSpec = SPEC, limits: Limits = LIMITS
) -> Iterator[tuple[Child, int]]:
    """A running sandbox and the pipe on which it answers."""
    answers, inside = os.pipe()
    try:
        forked = zygote.fork(f"isolation_inside:{function}", spec, limits, [inside], argument)
    except BaseException:
        os.close(answers)
        raise
    finally:
        os.close(inside)
    with forked, os.fdopen(answers, "rb"):
        yield forked, answers


def run_inside(
    zygote: Zygote, function: str, argument: bytes = b"", spec: SandboxSpec = SPEC, limits: Limits = LIMITS
) -> Run:
    """Call a function of ``isolation_inside`` in a new sandbox, to its end."""
    with child(zygote, function, argument, spec, limits) as (forked, answers):
        words = b"".join(iter(lambda: os.read(answers, 1 << 16), b""))
        ending = forked.wait(60)
        assert ending is not None
        return Run(json.loads(words) if words else None, ending)


def evaluate_inside(zygote: Zygote, *texts: str, spec: SandboxSpec = SPEC) -> dict[str, str]:
    """The value or error of each expression, inside."""
    answer: dict[str, str] = run_inside(zygote, "evaluate", json.dumps(texts).encode(), spec).answer
    return answer


def says_something(pipe: int, seconds: float = 30) -> bool:
    """Whether the pipe can be read within the time."""
    return bool(select.select([pipe], [], [], seconds)[0])


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether the condition comes true within the time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def processes_of(uid: int) -> list[int]:
    """Pids on this machine that run as ``uid``, corpses excluded."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines())
        except (FileNotFoundError, ProcessLookupError):
            continue
        if status["Uid"].split()[0] == str(uid) and not status["State"].startswith("Z"):
            found.append(int(folder.name))
    return found


def with_uid(uid: int) -> SandboxSpec:
    """The usual sandbox for another uid."""
    return replace(SPEC, uid=uid, gid=uid)
