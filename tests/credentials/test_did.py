from __future__ import annotations

import pytest

from factory_academy.credentials.integrity.did import address_of, did_of
from factory_academy.errors import BadSetting


@pytest.mark.parametrize(
    ("portal", "did", "document"),
    [
        (
            "https://academy.example/services/portal",
            "did:web:academy.example:services:portal:issuer",
            "https://academy.example/services/portal/issuer/did.json",
        ),
        (
            "http://127.0.0.1:8000/services/portal",
            "did:web:127.0.0.1%3A8000:services:portal:issuer",
            "https://127.0.0.1:8000/services/portal/issuer/did.json",
        ),
        ("https://academy.example/", "did:web:academy.example:issuer", "https://academy.example/issuer/did.json"),
        (
            "https://academy.example/an academy",
            "did:web:academy.example:an%20academy:issuer",
            "https://academy.example/an academy/issuer/did.json",
        ),
    ],
)
def test_the_issuers_name_leads_to_the_address_of_its_document(portal, did, document):
    assert did_of(portal) == did
    assert address_of(did) == document


@pytest.mark.parametrize("portal", ["", "academy", "/services/portal", "file:///x"])
def test_an_issuer_without_a_host_is_refused(portal):
    with pytest.raises(BadSetting):
        did_of(portal)


def test_only_did_web_has_such_an_address():
    assert address_of("did:key:z6Mk") == ""
    assert address_of("https://example.org") == ""
    assert address_of("did:web:example.org") == "https://example.org/.well-known/did.json"
