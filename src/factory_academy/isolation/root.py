"""The file tree that a sandbox sees, put together in a private mount namespace and then made the root."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from factory_academy.errors import CannotIsolate
from factory_academy.isolation import disk_images, kernel
from factory_academy.isolation.spec import DiskImage, Limits, Mount, SandboxSpec, Tmpfs

_STAGE = "/tmp"  # any folder does: the new root hides it for this namespace only, and becomes the root
_ROOT_BYTES = 4 << 20
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
          "ptmx": "pts/ptmx"}  # fmt: skip
_SAFE = kernel.MS_NOSUID | kernel.MS_NODEV


def build_root(spec: SandboxSpec, limits: Limits, owner_uid: int, owner_gid: int) -> list[int]:
    """Give this process (in its own mount and pid namespaces) the root that ``spec`` describes.

    ``owner_*`` own the sandbox's temporary file systems: the spec's ids, or 0 where only one id is mapped. Returns
    open files that lock the disk images and must stay open while the sandbox lives.

    Raises:
        CannotIsolate: something cannot be mounted; the message says what.
    """
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    sources = _open_sources(spec)
    loops = {image.target: _prepare_image(image, spec) for image in spec.disk_images}
    kernel.mount("tmpfs", _STAGE, "tmpfs", _SAFE, f"mode=0755,size={_ROOT_BYTES}")
    _write_etc(spec)
    _mount_devices(spec, limits, sources, owner_uid, owner_gid)
    _mount_proc()
    for part in _outermost_first(spec):
        try:
            _mount_part(part, sources, loops, owner_uid, owner_gid)
        except OSError as error:
            raise CannotIsolate(f"cannot put {part.target} into the sandbox: {error}") from error
    for source in sources.values():
        os.close(source)
    _make_it_the_root()
    return [loop.lock for loop in loops.values()]


def _prepare_image(image: DiskImage, spec: SandboxSpec) -> disk_images.LoopDevice:
    disk_images.ensure_image(image, spec.uid, spec.gid)
    return disk_images.attach_image(image)


def _device_nodes(spec: SandboxSpec) -> Iterable[str]:
    return [*(f"/dev/{name}" for name in _DEVICES), *spec.devices]


def _open_sources(spec: SandboxSpec) -> dict[str, int]:
    """Handles on what will be shown, taken while the host's tree is still in sight."""
    sources = {}
    for path in {*(mount.source for mount in spec.mounts), *_device_nodes(spec)}:
        try:
            sources[path] = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError as error:
            step = "Check that it exists and that whoever starts sandboxes may reach it."
            raise CannotIsolate(f"cannot show {path} in the sandbox: {error.strerror}", step) from error
    return sources


def _outermost_first(spec: SandboxSpec) -> list[Mount | Tmpfs | DiskImage]:
    return sorted((*spec.mounts, *spec.tmpfs, *spec.disk_images), key=lambda part: len(Path(part.target).parts))


def _mount_part(
    part: Mount | Tmpfs | DiskImage,
    sources: Mapping[str, int],
    loops: Mapping[str, disk_images.LoopDevice],
    uid: int,
    gid: int,
) -> None:
    place = _STAGE + part.target
    match part:
        case Mount():
            _bind(sources[part.source], place, writable=part.writable)
        case Tmpfs():
            _mount_tmpfs(place, part.size_bytes, uid, gid)
        case DiskImage():
            os.makedirs(place, exist_ok=True)
            disk_images.mount_loop(loops[part.target], place, uid, gid)


def _bind(source: int, place: str, writable: bool, flags: int = _SAFE) -> None:
    handle = f"/proc/self/fd/{source}"
    if os.path.isdir(handle):
        os.makedirs(place, exist_ok=True)
    elif not os.path.lexists(place):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        Path(place).touch()
    kernel.mount(handle, place, None, kernel.MS_BIND | kernel.MS_REC)
    kernel.restrict_mounts(place, flags if writable else flags | kernel.MS_RDONLY)


def _mount_tmpfs(place: str, size_bytes: int, uid: int, gid: int) -> None:
    os.makedirs(place, exist_ok=True)
    files = max(256, size_bytes // 4096)
    kernel.mount("tmpfs", place, "tmpfs", _SAFE, f"mode=1777,size={size_bytes},nr_inodes={files},uid={uid},gid={gid}")


def _mount_devices(spec: SandboxSpec, limits: Limits, sources: Mapping[str, int], uid: int, gid: int) -> None:
    folder = f"{_STAGE}/dev"
    os.mkdir(folder)
    for node in _device_nodes(spec):
        _bind(sources[node], _STAGE + node, writable=True, flags=kernel.MS_NOSUID | kernel.MS_NOEXEC)
    for name, goal in _LINKS.items():
        os.symlink(goal, f"{folder}/{name}")
    os.mkdir(f"{folder}/pts")
    options = "newinstance,ptmxmode=0666,mode=620"
    kernel.mount("devpts", f"{folder}/pts", "devpts", kernel.MS_NOSUID | kernel.MS_NOEXEC, options)
    _mount_tmpfs(f"{folder}/shm", max(4096, limits.memory_bytes // 2), uid, gid)


def _mount_proc() -> None:
    os.mkdir(f"{_STAGE}/proc")
    kernel.mount("proc", f"{_STAGE}/proc", "proc", _SAFE | kernel.MS_NOEXEC)


def _write_etc(spec: SandboxSpec) -> None:
    home = spec.environment.get("HOME", spec.cwd)
    resolver = Path("/etc/resolv.conf")
    files = {
        "passwd": f"root:x:0:0:root:/:/usr/sbin/nologin\ntrainee:x:{spec.uid}:{spec.gid}::{home}:/bin/bash\n",
        "group": f"root:x:0:\ntrainee:x:{spec.gid}:\n",
        "hosts": f"127.0.0.1 localhost {spec.hostname}\n::1 localhost\n",
        "hostname": f"{spec.hostname}\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
        "resolv.conf": resolver.read_text() if spec.network and resolver.exists() else "",
    }
    os.mkdir(f"{_STAGE}/etc")
    for name, text in files.items():
        Path(_STAGE, "etc", name).write_text(text)


def _make_it_the_root() -> None:
    """Swap the roots and let go of the host's; the new one and /dev cannot be written from here on."""
    os.chdir(_STAGE)
    kernel.pivot_root_here()
    kernel.unmount(".", kernel.MNT_DETACH)
    os.chdir("/")
    kernel.mount("none", "/", None, kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | _SAFE)
