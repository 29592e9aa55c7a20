from __future__ import annotations

import os
import subprocess
import sys

import pytest

from factory_academy.errors import InfrastructureFault
from factory_academy.portal.serve import service_token


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_without_a_secret_the_portal_says_how_to_start(tmp_path, content):
    if content is not None:
        (tmp_path / "portal.token").write_text(content)
    with pytest.raises(InfrastructureFault, match="no portal secret"):
        service_token(tmp_path / "portal.token")


def test_a_portal_that_cannot_start_says_so_in_one_line(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "factory_academy.portal.serve"],
        env={**os.environ, "ACADEMY_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("The portal cannot start. There is no portal secret")
    assert len(ran.stderr.strip().splitlines()) == 1
