"""The GPUs of this machine: whole ones, or their MIG slices where those are switched on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pynvml

from factory_academy.domain.session import Device, DeviceKind

_SHARED_NODES = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset")
_CAPABILITY_MINOR = re.compile(r"^DeviceFileMinor:\s*(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class StaticInventory:
    """Devices named beforehand: for tests, and for machines whose devices a person lists."""

    listed: tuple[Device, ...] = ()
    why_none: str = "This machine has no GPU."

    def devices(self) -> Sequence[Device]:
        """The listed devices."""
        return self.listed

    @property
    def note(self) -> str:
        """Why there are none, else empty."""
        return "" if self.listed else self.why_none


@dataclass(frozen=True, slots=True)
class NvmlInventory:
    """What the NVIDIA driver reports, asked anew each time. Never raises: no driver means no devices and a note.

    dev, proc: where device files and the driver's capability files are.
    """

    dev: Path = Path("/dev")
    proc: Path = Path("/proc")

    def devices(self) -> Sequence[Device]:
        """Every device on offer. A GPU in MIG mode is offered as its slices only."""
        return self._look()[0]

    @property
    def note(self) -> str:
        """Why there are no devices, in a sentence; empty when there are some."""
        return self._look()[1]

    def _look(self) -> tuple[tuple[Device, ...], str]:
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError as error:
            return (), _why_no_driver(error)
        try:
            found = tuple(self._all())
        except pynvml.NVMLError as error:
            return (), f"The NVIDIA driver does not answer ({_text(error)}), so no GPU can be offered."
        finally:
            _shut_down()
        return found, "" if found else "The NVIDIA driver is there, but it reports no usable GPU."

    def _all(self) -> Iterator[Device]:
        for index in range(pynvml.nvmlDeviceGetCount()):
            try:
                gpu = pynvml.nvmlDeviceGetHandleByIndex(index)
                offered = tuple(self._slices(gpu)) if _is_mig(gpu) else (self._whole(gpu),)
            except pynvml.NVMLError:
                continue
            yield from offered

    def _whole(self, gpu: Any) -> Device:
        return _device(gpu, DeviceKind.GPU, self._nodes(gpu))

    def _slices(self, gpu: Any) -> Iterator[Device]:
        for index in range(pynvml.nvmlDeviceGetMaxMigDeviceCount(gpu)):
            try:
                part = pynvml.nvmlDeviceGetMigDeviceHandleByIndex(gpu, index)
            except pynvml.NVMLError_NotFound:
                continue
            yield _device(part, DeviceKind.SLICE, (*self._nodes(gpu), *self._capability_nodes(gpu, part)))

    def _nodes(self, gpu: Any) -> tuple[str, ...]:
        """The GPU's own device file, and the shared ones that this machine has."""
        own = self.dev / f"nvidia{pynvml.nvmlDeviceGetMinorNumber(gpu)}"
        shared = (self.dev / name for name in _SHARED_NODES)
        return (str(own), *(str(node) for node in shared if node.exists()))

    def _capability_nodes(self, gpu: Any, part: Any) -> Iterator[str]:
        """A process may use a slice only if it can open the capability files of its two instances."""
        minor = pynvml.nvmlDeviceGetMinorNumber(gpu)
        instance = self.proc / f"driver/nvidia/capabilities/gpu{minor}/mig/gi{pynvml.nvmlDeviceGetGpuInstanceId(part)}"
        compute = instance / f"ci{pynvml.nvmlDeviceGetComputeInstanceId(part)}"
        for access in (instance / "access", compute / "access"):
            number = _capability_minor(access)
            if number is not None:
                yield str(self.dev / f"nvidia-caps/nvidia-cap{number}")


def _device(handle: Any, kind: DeviceKind, nodes: tuple[str, ...]) -> Device:
    return Device(
        uuid=str(pynvml.nvmlDeviceGetUUID(handle)),
        kind=kind,
        model=str(pynvml.nvmlDeviceGetName(handle)),
        memory_bytes=int(pynvml.nvmlDeviceGetMemoryInfo(handle).total),
        nodes=nodes,
    )


def _is_mig(gpu: Any) -> bool:
    try:
        present, _pending = pynvml.nvmlDeviceGetMigMode(gpu)
    except (pynvml.NVMLError_NotSupported, pynvml.NVMLError_FunctionNotFound):
        return False
    return bool(present)


def _capability_minor(access: Path) -> int | None:
    try:
        found = _CAPABILITY_MINOR.search(access.read_text())
    except OSError:
        return None
    return int(found[1]) if found else None


def _why_no_driver(error: Exception) -> str:
    if isinstance(error, pynvml.NVMLError_LibraryNotFound):
        return "This machine has no NVIDIA driver, so there is no GPU to offer."
    return f"The NVIDIA driver cannot be used ({_text(error)}), so no GPU can be offered."


def _text(error: Exception) -> str:
    return str(error) or type(error).__name__


def _shut_down() -> None:
    try:
        pynvml.nvmlShutdown()
    except pynvml.NVMLError:
        return
