"""What a trainee has inside a session: a home, the environment the spawner gives, nbgrader's own commands."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import factory_academy

LAB = Path(factory_academy.__file__).parent / "lab"


@dataclass(frozen=True)
class LabSession:
    """One trainee's session without a sandbox: the same files, environment and commands."""

    home: Path
    portal_url: str
    name: str = "ada"
    token: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """As the spawner gives it, and nothing else."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "JUPYTER_PREFER_ENV_PATH": "1",
            "JUPYTER_CONFIG_PATH": str(LAB / "config"),
            "PYTHONPATH": str(LAB / "kernel"),
            "JUPYTER_RUNTIME_DIR": str(self.home / ".runtime"),
            "JUPYTERHUB_USER": self.name,
            "JUPYTERHUB_API_TOKEN": self.token or f"token-{self.name}",
            "ACADEMY_PORTAL_URL": self.portal_url,
        }

    def nbgrader(self, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run one of nbgrader's own commands; what it says is in ``stderr``."""
        return subprocess.run(
            [sys.executable, "-m", "nbgrader", *words],
            env=self.environment,
            cwd=cwd or self.home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
