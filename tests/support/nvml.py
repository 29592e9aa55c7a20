"""A pretend NVIDIA driver: the library that the driver would bring, compiled from a few lines of C."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LOOK = """
import json, sys
from pathlib import Path
from factory_academy.sessions.inventory import NvmlInventory
inventory = NvmlInventory(dev=Path(sys.argv[1]), proc=Path(sys.argv[2]))
devices = [[d.uuid, d.kind, d.model, d.memory_bytes, list(d.nodes)] for d in inventory.devices()]
print(json.dumps({"devices": devices, "note": inventory.note}))
"""


@dataclass(frozen=True, slots=True)
class PretendDriver:
    """A folder with the library, the state it reports, and stand-ins for /dev and /proc."""

    folder: Path

    @classmethod
    def build(cls, folder: Path) -> PretendDriver:
        """Compile the library; the loader only looks for it in a process started with ``environment()``."""
        source = Path(__file__).with_name("nvml.c")
        library = folder / "libnvidia-ml.so.1"
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
        (folder / "dev").mkdir()
        (folder / "proc").mkdir()
        return cls(folder)

    def report(self, *lines: str) -> None:
        """What the driver says from now on; the format is told at the top of nvml.c."""
        (self.folder / "state").write_text("".join(f"{line}\n" for line in lines))

    def unload(self) -> None:
        """From now on the library is there, but the driver is not loaded."""
        (self.folder / "state").unlink(missing_ok=True)

    def add_capability(self, path: str, minor: int) -> None:
        """A capability file, such as ``gpu0/mig/gi1/access``."""
        file = self.folder / "proc/driver/nvidia/capabilities" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"DeviceFileMinor: {minor}\nDeviceFileMode: 292\n")

    def environment(self) -> dict[str, str]:
        """The environment of a process that is to find this driver."""
        return {
            **os.environ,
            "LD_LIBRARY_PATH": str(self.folder),
            "FAKE_NVML_STATE": str(self.folder / "state"),
        }

    def look(self) -> dict[str, Any]:
        """What ``NvmlInventory`` sees, in a process of its own."""
        argv = [sys.executable, "-c", _LOOK, str(self.folder / "dev"), str(self.folder / "proc")]
        done = subprocess.run(argv, env=self.environment(), capture_output=True, text=True, check=True)
        return json.loads(done.stdout)
