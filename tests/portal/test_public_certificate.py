from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from tests.support.badges import CERTIFICATE
from tests.support.house import shown
from tests.support.portal_world import BUNDLE, PREFIX, FakeHub, make_portal, make_world

from factory_academy.bootstrap import Academy
from factory_academy.credentials.package import unpack
from factory_academy.credentials.verify import verify

EARNED = replace(
    CERTIFICATE,
    trainee_id="ada",
    trainee_name="Ada <b>Example</b>",
    course_id="data-pipelines",
    course_title="Data pipelines",
    issued_at=datetime(2026, 1, 2, tzinfo=UTC),
    evidence=(("data-pipelines/dp4", BUNDLE.version),),
)
ADDRESS = f"{PREFIX}/verify/{EARNED.id}"


@pytest.fixture
def academy(tmp_path: Path) -> Academy:
    """An academy that has issued one certificate."""
    academy = make_world(tmp_path / "home")
    with academy.records.transaction() as repositories:
        repositories.certificates.add(EARNED, academy.issuer.sign(EARNED))
    return academy


@pytest.fixture
def stranger(academy: Academy) -> TestClient:
    """Somebody who is not signed in and follows no redirect."""
    return TestClient(
        make_portal(academy, FakeHub()), "http://academy.test", raise_server_exceptions=False, follow_redirects=False
    )


def test_a_stranger_sees_who_proved_what_and_that_it_is_valid(stranger):
    answer = stranger.get(ADDRESS)
    seen = shown(answer.text)
    assert answer.status_code == 200
    assert "Valid" in seen
    assert "genuine and in force" in seen
    for said in ("IT4LIA", "Pipeline builder", "Data pipelines", "2 Jan 2026", "12.5 h", "87.5 %", "Join two tables"):
        assert said in seen
    assert "Joins streams without losing rows" in seen


def test_a_name_is_text_and_never_markup(stranger):
    page = stranger.get(ADDRESS).text
    assert "Ada &lt;b&gt;Example&lt;/b&gt;" in page
    assert "<b>Example" not in page


def test_no_search_engine_lists_it_and_no_other_site_learns_the_address(stranger):
    answer = stranger.get(ADDRESS)
    assert "noindex" in answer.headers["x-robots-tag"]
    assert '<meta name="robots" content="noindex' in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "script-src" not in answer.headers["content-security-policy"]


def test_a_revoked_certificate_says_revoked_and_stays_at_its_address(academy, stranger):
    with academy.records.transaction() as repositories:
        repositories.certificates.revoke(EARNED.id, academy.clock())
    answer = stranger.get(ADDRESS)
    assert answer.status_code == 200
    assert "Revoked" in shown(answer.text)
    assert "genuine and in force" not in answer.text


@pytest.mark.parametrize(
    "change",
    [
        "update certificate set trainee_name = 'Somebody Else'",
        "update certificate set fraction = 1.0",
        "update certificate set course_title = 'Doctor of Everything'",
        "update certificate set credential = replace(credential, '87.5', '99.5')",
        "update certificate set credential = '{}'",
        "update certificate set credential = 'not even JSON'",
    ],
)
def test_a_changed_record_is_never_shown_as_valid(academy, stranger, change):
    engine = create_engine(academy.settings.records_url)
    with engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()
    answer = stranger.get(ADDRESS)
    assert answer.status_code == 200
    assert "Not valid" in shown(answer.text)
    assert "genuine and in force" not in answer.text


@pytest.mark.parametrize("end", ["", "/credential.json", "/package.json", "/qr.svg"])
@pytest.mark.parametrize("wrong", ["nothing", EARNED.id[:-1], EARNED.id + "x", EARNED.id.swapcase(), "%00", "a/b"])
def test_another_address_is_a_calm_page_that_nothing_was_found(stranger, wrong, end):
    answer = stranger.get(f"{PREFIX}/verify/{wrong}{end}")
    assert answer.status_code == 404
    assert EARNED.trainee_name not in answer.text
    assert "Traceback" not in answer.text


def test_the_downloaded_package_checks_out_against_the_issuers_document(academy, stranger):
    package = stranger.get(f"{ADDRESS}/package.json")
    document = stranger.get(f"{PREFIX}/issuer/did.json")
    assert "attachment" in package.headers["content-disposition"]
    held = unpack(package.content)
    outcome = verify(held.credential, did_document=document.json(), status_list=held.status_list, now=datetime.now(UTC))
    assert outcome.is_good
    assert held.issuer_document == document.json()


def test_the_downloaded_credential_and_published_list_check_out(stranger):
    credential = stranger.get(f"{ADDRESS}/credential.json")
    entry = credential.json()["credentialStatus"]
    listed = stranger.get(entry["statusListCredential"].replace("http://127.0.0.1:8000", ""))
    document = stranger.get(f"{PREFIX}/issuer/did.json").json()
    assert verify(credential.text, did_document=document, status_list=listed.text, now=datetime.now(UTC)).is_good
    for answer in (credential, listed):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"] == "application/json"


def test_what_is_downloaded_names_nobody(stranger):
    for end in ("credential.json", "package.json"):
        text = stranger.get(f"{ADDRESS}/{end}").text
        assert "Ada" not in text
        assert "ada" not in json.loads(text).get("credential", json.loads(text))["credentialSubject"]


@pytest.mark.parametrize(("number", "status"), [("1", 200), ("99", 200), ("0", 422), ("100", 422), ("x", 422)])
def test_only_lists_that_may_exist_are_signed(stranger, number, status):
    assert stranger.get(f"{PREFIX}/issuer/status/{number}").status_code == status


def test_the_code_is_an_image_with_words_for_those_who_cannot_see_it(stranger):
    image = stranger.get(f"{ADDRESS}/qr.svg")
    assert image.headers["content-type"].startswith("image/svg+xml")
    assert image.text.lstrip().startswith(("<?xml", "<svg"))
    found = re.search(r'<img[^>]*qr\.svg[^>]*alt="([^"]+)"', stranger.get(ADDRESS).text)
    assert found
    assert "QR code" in found[1]


def test_a_stranger_can_change_nothing_here(stranger):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = stranger.request(method, ADDRESS, headers={"origin": "http://academy.test"})
        assert answer.status_code == 405
