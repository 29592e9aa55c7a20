"""Memory and process limits for a whole sandbox, through the kernel's control groups, version 1 or 2."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from factory_academy.isolation.kernel import start_ticks
from factory_academy.isolation.spec import Limits

PARENT = "factory-academy"


@dataclass(frozen=True, slots=True)
class Controllers:
    """The folders in which groups can be made here; None where the kernel or our rights offer no such controller."""

    memory: Path | None
    pids: Path | None
    version: Literal["v1", "v2"] | None
    why_not: str = ""

    @property
    def folders(self) -> tuple[Path, ...]:
        """The distinct folders: two in version 1, one in version 2, none without controllers."""
        return tuple(dict.fromkeys(folder for folder in (self.memory, self.pids) if folder))


def find_controllers(mounts: Mapping[str, Path] | None = None) -> Controllers:
    """The controllers that this process can use, with our parent group made in each.

    ``mounts`` says where "memory" and "pids" (version 1) or "v2" lie; without it the machine's are looked up.
    """
    mounts = _cgroup_mounts() if mounts is None else mounts
    v1 = {name: _ensure_v1_parent(mounts[name], name) for name in ("memory", "pids") if name in mounts}
    if v1.get("memory"):
        return Controllers(v1["memory"], v1.get("pids"), "v1")
    v2, why_not = _ensure_v2_parent(mounts["v2"]) if "v2" in mounts else (None, "no cgroup file system is mounted")
    return Controllers(v2, v2, "v2" if v2 else None, why_not)


def _cgroup_mounts() -> Mapping[str, Path]:
    mounts = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        kind, _, options = rest.split(" ", 2)
        if kind == "cgroup2":
            mounts["v2"] = Path(fields.split()[4])
        elif kind == "cgroup":
            mounts |= {option: Path(fields.split()[4]) for option in options.split(",") if option in ("memory", "pids")}
    return mounts


def _own_group(mount: Path, controller: str) -> Path:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(",") or (controller == "" and controllers == ""):
            return mount / path.lstrip("/")
    return mount


def _ensure_v1_parent(mount: Path, controller: str) -> Path | None:
    for above in (mount, _own_group(mount, controller)):
        try:
            (above / PARENT).mkdir(exist_ok=True)
        except OSError:
            continue
        if os.access(above / PARENT, os.W_OK):
            return above / PARENT
    return None


def _ensure_v2_parent(mount: Path) -> tuple[Path | None, str]:
    """Our group at the top, below our own group, or (with systemd's DelegateSubgroup) beside our own group."""
    own, why_not = _own_group(mount, ""), ""
    for above in dict.fromkeys(group for group in (mount, own, own.parent) if group.is_relative_to(mount)):
        parent = above / PARENT
        try:
            parent.mkdir(exist_ok=True)
            for group in (above, parent):
                (group / "cgroup.subtree_control").write_text("+memory +pids")
            return parent, ""
        except OSError as error:
            why_not = why_not or f"{error.strerror} for {above}"
            _removed(parent)
    return None, why_not


class Cgroup:
    """The control groups of one sandbox: made by ``create``, entered through ``entrances``, removed at the end.

    Where a controller is missing that limit is not set here; the sandbox falls back to rlimits.
    """

    def __init__(self, controllers: Controllers, name: str) -> None:
        self.controllers, self.name = controllers, name
        self._memory = controllers.memory / name if controllers.memory else None
        self._pids = controllers.pids / name if controllers.pids else None

    def create(self, limits: Limits) -> None:
        """Make the groups and set their limits; what swap could add is taken away where the kernel lets us."""
        for folder in self.controllers.folders:
            (folder / self.name).mkdir(exist_ok=True)
        if self._pids:
            (self._pids / "pids.max").write_text(str(limits.processes))
        if self._memory:
            names = _V2_MEMORY if self.controllers.version == "v2" else _V1_MEMORY
            (self._memory / names.limit).write_text(str(limits.memory_bytes))
            swap = self._memory / names.swap
            if swap.exists():
                swap.write_text("0" if self.controllers.version == "v2" else str(limits.memory_bytes))

    def entrances(self) -> list[int]:
        """Open files; a process that writes "0" to each of them joins."""
        paths = [folder / self.name / "cgroup.procs" for folder in self.controllers.folders]
        return [os.open(path, os.O_WRONLY | os.O_CLOEXEC) for path in paths]

    def peak_memory_bytes(self) -> int | None:
        """The most memory that was in use at once, file cache included; None where nothing counts it."""
        return self._memory_number("memory.peak") or self._memory_number("memory.max_usage_in_bytes")

    def out_of_memory_kills(self) -> int:
        """How many processes the kernel ended at the memory limit."""
        for name in ("memory.events", "memory.oom_control"):
            for line in self._memory_text(name).splitlines():
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
        return 0

    def remove(self) -> None:
        """Remove the groups; the last process may need a moment to leave."""
        for folder in self.controllers.folders:
            for _ in range(100):
                if _removed(folder / self.name):
                    break
                time.sleep(0.01)

    def _memory_text(self, name: str) -> str:
        try:
            return (self._memory / name).read_text() if self._memory else ""
        except OSError:
            return ""

    def _memory_number(self, name: str) -> int | None:
        text = self._memory_text(name).strip()
        return int(text) if text.isdecimal() else None


@dataclass(frozen=True, slots=True)
class _MemoryFiles:
    limit: str
    swap: str


_V1_MEMORY = _MemoryFiles("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
_V2_MEMORY = _MemoryFiles("memory.max", "memory.swap.max")


def group_name(number: int) -> str:
    """A name for this process's sandbox ``number`` that tells whose it is, for ``sweep``."""
    pid = int(os.readlink("/proc/self"))  # as /proc numbers it, which inside a pid namespace is not os.getpid()
    return f"{pid}-{start_ticks(pid)}-{number}"


def sweep(controllers: Controllers) -> None:
    """Remove the groups whose makers have died without doing so."""
    for folder in controllers.folders:
        for group in folder.iterdir():
            maker = group.name.split("-")
            if group.is_dir() and len(maker) == 3 and start_ticks(int(maker[0])) != int(maker[1]):
                _removed(group)


def _removed(group: Path) -> bool:
    try:
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
