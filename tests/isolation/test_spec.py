"""Sandbox descriptions travel as JSON and refuse nonsense."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import factory_academy
from factory_academy.isolation.launch import LaunchRequest
from factory_academy.isolation.spec import DiskImage, Ending, Limits, Mount, SandboxSpec, Tmpfs, python_mounts

amounts = st.integers(1, 1 << 50)
names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1).filter(
    lambda n: n != ".."
)
paths = st.lists(names, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
texts = st.text(st.characters(exclude_categories=["Cs"]))
specs = st.builds(
    SandboxSpec,
    uid=amounts,
    gid=amounts,
    mounts=st.lists(st.builds(Mount, paths, paths, st.booleans()), max_size=3).map(tuple),
    tmpfs=st.lists(st.builds(Tmpfs, paths, amounts), max_size=3).map(tuple),
    disk_images=st.lists(st.builds(DiskImage, paths, paths, amounts), max_size=3).map(tuple),
    devices=st.lists(paths, max_size=3).map(tuple),
    network=st.booleans(),
    hostname=texts,
    cwd=paths,
    environment=st.dictionaries(texts, texts, max_size=3),
    dumpable=st.booleans(),
)
limits = st.builds(Limits, amounts, amounts, amounts, st.none() | amounts, amounts)


@settings(deadline=None)
@given(specs, limits, st.lists(texts).map(tuple), paths)
def test_a_request_comes_out_of_json_as_it_went_in(spec, limit, argv, path):
    request = LaunchRequest(spec, limit, argv, path, path, path, 2.5)
    assert LaunchRequest.from_json(request.to_json()) == request


@settings(deadline=None)
@given(
    st.builds(
        Ending,
        st.sampled_from(["exited", "signalled", "out_of_memory", "killed"]),
        st.none() | st.integers(0, 255),
        st.none() | st.integers(1, 64),
        st.none() | amounts,
        st.floats(0, 1e9),
    )
)
def test_an_ending_comes_out_of_json_as_it_went_in(ending):
    assert Ending.from_json(ending.to_json()) == ending


@pytest.mark.parametrize("path", ["", "relative", "/a/../b", "/a\0b"])
def test_a_path_that_could_mean_something_else_is_refused(path):
    with pytest.raises(ValueError, match="absolute path"):
        Mount(path, "/data")
    with pytest.raises(ValueError, match="absolute path"):
        Mount("/data", path)


def test_code_nobody_has_read_never_runs_as_root():
    with pytest.raises(ValueError, match="uid"):
        SandboxSpec(uid=0, gid=1)


@pytest.mark.parametrize("name", ["memory_bytes", "processes", "file_bytes", "open_files", "cpu_seconds"])
def test_a_limit_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match=name):
        Limits(**{"memory_bytes": 1, "processes": 1, "file_bytes": 1, name: 0})


def test_the_interpreter_and_the_package_are_shown_read_only_and_the_checkout_is_not():
    mounts = python_mounts()
    shown = [Path(mount.target) for mount in mounts]
    package = Path(factory_academy.__file__).resolve().parent
    for needed in (Path(sys.executable).resolve(), Path(sys.prefix), package):
        assert any(needed.is_relative_to(target) for target in shown)
    assert not any(mount.writable for mount in mounts)
    assert not any((package.parents[1] / "courses").is_relative_to(target) for target in shown)
