"""File systems of a fixed size in one file each, so that one full disk is one trainee's and nobody else's."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from factory_academy.errors import CannotIsolate, InfrastructureFault
from factory_academy.isolation import kernel
from factory_academy.isolation.spec import DiskImage

_LOOP_CTL_GET_FREE, _LOOP_CONFIGURE, _LOOP_GET_STATUS64 = 0x4C82, 0x4C0A, 0x4C05
_LO_FLAGS_AUTOCLEAR = 4
_LOOP_INFO = struct.Struct("=5Q4I64s64s32s2Q")
_SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_RELEASE_SECONDS = 10.0


def ensure_image(image: DiskImage, uid: int, gid: int) -> None:
    """Make the image file when it is missing: sparse, ext4, its top folder owned by ``uid``.

    Raises:
        CannotIsolate: mkfs.ext4 is not installed.
        InfrastructureFault: mkfs.ext4 failed, most often for want of space.
    """
    path = Path(image.path)
    if path.exists():
        return
    program = shutil.which("mkfs.ext4", path=_SYSTEM_PATH)
    if program is None:
        raise CannotIsolate("mkfs.ext4 is missing, which disk limits need", "apt-get install e2fsprogs")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.truncate(image.size_bytes)
    made = subprocess.run(
        [program, "-q", "-F", "-m", "0", "-E", f"root_owner={uid}:{gid},lazy_itable_init=1", str(draft)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if made.returncode != 0:
        draft.unlink(missing_ok=True)
        raise InfrastructureFault(f"cannot make the disk image {path.name}: {made.stderr.strip()[:300]}")
    draft.rename(path)


@dataclass(frozen=True, slots=True)
class LoopDevice:
    """A loop device with an image in it. ``lock`` must stay open as long as the mount: mounted twice, it is lost."""

    path: str
    device: int
    lock: int


def attach_image(image: DiskImage) -> LoopDevice:
    """Lock the image and put it into a free loop device, which clears itself with the last unmount.

    Raises:
        CannotIsolate: no loop device can be used, or the image is in use.
    """
    file = os.open(image.path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CannotIsolate(f"the disk image {image.path} is in use by another sandbox") from error
    _wait_until_released(file)
    return _attach(file)


def mount_loop(loop: LoopDevice, target: str, uid: int, gid: int) -> None:
    """Mount what ``attach_image`` gave; its top folder becomes ``uid``'s, files in it keep their owner."""
    kernel.mount(loop.path, target, "ext4", kernel.MS_NOSUID | kernel.MS_NODEV)
    os.close(loop.device)
    os.chown(target, uid, gid)


def _wait_until_released(file: int) -> None:
    """The last sandbox's mount may outlive its processes for a moment."""
    until = time.monotonic() + _RELEASE_SECONDS
    while _is_attached(os.fstat(file)):
        if time.monotonic() > until:
            raise CannotIsolate("the disk image is still mounted elsewhere", "See `losetup --list`.")
        time.sleep(0.02)


def _is_attached(image: os.stat_result) -> bool:
    for busy in Path("/sys/block").glob("loop*/loop"):
        try:
            device = os.open(f"/dev/{busy.parent.name}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            status = _LOOP_INFO.unpack(fcntl.ioctl(device, _LOOP_GET_STATUS64, bytes(_LOOP_INFO.size)))
        except OSError:
            continue
        finally:
            os.close(device)
        if status[1] == image.st_ino and status[0] in (image.st_dev, _old_encoding(image.st_dev)):
            return True
    return False


def _old_encoding(device: int) -> int:
    """The kernel's own packing of major and minor, which the loop driver reports."""
    major, minor = os.major(device), os.minor(device)
    return (minor & 0xFF) | (major << 8) | ((minor & ~0xFF) << 12)


def _attach(file: int) -> LoopDevice:
    info = _LOOP_INFO.pack(0, 0, 0, 0, 0, 0, 0, 0, _LO_FLAGS_AUTOCLEAR, b"", b"", b"", 0, 0)
    for _ in range(50):  # another process may take the free device first
        try:
            with open("/dev/loop-control", "rb+", buffering=0) as control:
                path = f"/dev/loop{fcntl.ioctl(control, _LOOP_CTL_GET_FREE)}"
            device = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise CannotIsolate(f"no loop device can be used: {error}", "As root: modprobe loop") from error
        try:
            fcntl.ioctl(device, _LOOP_CONFIGURE, struct.pack("=II", file, 0) + info + bytes(64))
            return LoopDevice(path, device, file)
        except OSError as error:
            os.close(device)
            if error.errno != errno.EBUSY:
                raise CannotIsolate(f"the disk image cannot be attached: {error.strerror}", "Linux 5.8") from error
    raise CannotIsolate("every loop device is in use", "As root: modprobe loop max_loop=256")
