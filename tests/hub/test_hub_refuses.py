"""A hub that cannot serve says why in one sentence, and ends."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.support.house import HUB_CONFIG, house


@pytest.mark.parametrize(
    ("profiles", "words"),
    [
        ("[profiles.cpu]\ntitle = 3\n", "profile cpu, description: expected this key to be there"),
        ("nonsense", "is not valid TOML"),
    ],
)
def test_a_hub_with_a_broken_profiles_file_names_the_mistake(tmp_path, profiles, words):
    file = tmp_path / "profiles.toml"
    file.write_text(profiles)
    with house(tmp_path / "home", profiles=str(file)) as made:
        argv = [sys.executable, "-m", "jupyterhub", "-f", str(HUB_CONFIG)]
        done = subprocess.run(argv, env=made.environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "The hub cannot start." in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
