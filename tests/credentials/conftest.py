from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.badges import badge_issuer, certificate

from factory_academy.credentials.issuer import BadgeIssuer


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> BadgeIssuer:
    return badge_issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="session")
def credential(issuer: BadgeIssuer) -> str:
    return issuer.sign(certificate())


@pytest.fixture
def other_issuer(tmp_path: Path) -> BadgeIssuer:
    return badge_issuer(tmp_path / "other")
