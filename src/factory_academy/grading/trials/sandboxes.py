"""The two sandboxes of a trial: what a trainee's process and the judge see, and what each may use."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from factory_academy.domain.bundle import GradingLimits
from factory_academy.isolation.spec import Limits, SandboxSpec, Tmpfs, python_mounts

WORK = "/home/trainee"
_WORK_BYTES = 512 << 20
_TMP_BYTES = 256 << 20
_JUDGE_MEMORY_BYTES = 4 << 30
_JUDGE_PROCESSES = 64
_JUDGE_RESERVE_BYTES = 512 << 20


def answers_spec(uid: int, limits: GradingLimits) -> SandboxSpec:
    """The trainee's: a work folder in memory, no network, nothing of ours but the programs."""
    size = min(_WORK_BYTES, limits.memory_bytes // 2)
    return _spec(uid, size, environment(), dumpable=True)


def judge_spec(uid: int) -> SandboxSpec:
    """The judge's: another uid, no network, and no other process may look into it."""
    return _spec(uid, _WORK_BYTES, {**environment(), "NBGRADER_EXECUTION": "autograde"}, dumpable=False)


def answers_limits(limits: GradingLimits) -> Limits:
    """What all processes of a trainee may use together."""
    return Limits(
        memory_bytes=limits.memory_bytes,
        processes=limits.processes,
        file_bytes=min(_WORK_BYTES, limits.memory_bytes // 2),
        cpu_seconds=int(limits.total_seconds * 4) + 1,
    )


def judge_limits(limits: GradingLimits) -> Limits:
    """What the judge may use. Before it is ended for its memory, an allocation fails, and with it that test only."""
    memory = max(_JUDGE_MEMORY_BYTES, limits.memory_bytes)
    return Limits(
        memory_bytes=memory,
        processes=_JUDGE_PROCESSES,
        file_bytes=_WORK_BYTES,
        data_bytes=memory - _JUDGE_RESERVE_BYTES,
    )


def _spec(uid: int, work_bytes: int, variables: Mapping[str, str], dumpable: bool) -> SandboxSpec:
    return SandboxSpec(
        uid=uid,
        gid=uid,
        mounts=python_mounts(),
        tmpfs=(Tmpfs(WORK, work_bytes), Tmpfs("/tmp", _TMP_BYTES), Tmpfs("/dev/shm", _TMP_BYTES)),
        hostname="sandbox",
        cwd=WORK,
        environment=variables,
        dumpable=dumpable,
    )


def environment() -> dict[str, str]:
    """The whole environment of a trainee's process; it holds no secret, and does not tell that work is graded."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        **threads,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")),
        "HOME": WORK,
        "USER": "trainee",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
