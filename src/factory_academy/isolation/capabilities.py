"""What this machine lets sandboxes do, found out by trying, with the one line that fixes what is missing."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from factory_academy.errors import AcademyError
from factory_academy.isolation import kernel, sandbox, seccomp
from factory_academy.isolation.cgroups import Cgroup, Controllers, find_controllers, group_name
from factory_academy.isolation.spec import Limits, SandboxSpec

_A_LITTLE = Limits(memory_bytes=64 << 20, processes=8, file_bytes=1 << 20)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What works here. ``reasons`` has, for each field that does not, why and what fixes it."""

    is_root: bool
    user_namespaces: bool
    sandboxes: bool
    memory_controller: Literal["v1", "v2"] | None
    pids_controller: bool
    seccomp: bool
    loop_images: bool
    reasons: dict[str, str] = field(default_factory=dict)


def capabilities() -> Capabilities:
    """Try each part in a child process; takes some tens of milliseconds and leaves nothing behind."""
    controllers = find_controllers()
    reasons = {
        "user_namespaces": _reason(_try_user_namespace, "As root: sysctl -w user.max_user_namespaces=65536"),
        "sandboxes": _reason(lambda: _try_sandbox(controllers), ""),
        "memory_controller": "" if controllers.memory else _no_controller(controllers),
        "pids_controller": "" if controllers.pids else _no_controller(controllers),
        "seccomp": _reason(_try_filter, "Use a kernel with CONFIG_SECCOMP_FILTER."),
        "loop_images": _why_no_loop_images(),
    }  # fmt: skip
    works = {name: not reason for name, reason in reasons.items()}
    return Capabilities(
        is_root=os.geteuid() == 0,
        user_namespaces=works["user_namespaces"],
        sandboxes=works["sandboxes"],
        memory_controller=controllers.version if controllers.memory else None,
        pids_controller=works["pids_controller"],
        seccomp=works["seccomp"],
        loop_images=works["loop_images"],
        reasons={name: reason for name, reason in reasons.items() if reason},
    )


def _reason(attempt: Callable[[], None], fix: str) -> str:
    """Why ``attempt`` fails in a child process, with the fix; empty when it works."""
    answer, answer_inside = os.pipe()
    child = os.fork()
    if child == 0:
        _attempt(attempt, fix, answer_inside)
    os.close(answer_inside)
    with os.fdopen(answer, "rb") as words:
        reason = words.read().decode()
    _, status = os.waitpid(child, 0)
    return reason or ("" if status == 0 else f"the trial ended with status {status}")


def _attempt(attempt: Callable[[], None], fix: str, answer: int) -> NoReturn:
    try:
        attempt()
    except AcademyError as error:
        os.write(answer, f"{error}. {error.next_step or fix}".encode())
    except BaseException as error:
        os.write(answer, f"{error}. {fix}".encode())
    os._exit(0)


def _try_sandbox(controllers: Controllers) -> None:
    sandbox.become_starter()
    setup, setup_inside = os.pipe()
    work = sandbox.Work(SandboxSpec(uid=60999, gid=60999), _A_LITTLE, lambda ready: ready())
    started = sandbox.start(lambda: work, Cgroup(controllers, group_name(0)), setup_inside)
    os.close(setup_inside)
    try:
        sandbox.await_ready(setup, 20)
    finally:
        sandbox.collect(started)


def _try_user_namespace() -> None:
    kernel.unshare(kernel.CLONE_NEWUSER)


def _try_filter() -> None:
    kernel.forbid_new_privileges()
    seccomp.install_filter()


def _no_controller(controllers: Controllers) -> str:
    return (
        f"no control groups for memory and processes ({controllers.why_not}); per-process limits stand in. "
        "Run as root, or under systemd with Delegate=yes."
    )


def _why_no_loop_images() -> str:
    if os.geteuid() != 0:
        return "disk images need root. Run as root, or use the file system's quotas."
    if shutil.which("mkfs.ext4", path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
        return "mkfs.ext4 is missing. apt-get install e2fsprogs"
    if not os.path.exists("/dev/loop-control"):
        return "there are no loop devices. modprobe loop, as root"
    return ""


def describe_platform() -> str:
    """Kernel and processor, for bug reports."""
    return f"Linux {platform.release()} on {platform.machine()}"
