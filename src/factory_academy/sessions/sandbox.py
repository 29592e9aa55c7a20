"""From a session's plan to the sandbox that it runs in."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Mapping
from pathlib import Path

from factory_academy.domain.session import SessionPlan
from factory_academy.isolation.spec import Limits, SandboxSpec, Tmpfs, python_mounts
from factory_academy.sessions.homes import Home

RUNTIME = "/run/session"
_TEMPORARY_BYTES = 1 << 30
_RUNTIME_BYTES = 64 << 20
_OPEN_FILES = 65536


def sandbox_of(plan: SessionPlan, home: Home, environment: Mapping[str, str]) -> SandboxSpec:
    """What the session sees: its own home, programs read-only, and of the devices only what it has a lease on.

    The network is the machine's, as its server must be reached and its kernels speak over sockets in a private
    folder; ``environment`` is added to a clean one.
    """
    return SandboxSpec(
        uid=home.uid,
        gid=home.uid,
        mounts=(*python_mounts(), *home.mount()),
        tmpfs=(
            Tmpfs("/tmp", min(_TEMPORARY_BYTES, plan.profile.memory_bytes // 2)),
            Tmpfs(RUNTIME, _RUNTIME_BYTES),
        ),
        disk_images=home.image(plan.profile.disk_bytes),
        devices=plan.device.nodes if plan.device else (),
        network=True,
        hostname="session",
        cwd=home.inside,
        environment={**_clean_environment(plan, home), **environment},
    )


def limits_of(plan: SessionPlan) -> Limits:
    """What all of the session's processes may use together; a file may fill the disk, and no more."""
    return Limits(
        memory_bytes=plan.profile.memory_bytes,
        processes=plan.profile.processes,
        file_bytes=plan.profile.disk_bytes,
        open_files=min(_OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),
    )


def _clean_environment(plan: SessionPlan, home: Home) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")),
        "HOME": home.inside,
        "USER": home.person_id,
        "LOGNAME": home.person_id,
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "CUDA_VISIBLE_DEVICES": plan.device.uuid if plan.device else "",
        "JUPYTER_RUNTIME_DIR": f"{RUNTIME}/jupyter",
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
