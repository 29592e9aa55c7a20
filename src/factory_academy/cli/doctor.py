"""``factory-academy doctor``: what this machine can and cannot do, and the one line that mends each."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from factory_academy.cli.up import CHECKOUT, node_command
from factory_academy.errors import InfrastructureFault
from factory_academy.isolation.capabilities import Capabilities, capabilities
from factory_academy.sessions.inventory import NvmlInventory
from factory_academy.settings import Settings, read_settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``needed`` tells whether the academy cannot run without it."""

    what: str
    good: bool
    detail: str
    mend: str = ""
    needed: bool = False


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Say what this machine can do. Exit code 1 if something is missing that the academy cannot do without."""
    found = list(findings(read_settings()))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in found], indent=1))
    else:
        for finding in found:
            _show(finding)
    if any(finding.needed and not finding.good for finding in found):
        raise typer.Exit(1)


def findings(settings: Settings) -> Iterator[Finding]:
    """Everything worth knowing before `make up`, the necessary first."""
    good = sys.version_info >= (3, 11)
    yield Finding("Python", good, sys.version.split()[0], "Install Python 3.11 or newer.", needed=True)
    yield from _sandbox(capabilities())
    yield _proxy()
    yield _home(settings)
    yield _gpu()
    yield _command("Slurm", ("sbatch",), "slurm-wlm", "sessions as batch jobs")
    yield _command("Chromium", ("chromium", "chromium-browser", "google-chrome"), "chromium", "tests in a browser")
    yield _postgresql()


def _sandbox(can: Capabilities) -> Iterator[Finding]:
    def finding(what: str, name: str, good: bool, detail: str, needed: bool = False) -> Finding:
        why = can.reasons.get(name, "")
        return Finding(what, good, detail if good else "weaker or none here", why, needed=needed)

    how = "as root" if can.is_root else "through user namespaces"
    yield finding("Sandbox", "sandboxes", can.sandboxes, how, needed=True)
    memory = can.memory_controller is not None
    yield finding("Memory limits", "memory_controller", memory, f"cgroup {can.memory_controller}")
    yield finding("Process limits", "pids_controller", can.pids_controller, "cgroup")
    yield finding("System call filter", "seccomp", can.seccomp, "seccomp")
    yield finding("Disk limits", "loop_images", can.loop_images, "a disk image for each home")


def _proxy() -> Finding:
    script = CHECKOUT / "hub_config" / "proxy" / "node_modules" / "configurable-http-proxy"
    try:
        node = node_command()
    except InfrastructureFault as error:
        return Finding("Proxy", False, str(error), "make install", needed=True)
    detail = f"Node.js at {Path(node).name}, proxy {'installed' if script.exists() else 'missing'}"
    return Finding("Proxy", script.exists(), detail, "make install", needed=True)


def _home(settings: Settings) -> Finding:
    folder = settings.home if settings.home.exists() else settings.home.parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    detail = f"{settings.home}, {free / 2**30:.0f} GiB free"
    return Finding(
        "Home", free > 2 << 30, detail, "Free some space, or set ACADEMY_HOME to a larger disk.", needed=True
    )


def _gpu() -> Finding:
    inventory = NvmlInventory()
    devices = inventory.devices()
    detail = ", ".join(f"{d.model} ({d.memory_bytes / 2**30:.0f} GiB)" for d in devices) or inventory.note
    return Finding("GPU", bool(devices), detail, "GPU profiles stay greyed out; CPU profiles work.")


def _command(what: str, names: tuple[str, ...], package: str, purpose: str) -> Finding:
    found = next((path for name in names if (path := shutil.which(name))), None)
    return Finding(what, found is not None, found or f"not found; only {purpose} need it", f"apt-get install {package}")


def _postgresql() -> Finding:
    servers = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    detail = str(servers[-1]) if servers else "no server here; SQLite serves one machine well"
    return Finding("PostgreSQL", bool(servers), detail, "apt-get install postgresql")


def _show(finding: Finding) -> None:
    mark = "yes" if finding.good else ("NO " if finding.needed else "no ")
    typer.echo(f"{mark}  {finding.what:<18} {finding.detail}")
    if not finding.good and finding.mend:
        typer.echo(f"     {'':<18} → {finding.mend}")
