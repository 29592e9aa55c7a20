from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_academy.domain.session import DeviceKind
from factory_academy.errors import BadSetting
from factory_academy.sessions.profiles import ProfileFile
from factory_academy.sessions.units import read_bytes, read_duration

SHIPPED = Path(__file__).parents[2] / "hub_config" / "profiles.toml"
GOOD = {
    "title": '"CPU"',
    "description": '"Plain."',
    "memory": '"2 GiB"',
    "disk": '"5 GiB"',
    "wall_time": '"4 h"',
    "processes": "256",
}


@pytest.fixture
def written(tmp_path):
    def write(name="cpu", **changes):
        keys = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
        path = tmp_path / "profiles.toml"
        path.write_text(f"[profiles.{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()))
        return ProfileFile(path)

    return write


def test_the_shipped_profiles_are_cpu_by_default_a_gpu_and_a_slice():
    profiles = ProfileFile(SHIPPED)
    assert [p.id for p in profiles.all()] == ["cpu", "gpu", "gpu-slice"]
    assert [p.device_kind for p in profiles.all()] == [None, DeviceKind.GPU, DeviceKind.SLICE]


def test_units_become_bytes_and_durations(written):
    profile = written().find("cpu")
    assert (profile.memory_bytes, profile.disk_bytes) == (2 << 30, 5 << 30)
    assert (profile.wall_time, profile.processes) == (timedelta(hours=4), 256)


def test_a_profile_that_is_not_offered_is_not_found(written):
    assert written().find("supercomputer") is None


def test_a_device_may_be_narrowed_to_a_model(written):
    profile = written(device='"gpu"', model='"H100"').find("cpu")
    assert (profile.device_kind, profile.model_contains) == (DeviceKind.GPU, "H100")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"memory": "2"}, "memory: expected a text in quotes; got 2."),
        ({"memory": '"2 GB"'}, "such as \"2 GiB\"; got '2 GB'."),
        ({"wall_time": '"0 h"'}, "wall_time: expected a positive number"),
        ({"processes": "3"}, "processes: expected a whole number from 16 to 32768; got 3."),
        ({"processes": "true"}, "got True."),
        ({"device": '"tpu"'}, 'device: expected "gpu" or "slice"; got \'tpu\'.'),
        ({"model": '"H100"'}, 'model: expected also device = "gpu" or "slice"'),
        ({"colour": '"red"'}, "colour: expected one of the keys title"),
        ({"disk": None}, "disk: expected this key to be there; got nothing."),
        ({"title": '" "'}, "title: expected a text in quotes"),
    ],
)
def test_a_mistake_names_file_profile_key_expected_and_got(written, changes, expected):
    profiles = written(**changes)
    with pytest.raises(BadSetting) as caught:
        profiles.all()
    assert f"{profiles.path}, profile cpu, " in str(caught.value)
    assert expected in str(caught.value)


@pytest.mark.parametrize("content", ["", "profiles = 3", "[other]\na = 1", "[profiles.cpu", "[profiles]\ncpu = 1"])
def test_a_file_that_holds_no_profiles_is_refused(tmp_path, content):
    path = tmp_path / "profiles.toml"
    path.write_text(content)
    with pytest.raises(BadSetting, match=r"profiles\.toml"):
        ProfileFile(path).all()


def test_a_missing_file_is_refused_with_the_way_to_name_another(tmp_path):
    with pytest.raises(BadSetting) as caught:
        ProfileFile(tmp_path / "none.toml").all()
    assert "ACADEMY_PROFILES" in caught.value.next_step


def test_a_profile_name_must_fit_an_address(written):
    with pytest.raises(BadSetting, match="first a letter"):
        written(name='"Big GPU"').all()


@given(st.integers(1, 1 << 20), st.sampled_from(["B", "KiB", "MiB", "GiB", "TiB"]))
def test_every_whole_size_is_read_exactly(number, unit):
    power = ["B", "KiB", "MiB", "GiB", "TiB"].index(unit)
    assert read_bytes(f"{number} {unit}") == read_bytes(f" {number}{unit} ") == number << (10 * power)


@given(st.text(max_size=12))
def test_any_text_is_either_a_positive_quantity_or_refused(text):
    with suppress(ValueError):
        assert read_bytes(text) >= 1
    with suppress(ValueError):
        assert read_duration(text) >= timedelta(seconds=1)
