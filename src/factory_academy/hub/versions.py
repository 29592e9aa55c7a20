"""Which versions of what the hub stands on are known to be safe; it refuses to start on others."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from factory_academy.errors import InfrastructureFault

_Version = tuple[int, ...]
_NEEDED: dict[str, tuple[_Version, _Version | None]] = {
    "jupyterhub": ((6, 1), (7,)),
    "nbgrader": ((0, 9, 6), (0, 10)),
    "jupyter-server": ((2, 18), None),
    "nbconvert": ((7, 16), None),
}


def check_versions(installed: Callable[[str], str] = version) -> None:
    """Do nothing if every package is of a version that we trust.

    Raises:
        InfrastructureFault: one is missing, too old (known security faults) or too new (untested).
    """
    for name, (least, below) in _NEEDED.items():
        wanted = f"{name} {_shown(least)} or newer" + (f", below {_shown(below)}" if below else "")
        try:
            found = installed(name)
        except PackageNotFoundError:
            raise InfrastructureFault(f"The hub needs {wanted}; it is not installed.", _STEP) from None
        numbers = _numbers(found)
        if numbers < least or (below is not None and numbers >= below):
            raise InfrastructureFault(f"The hub needs {wanted}; {found} is installed.", _STEP)


_STEP = "Run `make install`, which installs the versions that are tested together."


def _numbers(text: str) -> _Version:
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[^0-9.]", text)[0]))


def _shown(numbers: _Version) -> str:
    return ".".join(map(str, numbers))
