"""One real hub for the tests of this folder; those that kill it start it again."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from tests.support.house import house

from factory_academy.domain.person import Role

PROFILES = """
[profiles.cpu]
title = "CPU"
description = "Plain."
memory = "1 GiB"
disk = "64 MiB"
wall_time = "1 h"
processes = 128

[profiles.gpu]
title = "Whole GPU"
description = "One GPU."
memory = "1 GiB"
disk = "64 MiB"
wall_time = "1 h"
processes = 128
device = "gpu"

[profiles.brief]
title = "Brief"
description = "Over before it is good."
memory = "1 GiB"
disk = "64 MiB"
wall_time = "30 s"
processes = 128
"""
PEOPLE = ("ada", "ben", "cleo", "dan", "eva")


@pytest.fixture(scope="session")
def academy_house():
    """A hub and a proxy that run, and five trainees. The folder is short, as sockets need it, and root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="fa-hub-"))
    profiles = folder / "profiles.toml"
    profiles.write_text(PROFILES)
    try:
        with house(folder / "home", profiles=str(profiles)) as made:
            for name in PEOPLE:
                made.add_person(name)
            made.add_person("otto", Role.OPERATOR)
            made.start_proxy()
            made.start_hub()
            yield made
    finally:
        shutil.rmtree(folder)
