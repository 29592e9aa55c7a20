"""What a sandbox is made of, what it may use, and how it ended; plain data that travels as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import factory_academy


@dataclass(frozen=True, slots=True)
class Mount:
    """A file or folder of the host, shown inside; ``source`` is opened with the rights of the sandbox's starter."""

    source: str
    target: str
    writable: bool = False

    def __post_init__(self) -> None:
        _must_be_absolute(self.source, self.target)


@dataclass(frozen=True, slots=True)
class Tmpfs:
    """An empty folder in memory that belongs to the sandbox's uid; its pages count towards the memory limit."""

    target: str
    size_bytes: int

    def __post_init__(self) -> None:
        _must_be_absolute(self.target)
        _must_be_positive(size_bytes=self.size_bytes)


@dataclass(frozen=True, slots=True)
class DiskImage:
    """An ext4 file system in the file ``path``: a folder that can hold ``size_bytes`` and not one more.

    The file is made (sparse) when it is missing. Needs real root and loop devices; see ``capabilities()``.
    """

    path: str
    target: str
    size_bytes: int

    def __post_init__(self) -> None:
        _must_be_absolute(self.path, self.target)
        _must_be_positive(size_bytes=self.size_bytes)


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """What code inside sees: nothing but this, a private /proc, a minimal /dev and generated /etc files.

    ``devices`` are further device nodes of the host (``/dev/nvidia0``). Without ``network`` there is only a private
    loopback. With ``dumpable=False`` not even processes of the same uid may look into its memory.
    """

    uid: int
    gid: int
    mounts: tuple[Mount, ...] = ()
    tmpfs: tuple[Tmpfs, ...] = ()
    disk_images: tuple[DiskImage, ...] = ()
    devices: tuple[str, ...] = ()
    network: bool = False
    hostname: str = "academy"
    cwd: str = "/"
    environment: Mapping[str, str] = field(default_factory=dict)
    dumpable: bool = True

    def __post_init__(self) -> None:
        _must_be_absolute(self.cwd, *self.devices)
        _must_be_positive(uid=self.uid, gid=self.gid)

    def to_json(self) -> str:
        """The spec as JSON; it may hold secrets (the environment), so keep it off command lines and logs."""
        return json.dumps({**asdict(self), "environment": dict(self.environment)})

    @classmethod
    def from_json(cls, text: str | bytes) -> SandboxSpec:
        """The spec that ``to_json`` wrote.

        Raises:
            ValueError, TypeError, KeyError: the text is something else.
        """
        fields = json.loads(text)
        return cls(
            **{
                **fields,
                "mounts": tuple(Mount(**mount) for mount in fields["mounts"]),
                "tmpfs": tuple(Tmpfs(**tmpfs) for tmpfs in fields["tmpfs"]),
                "disk_images": tuple(DiskImage(**image) for image in fields["disk_images"]),
                "devices": tuple(fields["devices"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """What the whole sandbox (memory, processes) and each process in it (CPU time, file size, open files) may use.

    Beyond ``data_bytes`` a process is refused more memory, where the memory limit would end it.
    """

    memory_bytes: int
    processes: int
    file_bytes: int
    cpu_seconds: int | None = None
    open_files: int = 1024
    data_bytes: int | None = None

    def __post_init__(self) -> None:
        _must_be_positive(
            memory_bytes=self.memory_bytes,
            processes=self.processes,
            file_bytes=self.file_bytes,
            open_files=self.open_files,
            cpu_seconds=1 if self.cpu_seconds is None else self.cpu_seconds,
            data_bytes=1 if self.data_bytes is None else self.data_bytes,
        )

    def to_json(self) -> str:
        """The limits as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Limits:
        """The limits that ``to_json`` wrote."""
        return cls(**json.loads(text))


How = Literal["exited", "signalled", "out_of_memory", "killed"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How the first process of a sandbox ended, and what all of them used together.

    ``exited``: by itself, with ``code``. ``signalled``: by ``signal``, sent from inside or for a limit.
    ``out_of_memory``: the kernel ended it at the memory limit. ``killed``: from outside, by us.
    ``peak_memory_bytes`` is None where no memory controller counts. ``cpu_seconds`` includes setting up.
    """

    how: How
    code: int | None
    signal: int | None
    peak_memory_bytes: int | None
    cpu_seconds: float

    def to_json(self) -> str:
        """The ending as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Ending:
        """The ending that ``to_json`` wrote."""
        fields: dict[str, Any] = json.loads(text)
        return cls(**fields)


_SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32")
_SYSTEM_FILES = (
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives"),
    *("/etc/localtime", "/etc/mime.types", "/etc/fonts", "/etc/ssl/certs", "/etc/ssl/openssl.cnf"),
)


def python_mounts() -> tuple[Mount, ...]:
    """Read-only mounts with which this interpreter, its packages and this package run inside a sandbox.

    Only the package's own folder is shown, not the checkout around it: courses and their hidden tests stay outside.
    Folders above (a private home that holds the interpreter) appear inside as empty, passable folders.
    """
    package = str(Path(factory_academy.__file__).resolve().parent)
    interpreter = (sys.base_prefix, os.path.realpath(sys.base_prefix), sys.prefix)
    present = [path for path in (*_SYSTEM_FOLDERS, *_SYSTEM_FILES, *interpreter, package) if os.path.exists(path)]
    shown: list[str] = []
    for path in dict.fromkeys(present):
        if not any(Path(path).is_relative_to(outer) for outer in shown):
            shown.append(path)
    return tuple(Mount(path, path) for path in shown)


def _must_be_absolute(*paths: str) -> None:
    for path in paths:
        if not path.startswith("/") or ".." in path.split("/") or "\0" in path:
            raise ValueError(f"expected an absolute path without '..', got {path!r}")


def _must_be_positive(**amounts: int) -> None:
    for name, amount in amounts.items():
        if amount <= 0:
            raise ValueError(f"{name} must be more than 0, got {amount}")
