from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.isolation_runs import PACKAGE_ROOT, PROBE

from factory_academy.isolation.zygote import Zygote


@pytest.fixture(scope="session")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """One warm process without heavy imports, for all tests that do not look at zygotes themselves."""
    warm = Zygote(sys.executable, ["json", "random", "tempfile", "multiprocessing"], tmp_path_factory.mktemp("zygote"))
    yield warm
    warm.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that a sandbox's uid can pass through, were it mounted."""
    tmp_path.chmod(0o755)
    return tmp_path


@pytest.fixture
def copied_package() -> Iterator[Path]:
    """The package where a user without rights can read it, for the system's own interpreter."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        copy = Path(folder) / "factory_academy"
        copy.mkdir(mode=0o755)
        for name in ("__init__.py", "errors.py", "isolation"):
            source = PACKAGE_ROOT / "factory_academy" / name
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, copy / name, ignore=ignored) if source.is_dir() else shutil.copy(source, copy)
        shutil.copy(PROBE.source, folder)
        yield Path(folder)
