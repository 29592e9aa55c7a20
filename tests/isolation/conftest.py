from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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
