"""What others signed, we read as they do; the documents and their licences are in ``data/NOTICE.txt``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from factory_academy.credentials.integrity.canonical import canonical_under, vendored_contexts
from factory_academy.credentials.integrity.multikey import public_key
from factory_academy.credentials.integrity.proof import signed_bytes, take_apart
from factory_academy.credentials.verify import Revocation, State, verify

DATA = Path(__file__).parent / "data"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
EXAMPLES_KEY = "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def document(path: str) -> dict[str, Any]:
    return dict(json.loads((DATA / path).read_text()))


def issuer_document(issuer_id: str, *keys: str) -> dict[str, Any]:
    methods = [
        {"id": f"{issuer_id}#{key}", "type": "Multikey", "controller": issuer_id, "publicKeyMultibase": key}
        for key in keys
    ]
    return {"id": issuer_id, "verificationMethod": methods, "assertionMethod": [m["id"] for m in methods]}


def test_the_w3c_vector_has_the_published_hash_and_its_signature_holds():
    contexts = {
        **vendored_contexts(),
        EXAMPLES: {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}},
    }
    parts = take_apart(document("w3c/signed.json"))
    hashed = signed_bytes(parts.document, parts.options, lambda d: canonical_under(contexts, d))
    assert hashed.hex() == (DATA / "w3c/hash.txt").read_text().strip()
    public_key(document("w3c/public-key.json")["publicKeyMultibase"]).verify(parts.signature, hashed)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("simple", State.VALID),
        ("simple-did-web-method", State.VALID),
        ("credential-status-revoked", State.VALID),
        ("simple-err-expired", State.EXPIRED),
        ("simple-err-proof-value", State.FORGED),
        ("simple-err-type", State.MALFORMED),
        ("simple-err-context", State.MALFORMED),
        ("simple-noproof", State.MALFORMED),
        ("simple-multiple-proofs", State.MALFORMED),
    ],
)
def test_fixtures_of_the_open_badges_validator_are_judged_as_there(name, state):
    badge = document(f"1edtech/{name}.json")
    trusted = issuer_document(badge["issuer"]["id"], EXAMPLES_KEY, "z6MkrvfzkMnvCroEUP2DVc9SHPE48CRsvHiVSusHioxTYu1x")
    assert verify(json.dumps(badge), did_document=trusted, now=NOW).state is state


def test_a_badge_without_a_status_entry_is_good_because_it_cannot_be_revoked():
    badge = document("1edtech/simple.json")
    outcome = verify(json.dumps(badge), did_document=issuer_document(badge["issuer"]["id"], EXAMPLES_KEY), now=NOW)
    assert outcome.revocation is Revocation.NEVER
    assert outcome.is_good


def test_a_status_list_in_another_place_than_the_badge_says_decides_nothing():
    badge = document("1edtech/credential-status-revoked.json")
    listed = (DATA / "1edtech/status-list.json").read_text()
    trusted = issuer_document(badge["issuer"]["id"], EXAMPLES_KEY)
    outcome = verify(json.dumps(badge), did_document=trusted, status_list=listed, now=NOW)
    assert outcome.revocation is Revocation.UNKNOWN
    assert "another status list" in outcome.reasons[-1]
