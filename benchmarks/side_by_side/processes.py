"""What a process and all that it started have used, read from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> Iterator[int]:
    """A process and all that descend from it."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _text(children).split():
            yield from tree(int(child))


def cpu_seconds(pid: int) -> float:
    """CPU time of a process tree, with what its ended and collected members used."""
    return sum(_own_cpu_seconds(one) for one in tree(pid))


def own_memory_bytes(pid: int) -> int:
    """Memory of a process tree; a page that several processes share counts once, divided among them."""
    return sum(_proportional_bytes(one) for one in tree(pid))


def _own_cpu_seconds(pid: int) -> float:
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(") ")[2].split()
    return sum(int(field) for field in fields[11:15]) / _TICKS


def _proportional_bytes(pid: int) -> int:
    for line in _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


class CpuMeter:
    """CPU time of processes and whatever they start from now on, killed or not, where the kernel counts by group.

    Without version 1's cpuacct the trees of processes are asked, which leaves out what killed sandboxes used.
    """

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids, self._group = pids, Path("/sys/fs/cgroup/cpuacct") / f"benchmark-{os.getpid()}"
        self.is_exact = self._join()

    def seconds(self) -> float:
        """CPU seconds so far."""
        if self.is_exact:
            return int(_text(self._group / "cpuacct.usage")) / 1e9
        return sum(cpu_seconds(pid) for pid in self._pids)

    def close(self) -> None:
        """Take the group away; its processes have ended."""
        with suppress(OSError):
            self._group.rmdir()

    def _join(self) -> bool:
        try:
            self._group.mkdir()
            for pid in self._pids:
                (self._group / "cgroup.procs").write_text(str(pid))
        except OSError:
            return False
        return True
