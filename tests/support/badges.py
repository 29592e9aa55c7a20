"""A certificate to sign and an issuer to sign it, for tests of credentials."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from factory_academy.credentials.issuer import BadgeIssuer
from factory_academy.domain.certificate import Certificate
from factory_academy.domain.course import CertificateRule
from tests.support.clock import FakeClock

PORTAL = "https://academy.example/services/portal"
ISSUED = datetime(2026, 3, 2, 11, tzinfo=UTC)
RULE = CertificateRule(
    title="Pipeline builder",
    pass_fraction=0.7,
    assignments=("dp4",),
    eqf_level=5,
    hours=12.5,
    outcomes=("Joins streams without losing rows", "Explains “exactly once” — and when it is not"),
    skills=(("utilise machine learning", "http://data.europa.eu/esco/skill/8369c2d6-c100-4cf6-bd83-9668d8678433"),),
)
CERTIFICATE = Certificate(
    id="q3nB0p7cS1hVn6Zt4yXw9uKe2dRf8aGm",
    trainee_id="mira",
    trainee_name="Mira Moretti-Łukaszewicz",
    course_id="pipelines",
    course_title="Data pipelines",
    factory_id="bologna",
    factory_name="IT4LIA",
    rule=RULE,
    fraction=0.875,
    issued_at=ISSUED,
    evidence=(("pipelines/dp4", "d4" * 32),),
    status_index=5,
)


def certificate(**changes: Any) -> Certificate:
    """The certificate of these tests, with changes."""
    return replace(CERTIFICATE, **changes)


def badge_issuer(folder: Path, portal_url: str = PORTAL, clock: FakeClock | None = None) -> BadgeIssuer:
    """An issuer with a key of its own in ``folder``; its clock stands still."""
    return BadgeIssuer(folder / "keys" / "issuer.pem", portal_url, clock or FakeClock())
