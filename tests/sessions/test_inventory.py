from __future__ import annotations

import pytest
from tests.support.nvml import PretendDriver

from factory_academy.domain.session import Device, DeviceKind
from factory_academy.sessions.inventory import NvmlInventory, StaticInventory

GPU = "gpu GPU-aaaa NVIDIA_H100_80GB_HBM3 81559 0 0"


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    return PretendDriver.build(tmp_path_factory.mktemp("driver"))


def uuids(seen):
    return [device[0] for device in seen["devices"]]


def test_a_machine_without_the_driver_offers_nothing_and_says_why(tmp_path):
    inventory = NvmlInventory(dev=tmp_path, proc=tmp_path)
    if inventory.devices():
        assert inventory.note == ""
    else:
        assert inventory.note.startswith("This machine has no NVIDIA driver") or "driver" in inventory.note


def test_a_driver_that_is_not_loaded_offers_nothing_and_says_why(driver):
    driver.unload()
    seen = driver.look()
    assert seen["devices"] == []
    assert "Driver Not Loaded" in seen["note"]


def test_a_driver_without_gpus_says_so(driver):
    driver.report()
    assert driver.look() == {
        "devices": [],
        "note": "The NVIDIA driver is there, but it reports no usable GPU.",
    }


def test_a_whole_gpu_is_offered_by_uuid_with_its_own_device_file(driver):
    driver.report(GPU)
    (driver.folder / "dev/nvidiactl").touch()
    seen = driver.look()
    dev = driver.folder / "dev"
    assert seen["note"] == ""
    assert seen["devices"] == [
        ["GPU-aaaa", "gpu", "NVIDIA H100 80GB HBM3", 81559 << 20, [str(dev / "nvidia0"), str(dev / "nvidiactl")]]
    ]


def test_a_gpu_in_mig_mode_is_offered_as_its_slices_only(driver):
    driver.report(
        "gpu GPU-aaaa NVIDIA_H100 81559 3 1",
        "mig MIG-1 NVIDIA_H100_MIG_1g.10gb 9856 7 0",
        "mig MIG-2 NVIDIA_H100_MIG_1g.10gb 9856 8 0",
        "gpu GPU-bbbb NVIDIA_A100 40000 1 0",
    )
    driver.add_capability("gpu3/mig/gi7/access", 66)
    driver.add_capability("gpu3/mig/gi7/ci0/access", 67)
    seen = driver.look()
    assert uuids(seen) == ["MIG-1", "MIG-2", "GPU-bbbb"]
    first = seen["devices"][0]
    assert first[1:4] == ["slice", "NVIDIA H100 MIG 1g.10gb", 9856 << 20]
    assert str(driver.folder / "dev/nvidia3") in first[4]
    assert first[4][-2:] == [str(driver.folder / f"dev/nvidia-caps/nvidia-cap{n}") for n in (66, 67)]


def test_a_gpu_in_mig_mode_without_slices_is_not_offered(driver):
    driver.report("gpu GPU-aaaa NVIDIA_H100 81559 0 1")
    assert uuids(driver.look()) == []


def test_a_gpu_that_knows_no_mig_is_offered_whole(driver):
    driver.report("gpu GPU-aaaa NVIDIA_T4 15109 0 2")
    assert uuids(driver.look()) == ["GPU-aaaa"]


def test_a_gpu_that_fell_off_the_bus_does_not_hide_the_others(driver):
    driver.report("gpu GPU-lost NVIDIA_H100 81559 0 3", "gpu GPU-good NVIDIA_H100 81559 1 0")
    assert uuids(driver.look()) == ["GPU-good"]


def test_a_static_inventory_offers_what_it_lists():
    device = Device("GPU-1", DeviceKind.GPU, "H100", 80 << 30)
    assert list(StaticInventory((device,)).devices()) == [device]
    assert StaticInventory((device,)).note == ""
    assert StaticInventory().note == "This machine has no GPU."
