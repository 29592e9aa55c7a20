"""Two verifiers that other people wrote agree with ours, and we with what one of them issues."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from openbadgeslib.ob3.credential import Achievement, Issuer, OpenBadgeCredential
from openbadgeslib.ob3.ldp import OB3LdpSigner, OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError
from tests.support import node_verifier
from tests.support.badges import certificate

from factory_academy.credentials.integrity.multikey import multikey, public_key
from factory_academy.credentials.issuer import BadgeIssuer
from factory_academy.credentials.verify import verify
from factory_academy.domain.course import CertificateRule

CHANGES: dict[str, Any] = {
    "value": lambda b: b["credentialSubject"]["result"][0].update(value="100"),
    "unknown property": lambda b: b.update(distinction="summa cum laude"),
    "unknown property inside": lambda b: b["credentialSubject"]["achievement"].update(distinction="yes"),
    "signature": lambda b: b["proof"][0].update(proofValue=b["proof"][0]["proofValue"][:-1] + "1"),
}
ODD = certificate(
    trainee_name="Żaneta O’Neill",
    course_title='Tabs\tand "quotes", \\, 🏭\u2028\ufeff\u00ad\u200b\U0010fffd',
    rule=CertificateRule("Certificat — données", outcomes=("Ελληνικά", "  spaces  "), hours=0.5),
    evidence=(("pipelines/dp4", "0a" * 32), ("pipelines/dp5", "not a hash")),
    status_index=131_071,
)


@pytest.fixture(scope="module")
def now_issuer(tmp_path_factory: pytest.TempPathFactory) -> BadgeIssuer:
    """An issuer on the clock that the other verifiers use too."""
    folder = tmp_path_factory.mktemp("now")
    return BadgeIssuer(folder / "keys" / "issuer.pem", "http://127.0.0.1:8000/services/portal")


def changed(text: str, change: Any) -> str:
    badge = json.loads(text)
    change(badge)
    return json.dumps(badge)


def node(folder: Path, issuer: BadgeIssuer, text: str, revoked: frozenset[int] = frozenset()) -> dict[str, Any]:
    return node_verifier.opinion(folder, text, issuer.did_document(), issuer.status_list(revoked))


def python(issuer: BadgeIssuer, text: str, revoked: frozenset[int] = frozenset()) -> OpenBadgeCredential:
    document = issuer.did_document()
    key = public_key(document["verificationMethod"][0]["publicKeyMultibase"])
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    listed = issuer.status_list(revoked).encode()
    verifier = OB3LdpVerifier(pem, issuer_did=document["id"])
    return verifier.verify(text, check_status=True, download=lambda *_: listed, verify_status_list=False)


@pytest.mark.parametrize("given", [certificate(issued_at=datetime(2026, 1, 2, tzinfo=UTC)), ODD], ids=["usual", "odd"])
def test_the_javascript_verifier_accepts_what_we_sign(tmp_path, now_issuer, given):
    opinion = node(tmp_path, now_issuer, now_issuer.sign(given))
    assert opinion == {"signature": True, "live": True, "reasons": []}


def test_the_javascript_verifier_sees_that_we_revoked(tmp_path, now_issuer):
    opinion = node(tmp_path, now_issuer, now_issuer.sign(ODD), frozenset({131_071}))
    assert opinion["live"] is False


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_javascript_verifier_refuses_what_we_refuse(tmp_path, now_issuer, change):
    text = changed(now_issuer.sign(ODD), change)
    assert node(tmp_path, now_issuer, text)["signature"] is False
    assert not now_issuer.check(text, frozenset()).is_good


@pytest.mark.parametrize("given", [certificate(issued_at=datetime(2026, 1, 2, tzinfo=UTC)), ODD], ids=["usual", "odd"])
def test_the_python_verifier_accepts_what_we_sign(now_issuer, given):
    assert python(now_issuer, now_issuer.sign(given)).issuer.id == now_issuer.did


def test_the_python_verifier_sees_that_we_revoked(now_issuer):
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        python(now_issuer, now_issuer.sign(ODD), frozenset({131_071}))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_python_verifier_refuses_what_we_refuse(now_issuer, change):
    with pytest.raises(OB3VerificationError):
        python(now_issuer, changed(now_issuer.sign(ODD), change))


def test_we_accept_what_the_python_library_issues():
    key = Ed25519PrivateKey.generate()
    issuer_id, name = "did:web:other.example", multikey(key.public_key())
    method = f"{issuer_id}#{name}"
    badge = OpenBadgeCredential(
        issuer=Issuer(id=issuer_id, name="Another academy"),
        achievement=Achievement(
            id="https://other.example/a/1", name="Teamwork", description="Works in teams", criteria_narrative="Asked"
        ),
        recipient_id="did:example:holder",
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    text = OB3LdpSigner(pem, verification_method=method).sign_to_json(badge)
    described = {"id": method, "type": "Multikey", "controller": issuer_id, "publicKeyMultibase": name}
    document = {"id": issuer_id, "verificationMethod": [described], "assertionMethod": [method]}
    outcome = verify(text, did_document=document, now=datetime.now(UTC))
    assert outcome.is_good, outcome
    assert outcome.facts is not None
    assert outcome.facts.achievement == "Teamwork"
    assert not verify(text.replace("Teamwork", "Leadership"), did_document=document, now=datetime.now(UTC)).is_good
