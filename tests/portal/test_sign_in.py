from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from tests.support.portal_world import ANSWER, PREFIX, SECRET, FakeHub, make_portal, make_world

from factory_academy.errors import SignInRefused
from factory_academy.portal.session_cookie import NAME, SessionCookie
from factory_academy.portal.sign_in import local_path

ORIGIN = {"Origin": "http://academy.test"}


@pytest.fixture
def hub():
    return FakeHub()


@pytest.fixture
def portal(tmp_path, hub):
    return make_portal(make_world(tmp_path), hub)


def browser(portal) -> TestClient:
    return TestClient(portal, "http://academy.test", follow_redirects=False, raise_server_exceptions=False)


def begin(client: TestClient, next_path: str = "") -> dict[str, str]:
    answer = client.get(f"{PREFIX}/sign-in", params={"next": next_path})
    sent_to = urlsplit(answer.headers["location"])
    assert answer.status_code == 302
    assert sent_to.path == "/hub/api/oauth2/authorize"
    return {key: values[0] for key, values in parse_qs(sent_to.query).items()}


def signed_in(portal, hub: FakeHub, name: str, next_path: str = "") -> tuple[TestClient, httpx.Response]:
    client = browser(portal)
    asked = begin(client, next_path)
    hub.codes["a-code"] = name
    return client, client.get(f"{PREFIX}/oauth_callback", params={"code": "a-code", "state": asked["state"]})


def test_a_person_signs_in_through_the_hub_and_lands_where_they_were_going(portal, hub):
    client, answer = signed_in(portal, hub, "ada", f"{PREFIX}/certificates")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PREFIX}/certificates")
    assert client.get(f"{PREFIX}/api/v1/courses").json()[0]["id"] == "data-pipelines"
    assert client.get(f"{PREFIX}/").status_code == 200


def test_the_hub_is_asked_with_a_proof_key_and_a_state_that_cannot_be_guessed(portal, hub):
    client = browser(portal)
    one, two = begin(client), begin(client)
    assert one["client_id"] == "service-portal"
    assert one["redirect_uri"] == f"{PREFIX}/oauth_callback"
    assert one["code_challenge_method"] == "S256"
    assert one["state"] != two["state"]
    assert len(one["state"]) >= 32


def test_two_tabs_may_sign_in_at_once(portal, hub):
    client = browser(portal)
    one, two = begin(client, f"{PREFIX}/certificates"), begin(client)
    for asked, code in ((two, "code-2"), (one, "code-1")):
        hub.codes[code] = "ada"
        answer = client.get(f"{PREFIX}/oauth_callback", params={"code": code, "state": asked["state"]})
        assert answer.status_code == 303
    assert answer.headers["location"] == f"{PREFIX}/certificates"


def test_a_callback_that_this_browser_did_not_ask_for_is_refused(portal, hub):
    asked = begin(browser(portal))
    hub.codes["a-code"] = "ada"
    victim = browser(portal)
    answer = victim.get(f"{PREFIX}/oauth_callback", params={"code": "a-code", "state": asked["state"]})
    assert answer.status_code == 401
    assert NAME not in victim.cookies
    assert hub.exchanged == []


@pytest.mark.parametrize("query", [{}, {"state": "x"}, {"code": "c"}, {"code": "c", "state": "x"}])
def test_a_callback_without_a_sign_in_is_a_calm_page(portal, query):
    answer = browser(portal).get(f"{PREFIX}/oauth_callback", params=query)
    assert answer.status_code == 401
    assert "Traceback" not in answer.text


def test_a_code_is_good_once(portal, hub):
    client = browser(portal)
    asked = begin(client)
    answer = client.get(f"{PREFIX}/oauth_callback", params={"code": "used before", "state": asked["state"]})
    assert answer.status_code == 401
    assert NAME not in client.cookies


