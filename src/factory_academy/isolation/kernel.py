"""The Linux calls that Python does not wrap, each raising OSError with the call's name."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import re
import socket
import struct
from itertools import pairwise
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MNT_DETACH = 0x2

_AT_RECURSIVE = 0x8000
_AT_FDCWD = -100
_SYS_MOUNT_SETATTR = 442
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 1, 4, 24, 38, 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
CAP_KILL = 1 << 5
_CAPABILITY_VERSION_3 = 0x20080522
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
_libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
_libc.syscall.restype = ctypes.c_long


def _check(result: int, call: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
    return result


def prctl(option: int, value: int = 0, third: int = 0) -> int:
    """Process control, ``man 2 prctl``."""
    return _check(_libc.prctl(option, value, third, 0, 0), f"prctl({option})")


def unshare(flags: int) -> None:
    """Leave the namespaces in ``flags`` for new ones; for pids it is the next child that does."""
    _check(_libc.unshare(flags), f"unshare({flags:#x})")


def join_namespace(namespace: int, kind: int) -> None:
    """Enter the namespace behind the open file ``namespace``; for pids it is the next child that does."""
    _check(_libc.setns(namespace, kind), f"setns({kind:#x})")


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, options: str = "") -> None:
    """Mount, bind, remount or change propagation, ``man 2 mount``."""
    arguments = source.encode(), target.encode(), kind.encode() if kind else None, flags, options.encode()
    _check(_libc.mount(*arguments), f"mount {kind or 'bind'} on {target}")


def unmount(target: str, flags: int = 0) -> None:
    """Unmount, ``man 2 umount2``."""
    _check(_libc.umount2(target.encode(), flags), f"umount {target}")


def pivot_root_here() -> None:
    """Make the current folder the root and put the old root on top of it, ready to be unmounted."""
    _check(_libc.syscall(_SYS_PIVOT_ROOT[platform.machine()], b".", b"."), "pivot_root")


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("attr_set", "attr_clr", "propagation", "userns_fd")]


def restrict_mounts(target: str, flags: int) -> None:
    """Add MS_RDONLY, MS_NOSUID, MS_NODEV or MS_NOEXEC to the mount at ``target`` and to all that hang below it."""
    wanted = _MountAttributes(attr_set=flags)
    arguments = _AT_FDCWD, target.encode(), _AT_RECURSIVE, ctypes.byref(wanted), ctypes.sizeof(wanted)
    try:
        _check(_libc.syscall(_SYS_MOUNT_SETATTR, *arguments), f"mount_setattr {target}")
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
        restrict_mounts_one_by_one(target, flags)


_FLAG_OF_OPTION = {"ro": 0x1, "nosuid": 0x2, "nodev": 0x4, "noexec": 0x8, "noatime": 0x400, "nodiratime": 0x800,
                   "relatime": 0x200000}  # fmt: skip


def restrict_mounts_one_by_one(target: str, flags: int) -> None:
    """The same for Linux before 5.12: remount each with what it has, plus ``flags``."""
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        place, options = line.split()[4:6]
        path = _unescape(place)
        if path == target or path.startswith(target + "/"):
            present = sum(_FLAG_OF_OPTION.get(option, 0) for option in options.decode().split(","))
            mount("none", path, None, MS_BIND | MS_REMOUNT | present | flags)


def _unescape(place: bytes) -> str:
    octal = re.compile(rb"\\([0-7]{3})")
    return os.fsdecode(octal.sub(lambda found: bytes([int(found[1], 8)]), place))


def die_with_parent(signal_number: int = 9) -> None:
    """Have the kernel send ``signal_number`` to this process when its parent thread ends; a change of uid undoes it."""
    prctl(_PR_SET_PDEATHSIG, signal_number)


def set_dumpable(dumpable: bool) -> None:
    """Whether processes of the same uid may read this one's memory, environment and open files; exec resets it."""
    prctl(_PR_SET_DUMPABLE, int(dumpable))


def forbid_new_privileges() -> None:
    """From here on no exec gives more rights; needed for seccomp without CAP_SYS_ADMIN."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def shrink_capability_bounds() -> None:
    """Make every capability unobtainable for this process and its children; needs CAP_SETPCAP."""
    prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        prctl(_PR_CAPBSET_DROP, capability)


def keep_capabilities(kept: int = 0) -> None:
    """Give up every capability but those whose bits are in ``kept``, whatever the uid."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, struct.pack("=6I", kept, kept, 0, 0, 0, 0)), "capset")


def raise_loopback() -> None:
    """Bring the private network namespace's loopback up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack("16xH14x", fcntl.ioctl(probe, _SIOCGIFFLAGS, request))
        fcntl.ioctl(probe, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def enter_user_namespace(uid: int, gid: int) -> None:
    """Become ``uid``/``gid`` of a new user namespace, with all capabilities there and none outside."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    set_dumpable(True)
    unshare(CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")


def close_all_but(kept: list[int]) -> None:
    """Close every open file of this process except ``kept``."""
    edges = [-1, *sorted(set(kept)), _highest_descriptor() + 1]
    for below, above in pairwise(edges):
        if below + 1 < above:  # closerange of nothing closes everything
            os.closerange(below + 1, above)


def _highest_descriptor() -> int:
    return max(int(name) for name in os.listdir("/proc/self/fd"))


def start_ticks(pid: int) -> int | None:
    """When process ``pid`` started, in clock ticks since boot; None when there is none, or only its corpse."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])
