"""The thin layer over the kernel's calls."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory_academy.isolation.kernel import restrict_mounts, restrict_mounts_one_by_one, start_ticks

PROGRAM = """
import os, sys
from factory_academy.isolation import kernel
kernel.unshare(kernel.CLONE_NEWNS)
kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
place = sys.argv[1]
kernel.mount("tmpfs", place, "tmpfs", kernel.MS_NOEXEC)
os.mkdir(place + "/with space")
kernel.mount("tmpfs", place + "/with space", "tmpfs")
kernel.{function}(place, kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV)
for line in open("/proc/self/mounts"):
    if place in line:
        print(*sorted({{"ro", "nosuid", "nodev", "noexec"}} & set(line.split()[3].split(","))))
"""


@pytest.mark.parametrize("function", [restrict_mounts, restrict_mounts_one_by_one], ids=["as a tree", "one by one"])
def test_a_mount_and_all_below_it_are_restricted_and_keep_what_they_had(function, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(function=function.__name__), str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["nodev noexec nosuid ro", "nodev nosuid ro"], done.stderr


@settings(max_examples=20, deadline=None)
@given(kept=st.sets(st.integers(0, 40)))
def test_exactly_the_kept_files_stay_open(kept):
    program = (
        "import os, sys\nfrom factory_academy.isolation.kernel import close_all_but\n"
        "for n in range(3, 40): os.dup2(1, n)\n"
        f"close_all_but({[*kept, 1]})\n"
        "alive = []\n"
        "for n in range(60):\n    try: os.fstat(n); alive.append(n)\n    except OSError: pass\n"
        "os.write(1, repr(alive).encode()); os._exit(0)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == repr(sorted({*kept, 1} & {*range(40)}))


def test_a_process_has_a_start_and_a_corpse_or_nobody_has_none():
    assert start_ticks(os.getpid())
    corpse = subprocess.Popen(["true"])
    os.waitid(os.P_PID, corpse.pid, os.WEXITED | os.WNOWAIT)
    assert start_ticks(corpse.pid) is None
    corpse.wait()
    assert start_ticks(corpse.pid) is None
