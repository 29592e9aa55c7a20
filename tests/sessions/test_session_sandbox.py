from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from factory_academy.domain.session import Device, DeviceKind, Profile, SessionPlan
from factory_academy.sessions.homes import Homes
from factory_academy.sessions.sandbox import limits_of, sandbox_of

CPU = Profile("cpu", "CPU", "Plain.", 2 << 30, 256, 5 << 30, timedelta(hours=4))
GPU = Device("GPU-1", DeviceKind.GPU, "H100", 80 << 30, ("/dev/nvidia3", "/dev/nvidiactl"))
LATER = datetime(2030, 1, 1, tzinfo=UTC)
CHECKOUT = Path(__file__).parents[2]
DEVICES = st.sampled_from([None, GPU])


def plan(device=None):
    return SessionPlan("1" * 32, "ada", CPU, device, LATER)


def test_a_session_sees_its_own_home_and_no_other_folder_of_the_academy(tmp_path):
    home = Homes(tmp_path / "homes", use_images=False).ensure("ada")
    spec = sandbox_of(plan(), home, {})
    assert [m.target for m in spec.mounts if m.writable] == ["/home/ada"]
    inside = [Path(m.source) for m in spec.mounts if Path(m.source).is_relative_to(tmp_path)]
    assert inside == [home.folder / "files"]
    assert not any((CHECKOUT / "courses").is_relative_to(m.source) for m in spec.mounts)


def test_a_session_sees_the_device_files_of_its_lease_only(tmp_path):
    home = Homes(tmp_path, use_images=False).ensure("ada")
    with_gpu = sandbox_of(plan(GPU), home, {})
    assert with_gpu.devices == GPU.nodes
    assert with_gpu.environment["CUDA_VISIBLE_DEVICES"] == "GPU-1"
    without = sandbox_of(plan(), home, {})
    assert without.devices == ()
    assert without.environment["CUDA_VISIBLE_DEVICES"] == ""


@given(st.lists(DEVICES, min_size=1, max_size=4), DEVICES)
def test_nothing_of_an_earlier_start_shows_in_a_later_one(tmp_path_factory, earlier, last):
    home = Homes(tmp_path_factory.mktemp("homes"), use_images=False).ensure("ada")
    for device in earlier:
        sandbox_of(plan(device), home, {"JUPYTERHUB_API_TOKEN": "old"})
    assert sandbox_of(plan(last), home, {"A": "b"}) == sandbox_of(plan(last), home, {"A": "b"})
    assert "JUPYTERHUB_API_TOKEN" not in sandbox_of(plan(last), home, {}).environment


def test_nothing_of_the_hubs_environment_reaches_a_session(tmp_path):
    home = Homes(tmp_path, use_images=False).ensure("ada")
    assert set(sandbox_of(plan(), home, {}).environment) == {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM"),
        *("CUDA_VISIBLE_DEVICES", "JUPYTER_RUNTIME_DIR", "JUPYTER_PREFER_ENV_PATH"),
    }


def test_the_limits_are_those_of_the_profile():
    limits = limits_of(plan())
    assert (limits.memory_bytes, limits.processes, limits.file_bytes) == (2 << 30, 256, 5 << 30)
