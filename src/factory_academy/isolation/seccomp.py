"""The system calls that code inside a sandbox may not make, compiled to a filter for this processor."""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from factory_academy.errors import CannotIsolate
from factory_academy.isolation import kernel

_SHARED = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429,
    "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "clone3": 435, "pidfd_getfd": 438,
    "mount_setattr": 442, "quotactl_fd": 443,
}  # fmt: skip
_X86_64 = _SHARED | {
    "ioctl": 16, "socket": 41, "clone": 56, "ptrace": 101, "syslog": 103, "uselib": 134, "vhangup": 153,
    "pivot_root": 155, "chroot": 161, "acct": 163, "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167,
    "swapoff": 168, "reboot": 169, "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173,
    "init_module": 175, "delete_module": 176, "quotactl": 179, "lookup_dcookie": 212, "clock_settime": 227,
    "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272, "perf_event_open": 298,
    "fanotify_init": 300, "name_to_handle_at": 303, "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308,
    "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "kexec_file_load": 320,
    "bpf": 321, "userfaultfd": 323,
}  # fmt: skip
_AARCH64 = _SHARED | {
    "lookup_dcookie": 18, "ioctl": 29, "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "vhangup": 58,
    "quotactl": 60, "acct": 89, "unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106,
    "clock_settime": 112, "syslog": 116, "ptrace": 117, "reboot": 142, "sethostname": 161, "setdomainname": 162,
    "settimeofday": 170, "socket": 198, "add_key": 217, "request_key": 218, "keyctl": 219, "clone": 220,
    "swapon": 224, "swapoff": 225, "perf_event_open": 241, "fanotify_init": 262, "name_to_handle_at": 264,
    "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
    "kcmp": 272, "finit_module": 273, "bpf": 280, "userfaultfd": 282, "kexec_file_load": 294,
}  # fmt: skip

_LOOKED_INTO = frozenset({"ioctl", "socket", "clone", "unshare", "clone3"})
_ALLOWED_SOCKETS = (1, 2, 10, 16)  # unix, inet, inet6, netlink; vsock and others are not held back by namespaces
_TERMINAL_TRICKS = (0x5412, 0x541C)  # TIOCSTI types into a terminal, TIOCLINUX pastes into a console
_NAMESPACE_FLAGS = 0x7E020000
_X32_BIT = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


@dataclass(frozen=True, slots=True)
class Processor:
    """What a filter must know about a kind of processor: its audit number and its system call numbers."""

    audit: int
    calls: Mapping[str, int]


PROCESSORS = {"x86_64": Processor(0xC000003E, _X86_64), "aarch64": Processor(0xC00000B7, _AARCH64)}


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _refuse(number: int) -> bytes:
    return _step(_RETURN, _ERROR | number)


def _look_into(call: int, argument: int, checks: list[bytes]) -> list[bytes]:
    """If the call is ``call``: load the low half of one argument, run ``checks``, which must all return."""
    body = [_step(_LOAD, argument), *checks]
    return [_step(_EQUAL, call, 0, len(body)), *body]


def compile_filter(processor: Processor) -> bytes:
    """The filter as classic BPF: unknown architectures are killed, what is not named is allowed."""
    calls = processor.calls
    allow, no = _step(_RETURN, _ALLOW), _refuse(errno.EPERM)
    namespaces = [_step(_ANY_BIT, _NAMESPACE_FLAGS, 1, 0), allow, no]
    sockets = [step for family in _ALLOWED_SOCKETS for step in (_step(_EQUAL, family, 0, 1), allow)]
    terminals = [step for trick in _TERMINAL_TRICKS for step in (_step(_EQUAL, trick, 0, 1), no)]
    forbidden = [number for name, number in sorted(calls.items()) if name not in _LOOKED_INTO]
    return b"".join(
        [
            _step(_LOAD, _ARCHITECTURE),
            _step(_EQUAL, processor.audit, 1, 0),
            _step(_RETURN, _KILL),
            _step(_LOAD, _NUMBER),
            _step(_AT_LEAST, _X32_BIT, 0, 1),
            _refuse(errno.ENOSYS),
            _step(_EQUAL, calls["clone3"], 0, 1),
            _refuse(errno.ENOSYS),  # its flags lie in memory, out of a filter's sight; libraries fall back to clone
            *_look_into(calls["clone"], _FIRST_ARGUMENT, namespaces),
            *_look_into(calls["unshare"], _FIRST_ARGUMENT, namespaces),
            *_look_into(calls["socket"], _FIRST_ARGUMENT, [*sockets, _refuse(errno.EAFNOSUPPORT)]),
            *_look_into(calls["ioctl"], _SECOND_ARGUMENT, [*terminals, allow]),
            *[step for number in forbidden for step in (_step(_EQUAL, number, 0, 1), no)],
            allow,
        ]
    )


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def install_filter() -> None:
    """Put the filter on this process and all that it starts; needs ``forbid_new_privileges`` first.

    Raises:
        CannotIsolate: there is no filter for this kind of processor.
    """
    processor = PROCESSORS.get(platform.machine())
    if processor is None:
        raise CannotIsolate(
            f"no system call filter for {platform.machine()}", f"Use one of: {', '.join(sorted(PROCESSORS))}."
        )
    steps = compile_filter(processor)
    program = _Program(len(steps) // 8, steps)
    kernel.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program))
