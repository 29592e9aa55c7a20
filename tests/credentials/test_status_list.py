from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.badges import PORTAL, badge_issuer
from tests.support.clock import FakeClock

from factory_academy.credentials.status import BITS, is_revoked, number_at, status_entry, status_list
from factory_academy.errors import BadCredential

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
indices = st.integers(0, 3 * BITS - 1)


def bits_of(document):
    return gzip.decompress(base64.urlsafe_b64decode(document["credentialSubject"]["encodedList"][1:] + "=="))


@settings(deadline=None, max_examples=60)
@given(revoked=st.frozensets(indices, max_size=40), asked=indices)
def test_exactly_the_revoked_have_their_bit_set_most_significant_first(revoked, asked):
    entry = status_entry(PORTAL, asked)
    bit, data = int(entry["statusListIndex"]), bits_of(status_list(PORTAL, revoked, number_at(entry), NOW))
    assert len(data) * 8 == BITS
    assert (data[bit // 8] >> (7 - bit % 8) & 1 == 1) == (asked in revoked)


@settings(deadline=None, max_examples=25)
@given(revoked=st.frozensets(indices, max_size=10), asked=indices)
def test_a_signed_list_is_read_as_it_was_meant(issuer, revoked, asked):
    entry = status_entry(PORTAL, asked)
    listed = issuer.status_list(revoked, number_at(entry))
    assert is_revoked(entry, listed, issuer.did_document(), NOW) == (asked in revoked)


def test_the_list_is_no_larger_for_being_empty(issuer):
    assert len(issuer.status_list(frozenset())) < 2_000


@pytest.mark.parametrize("later", [timedelta(days=8), timedelta(days=-1)])
def test_a_list_of_another_week_says_nothing(issuer, later):
    with pytest.raises(BadCredential, match="speaks for the time"):
        is_revoked(status_entry(PORTAL, 5), issuer.status_list(frozenset()), issuer.did_document(), NOW + later)


def test_a_list_changed_after_signing_says_nothing(issuer):
    listed = json.loads(issuer.status_list(frozenset({5})))
    listed["credentialSubject"]["encodedList"] = json.loads(issuer.status_list(frozenset()))["credentialSubject"][
        "encodedList"
    ]
    with pytest.raises(BadCredential, match="changed"):
        is_revoked(status_entry(PORTAL, 5), json.dumps(listed), issuer.did_document(), NOW)


def test_a_list_of_another_issuer_says_nothing(issuer, tmp_path):
    stranger = badge_issuer(tmp_path, "https://elsewhere.example/services/portal", FakeClock())
    with pytest.raises(BadCredential, match="another issuer"):
        is_revoked(status_entry(PORTAL, 5), stranger.status_list(frozenset()), issuer.did_document(), NOW)


def test_the_second_list_says_nothing_about_the_first(issuer):
    with pytest.raises(BadCredential, match="another status list"):
        is_revoked(status_entry(PORTAL, 5), issuer.status_list(frozenset(), 2), issuer.did_document(), NOW)


def test_a_credential_is_no_status_list(issuer, credential):
    entry = status_entry(PORTAL, 5) | {"statusListCredential": json.loads(credential)["id"]}
    with pytest.raises(BadCredential):
        is_revoked(entry, credential, issuer.did_document(), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"statusListIndex": str(BITS)},
        {"statusListIndex": "-1"},
        {"statusListIndex": "five"},
        {"statusListIndex": "٥"},
        {"statusListIndex": True},
        {"statusListIndex": None},
        {"statusPurpose": "suspension"},
        {"statusPurpose": None},
        {"type": "1EdTechRevocationList"},
        {"statusSize": 2},
        {"statusListCredential": None},
    ],
)
def test_an_entry_of_another_shape_is_never_taken_for_not_revoked(issuer, changes):
    entry = status_entry(PORTAL, 5) | changes
    with pytest.raises(BadCredential):
        is_revoked(entry, issuer.status_list(frozenset()), issuer.did_document(), NOW)
