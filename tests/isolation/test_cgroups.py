"""Control groups of either version; version 2 on plain folders, as not every machine has its controllers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from factory_academy.isolation.cgroups import PARENT, Cgroup, Controllers, find_controllers, group_name, sweep
from factory_academy.isolation.kernel import start_ticks
from factory_academy.isolation.spec import Limits

LIMITS = Limits(memory_bytes=1 << 20, processes=7, file_bytes=1)


@pytest.fixture
def version_2(tmp_path: Path) -> Controllers:
    return find_controllers({"v2": tmp_path})


def test_in_version_2_memory_and_processes_are_limited_in_one_group(version_2, tmp_path):
    Cgroup(version_2, "a").create(LIMITS)
    group = tmp_path / PARENT / "a"
    assert version_2.folders == (tmp_path / PARENT,)
    assert (group / "memory.max").read_text() == str(1 << 20)
    assert (group / "pids.max").read_text() == "7"
    for parent in (tmp_path, tmp_path / PARENT):
        assert (parent / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_in_version_2_a_process_joins_through_one_file(version_2, tmp_path):
    group = tmp_path / PARENT / "a"
    group.mkdir()
    (group / "cgroup.procs").touch()
    cgroup = Cgroup(version_2, "a")
    cgroup.create(LIMITS)
    (entrance,) = cgroup.entrances()
    os.write(entrance, b"0")
    os.close(entrance)
    assert (group / "cgroup.procs").read_text() == "0"


def test_in_version_2_swap_adds_nothing(version_2, tmp_path):
    (tmp_path / PARENT / "a").mkdir()
    (tmp_path / PARENT / "a" / "memory.swap.max").write_text("max")
    Cgroup(version_2, "a").create(LIMITS)
    assert (tmp_path / PARENT / "a" / "memory.swap.max").read_text() == "0"


@pytest.mark.parametrize(
    ("files", "peak", "kills"),
    [
        ({"memory.peak": "123\n", "memory.events": "low 0\noom 3\noom_kill 2\n"}, 123, 2),
        ({"memory.max_usage_in_bytes": "55\n", "memory.oom_control": "under_oom 0\noom_kill 1\n"}, 55, 1),
        ({}, None, 0),
    ],
    ids=["version 2", "version 1", "a kernel that counts nothing"],
)
def test_what_was_used_is_read_in_either_version(version_2, tmp_path, files, peak, kills):
    (tmp_path / PARENT / "a").mkdir()
    for name, text in files.items():
        (tmp_path / PARENT / "a" / name).write_text(text)
    group = Cgroup(version_2, "a")
    assert (group.peak_memory_bytes(), group.out_of_memory_kills()) == (peak, kills)


def test_without_controllers_it_says_why_and_does_nothing(tmp_path):
    nothing = find_controllers({})
    assert (nothing.memory, nothing.pids, nothing.version) == (None, None, None)
    assert "no cgroup" in nothing.why_not
    group = Cgroup(nothing, "a")
    group.create(LIMITS)
    assert group.entrances() == []
    assert group.peak_memory_bytes() is None
    group.remove()


def test_a_folder_that_refuses_is_named(tmp_path):
    (tmp_path / PARENT).write_text("not a folder")
    found = find_controllers({"v2": tmp_path})
    assert found.version is None
    assert str(tmp_path) in found.why_not


def test_only_the_groups_of_the_dead_are_swept(version_2, tmp_path):
    me = os.getpid()
    names = {"mine": group_name(1), "reused pid": f"{me}-{start_ticks(me) + 1}-1", "dead": "4194304-5-1", "else": "x"}
    for name in names.values():
        (tmp_path / PARENT / name).mkdir()
    sweep(version_2)
    assert {path.name for path in (tmp_path / PARENT).iterdir() if path.is_dir()} == {names["mine"], "x"}
