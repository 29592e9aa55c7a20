"""One real academy for all journeys."""

import pytest
from tests.support.running import running_academy


@pytest.fixture(scope="session")
def academy(tmp_path_factory):
    with running_academy(tmp_path_factory.mktemp("academy") / "home") as running:
        yield running
