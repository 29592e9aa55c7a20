from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.badges import ISSUED, PORTAL, badge_issuer, certificate
from tests.support.clock import FakeClock

from factory_academy.credentials.badge import badge
from factory_academy.credentials.facts import identity_hash
from factory_academy.credentials.integrity.did import key_id
from factory_academy.credentials.integrity.proof import sign
from factory_academy.credentials.issuer import BadgeIssuer
from factory_academy.credentials.keys import KeyFolder
from factory_academy.credentials.verify import Revocation, State, Verification, verify
from factory_academy.domain.course import CertificateRule
from factory_academy.errors import BadCredential

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def checked(issuer: BadgeIssuer, text: str, **changes: Any) -> Verification:
    given: dict[str, Any] = {
        "did_document": issuer.did_document(),
        "status_list": issuer.status_list(frozenset()),
        "now": NOW,
    }
    return verify(text, **{**given, **changes})


def signed_anew(folder: Path, **members: Any) -> tuple[BadgeIssuer, str]:
    """A badge with other members, truly signed by an issuer in ``folder``."""
    issuer = badge_issuer(folder)
    key = KeyFolder(folder / "keys" / "issuer.pem").private_key()
    document = badge(certificate(), PORTAL, "salt") | members
    signed = sign(document, key, key_id(issuer.did, key.public_key()), ISSUED)
    return issuer, json.dumps(signed)


def test_what_the_academy_signs_is_valid(issuer, credential):
    outcome = checked(issuer, credential)
    assert outcome.state is State.VALID
    assert outcome.revocation is Revocation.NOT_REVOKED
    assert outcome.is_good


def test_a_valid_credential_says_what_was_proven(issuer, credential):
    facts = checked(issuer, credential).facts
    assert facts is not None
    assert (facts.title, facts.achievement, facts.issuer_name) == ("Pipeline builder", "Data pipelines", "IT4LIA")
    assert dict(facts.results) == {"Automatically graded points, per cent": "87.5", "Workload, hours": "12.5"}
    assert "EQF level 5" in dict(facts.skills)
    assert "d4" * 32 in dict(facts.evidence)["pipelines/dp4"]
    assert "- Joins streams without losing rows" in facts.narrative


def test_a_credential_names_nobody(credential):
    for private in ("Mira", "Moretti", "mira"):
        assert private not in credential


def test_the_holder_can_prove_to_be_the_one_it_was_given_to(issuer, credential):
    assert issuer.agrees(certificate(), credential)
    assert not issuer.agrees(certificate(trainee_name="Mira Moretti"), credential)


def test_one_name_in_two_unicode_spellings_is_one_name():
    assert identity_hash("Zoe\u0308  Øst", "salt") == identity_hash("Zoë Øst", "salt")


@pytest.mark.parametrize(
    "changes",
    [
        {"fraction": 0.9},
        {"course_title": "Other"},
        {"factory_name": "Other"},
        {"issued_at": NOW},
        {"evidence": ()},
        {"status_index": 6},
        {"rule": CertificateRule("Pipeline builder")},
    ],
)
def test_a_record_that_differs_from_the_signed_credential_is_noticed(issuer, credential, changes):
    assert not issuer.agrees(certificate(**changes), credential)


def test_a_revoked_credential_is_revoked_and_not_valid(issuer, credential):
    outcome = checked(issuer, credential, status_list=issuer.status_list(frozenset({5})))
    assert outcome.state is State.REVOKED
    assert not outcome.is_good


def test_revoking_another_credential_changes_nothing(issuer, credential):
    assert checked(issuer, credential, status_list=issuer.status_list(frozenset({4, 6}))).is_good


def test_without_a_status_list_nothing_is_promised(issuer, credential):
    outcome = checked(issuer, credential, status_list=None)
    assert outcome.state is State.VALID
    assert outcome.revocation is Revocation.UNKNOWN
    assert not outcome.is_good
    assert f"{PORTAL}/issuer/status/1" in " ".join(outcome.reasons)


def test_a_credential_that_was_valid_until_yesterday_is_expired(tmp_path):
    issuer, text = signed_anew(tmp_path, validUntil="2026-03-01T12:00:00Z")
    assert checked(issuer, text).state is State.EXPIRED


def test_a_credential_that_is_valid_until_tomorrow_is_valid(tmp_path):
    issuer, text = signed_anew(tmp_path, validUntil="2026-03-03T12:00:00Z")
    assert checked(issuer, text).is_good


def test_an_end_that_is_no_moment_is_never_taken_for_no_end(tmp_path):
    issuer, text = signed_anew(tmp_path, validUntil="soon")
    assert checked(issuer, text).state is State.MALFORMED


def test_a_credential_of_tomorrow_is_not_yet_valid(issuer, credential):
    assert checked(issuer, credential, now=ISSUED - timedelta(days=1)).state is State.NOT_YET_VALID


def test_another_issuer_is_an_unknown_issuer(credential, tmp_path):
    stranger = badge_issuer(tmp_path, "https://elsewhere.example/services/portal")
    assert checked(stranger, credential).state is State.UNKNOWN_ISSUER


def test_somebody_elses_key_under_the_issuers_name_is_not_believed(issuer, other_issuer):
    assert other_issuer.did == issuer.did
    assert checked(issuer, other_issuer.sign(certificate())).state is State.UNKNOWN_ISSUER


