import shutil
import sys
import tempfile
from pathlib import Path

import httpx
import pytest
from tests.support.house import eventually, house

PORTAL = "/services/portal"


@pytest.fixture(scope="module")
def place():
    """A real hub behind a real proxy, with a real portal; Ada may sign in."""
    folder = Path(tempfile.mkdtemp(prefix="fa-portal-"))
    try:
        with house(folder / "home") as made:
            made.add_person("ada")
            made.start_proxy()
            made.start_hub()
            made.start_process("portal", sys.executable, "-m", "factory_academy.portal.serve")
            eventually(lambda: httpx.get(f"{made.settings.url}{PORTAL}/health").status_code == 200, "the portal")
            yield made
    finally:
        shutil.rmtree(folder)
