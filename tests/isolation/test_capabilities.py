"""What doctor shows: tried here, with a fix for what is missing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from factory_academy.isolation.capabilities import capabilities, describe_platform

SYSTEM_PYTHON = "/usr/bin/python3"


def test_what_is_missing_has_a_reason_and_what_works_has_none():
    found = capabilities()
    assert found.is_root == (os.geteuid() == 0)
    for name in ("user_namespaces", "sandboxes", "memory_controller", "pids_controller", "seccomp", "loop_images"):
        assert bool(getattr(found, name)) != (name in found.reasons), name
    assert describe_platform().startswith("Linux ")


def test_looking_leaves_nothing_behind():
    before = os.listdir("/proc/self/fd"), os.listdir("/proc/self/task"), _children()
    capabilities()
    assert (os.listdir("/proc/self/fd"), os.listdir("/proc/self/task"), _children()) == before


def test_somebody_without_rights_is_told_what_they_lack(copied_package):
    program = "from factory_academy.isolation.capabilities import capabilities as c; print(sorted(c().reasons.items()))"
    said = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", SYSTEM_PYTHON, "-c", program],
        env={"PYTHONPATH": str(copied_package)}, capture_output=True, text=True, check=True, cwd="/",
    ).stdout  # fmt: skip
    assert "memory_controller" in said
    assert "Run as root" in said


def _children() -> set[str]:
    """The processes that this one has started and that are not yet reaped."""
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}
