"""An inventory and profiles without a machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from factory_academy.domain.session import Device, DeviceKind, Profile

CPU = Profile("cpu", "CPU", "A small machine", 2 << 30, 128, 5 << 30, timedelta(hours=4))
GPU = Profile("gpu", "One GPU", "A whole GPU", 8 << 30, 256, 5 << 30, timedelta(hours=2), DeviceKind.GPU)
SLICE = Profile("slice", "A slice", "A MIG share", 4 << 30, 256, 5 << 30, timedelta(hours=2), DeviceKind.SLICE)


def gpus(count: int) -> tuple[Device, ...]:
    """So many whole GPUs."""
    return tuple(Device(f"GPU-{n}", DeviceKind.GPU, "H100", 80 << 30, (f"/dev/nvidia{n}",)) for n in range(count))


class FakeInventory:
    """Implements ``Inventory``."""

    def __init__(self, devices: Sequence[Device] = (), note: str = "") -> None:
        self._devices = tuple(devices)
        self._note = note

    def devices(self) -> Sequence[Device]:
        return self._devices

    @property
    def note(self) -> str:
        return self._note


class FakeProfiles:
    """Implements ``Profiles``."""

    def __init__(self, *profiles: Profile) -> None:
        self._profiles = profiles

    def all(self) -> Sequence[Profile]:
        return self._profiles

    def find(self, profile_id: str) -> Profile | None:
        return next((p for p in self._profiles if p.id == profile_id), None)