def test_the_session_cookie_is_for_the_portal_alone_and_out_of_reach_of_scripts(portal, hub):
    _, answer = signed_in(portal, hub, "ada")
    cookie = next(v for v in answer.headers.get_list("set-cookie") if v.startswith(f"{NAME}="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Path={PREFIX}/" in cookie
    assert "Secure" not in cookie


def test_behind_https_cookies_are_secure():
    response = httpx.Response(200)
    from starlette.responses import Response

    response = Response()
    SessionCookie(SECRET, f"{PREFIX}/", secure=True).sign_in(response, "ada")
    assert "Secure" in response.headers["set-cookie"]


@given(position=st.integers(0, 200), character=st.characters(min_codepoint=33, max_codepoint=126))
def test_a_cookie_that_was_altered_is_worth_nothing(position, character):
    from starlette.responses import Response

    cookies = SessionCookie(SECRET, "/", secure=False)
    response = Response()
    cookies.sign_in(response, "ada")
    value = response.headers["set-cookie"].split("=", 1)[1].split(";", 1)[0]
    place = position % len(value)
    altered = value[:place] + character + value[place + 1 :]
    if altered == value:
        assert cookies.name_in({NAME: altered}) == "ada"
        return
    try:
        assert cookies.name_in({NAME: altered}) == "ada"
    except SignInRefused:
        return
    assert place == len(value) - 1, "only the unused bits of the last character may differ"


def test_the_cookie_of_another_portal_is_worth_nothing():
    from starlette.responses import Response

    response = Response()
    SessionCookie("another token", "/", secure=False).sign_in(response, "ada")
    value = response.headers["set-cookie"].split("=", 1)[1].split(";", 1)[0]
    with pytest.raises(SignInRefused):
        SessionCookie(SECRET, "/", secure=False).name_in({NAME: value})


@given(wanted=st.text(max_size=40) | st.sampled_from(["//evil.test/", "https://evil.test", "/\\evil.test", "\\\\evil"]))
def test_no_sign_in_leads_out_of_the_portal(wanted):
    for attempt in (wanted, f"{PREFIX}/{wanted}", f"{PREFIX}{wanted}"):
        path = local_path(attempt, PREFIX)
        assert path.startswith(f"{PREFIX}/")
        assert "//evil" not in urlsplit(path).netloc
        assert ".." not in urlsplit(path).path.split("/")


def test_a_page_asks_to_sign_in_and_comes_back(portal):
    answer = browser(portal).get(f"{PREFIX}/certificates?year=2026")
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query)["next"] == [f"{PREFIX}/certificates?year=2026"]


def test_signing_out_forgets_the_person_here_and_at_the_hub(portal, hub):
    client, _ = signed_in(portal, hub, "ada")
    answer = client.post(f"{PREFIX}/sign-out", headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/hub/logout")
    assert client.get(f"{PREFIX}/api/v1/courses").status_code == 401


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://evil.test"}, {"Referer": "http://evil.test/"}, {"Origin": "null"}]
)
def test_a_form_from_another_site_changes_nothing(portal, hub, headers):
    client, _ = signed_in(portal, hub, "ada")
    answer = client.post(f"{PREFIX}/sign-out", headers=headers)
    assert answer.status_code == 403
    assert client.get(f"{PREFIX}/api/v1/courses").status_code == 200


def test_a_cookie_reads_the_api_but_changes_nothing_there(portal, hub):
    client, _ = signed_in(portal, hub, "ada")
    path = f"{PREFIX}/api/v1/courses/data-pipelines/assignments/dp4/submissions"
    answer = client.post(path, content=ANSWER, headers={"Content-Type": "application/zip", **ORIGIN})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_refused")


def test_every_answer_carries_the_security_headers(portal, hub):
    client, _ = signed_in(portal, hub, "ada")
    for path in ("/", "/nothing-here", "/api/v1/courses", "/api/v1/nothing", "/health", "/static/academy.css"):
        headers = client.get(PREFIX + path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "unsafe-inline" not in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"], path


def test_a_page_that_is_not_there_is_a_calm_page(portal, hub):
    client, _ = signed_in(portal, hub, "ada")
    answer = client.get(f"{PREFIX}/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is nothing at this address" in answer.text


def test_a_form_that_is_too_long_is_refused(portal, hub):
    client, _ = signed_in(portal, hub, "ada")
    answer = client.post(f"{PREFIX}/sign-out", content=bytes(2 << 20), headers=ORIGIN)
    assert answer.status_code == 413