def test_somebody_elses_signature_under_the_issuers_key_name_is_forged(issuer, other_issuer, credential):
    forged = json.loads(other_issuer.sign(certificate()))
    forged["proof"][0]["verificationMethod"] = json.loads(credential)["proof"][0]["verificationMethod"]
    assert checked(issuer, json.dumps(forged)).state is State.FORGED


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "list"),
        ("{}", "not a badge"),
        ('{"type": ["VerifiableCredential"]}', "not a badge"),
        ('{"type": "OpenBadgeCredential"}', "not a badge"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": NaN}', "NaN"),
        ("[" * 100_000, "not JSON"),
        ("9" * 10_000, "not JSON"),
        ('"' + "x" * 300_000 + '"', "bytes"),
        ("\ud800", "not JSON"),
    ],
)
def test_what_is_no_badge_is_malformed_and_says_why(issuer, text, told):
    outcome = checked(issuer, text)
    assert outcome.state is State.MALFORMED
    assert told in outcome.reasons[0]


def test_an_issuer_document_of_any_shape_makes_nothing_valid(issuer, credential):
    good = issuer.did_document()
    for broken in ({}, {"id": good["id"]}, good | {"assertionMethod": []}, good | {"verificationMethod": "x"}):
        assert checked(issuer, credential, did_document=broken).state is State.UNKNOWN_ISSUER


def test_a_key_that_the_document_calls_revoked_signs_nothing(issuer, credential):
    document = issuer.did_document()
    document["verificationMethod"][0]["revoked"] = "2026-01-01T00:00:00Z"
    assert checked(issuer, credential, did_document=document).state is State.UNKNOWN_ISSUER


def test_an_academy_that_moved_still_vouches_for_what_it_signed(tmp_path):
    before = badge_issuer(tmp_path, "http://127.0.0.1:8000/services/portal")
    text = before.sign(certificate())
    after = badge_issuer(tmp_path, PORTAL)
    assert after.check(text, frozenset()).is_good
    assert after.agrees(certificate(), text)
    assert after.check(text, frozenset({5})).state is State.REVOKED


def test_a_status_index_beyond_the_first_list_is_found_in_the_second(tmp_path):
    issuer = badge_issuer(tmp_path)
    text = issuer.sign(certificate(status_index=131_072 + 5))
    assert issuer.check(text, frozenset({5})).is_good
    assert issuer.check(text, frozenset({131_072 + 5})).state is State.REVOKED


def test_a_skill_with_an_odd_address_does_not_stop_a_certificate(issuer):
    rule = CertificateRule("Title", skills=(("Python", "not an address"), ("Python", "not an address")))
    text = issuer.sign(certificate(rule=rule))
    assert checked(issuer, text).is_good


def test_titles_with_control_characters_and_marks_are_signed_as_one_line(tmp_path):
    issuer = badge_issuer(tmp_path, clock=FakeClock())
    text = issuer.sign(certificate(course_title='A\t"quoted"\n<b>title</b> \\ \u0085', factory_name="Ω≈ç√ 🏭"))
    outcome = checked(issuer, text)
    assert outcome.is_good
    assert outcome.facts is not None
    assert outcome.facts.achievement == 'A "quoted" <b>title</b> \\'


def test_signing_refuses_what_a_signature_could_not_cover(tmp_path):
    with pytest.raises(BadCredential, match="not covered"):
        signed_anew(tmp_path, favouriteColour="blue")


def test_many_can_check_and_sign_at_once(issuer, credential):
    broken = credential.replace("87.5", "99.5").replace('"name"', '"nane"', 1)
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda n: issuer.check([credential, broken][n % 2], frozenset()).is_good, range(40)))
    assert outcomes == [True, False] * 20


texts = st.text(st.characters(codec="utf-8"), max_size=30) | st.text(" \tab", max_size=2)
rules = st.builds(
    CertificateRule,
    title=texts,
    pass_fraction=st.floats(0.01, 1),
    eqf_level=st.none() | st.integers(1, 8),
    hours=st.none() | st.floats(0, 1e4),
    outcomes=st.lists(texts, max_size=4).map(tuple),
    skills=st.lists(st.tuples(texts, texts), max_size=4).map(tuple),
)
versions = st.sampled_from(["d4" * 32, "e5" * 32, ""]) | texts


@settings(deadline=None, max_examples=60)
@given(
    rule=rules,
    name=texts,
    title=texts,
    factory=texts,
    fraction=st.floats(0, 1),
    evidence=st.lists(st.tuples(texts, versions), max_size=4).map(tuple),
)
def test_whatever_was_earned_can_be_signed_checked_and_recognised(
    issuer, rule, name, title, factory, fraction, evidence
):
    earned = certificate(
        rule=rule, trainee_name=name, course_title=title, factory_name=factory, fraction=fraction, evidence=evidence
    )
    text = issuer.sign(earned)
    assert issuer.check(text, frozenset()).is_good
    assert issuer.agrees(earned, text)


def test_a_long_course_with_many_skills_can_be_signed(issuer):
    skills = tuple((f"skill {n}", f"http://data.europa.eu/esco/skill/{n}") for n in range(80))
    evidence = tuple((f"pipelines/a{n}", f"{n:064x}") for n in range(60))
    rule = CertificateRule("Long", outcomes=tuple(f"Outcome {n}" for n in range(60)), skills=skills)
    assert issuer.check(issuer.sign(certificate(rule=rule, evidence=evidence)), frozenset()).is_good
