"""Sign-in and tokens against a real hub behind a real proxy."""

from __future__ import annotations

import httpx
import pytest

from factory_academy.hub.configure import SESSION_SCOPES

PORTAL = "/services/portal"


def test_a_person_signs_in_at_the_hub_once_and_is_known_to_the_portal(place):
    ada = place.sign_in("ada")
    page = ada.http.get(f"{PORTAL}/sign-in", params={"next": f"{PORTAL}/certificates"}, follow_redirects=True)
    assert (page.status_code, page.url.path) == (200, f"{PORTAL}/certificates")
    assert ada.http.get(f"{PORTAL}/api/v1/courses").json() == []
    names = {cookie.name for cookie in ada.http.cookies.jar if cookie.path.startswith(PORTAL)}
    assert names == {"factory-academy-portal"}


def test_signing_out_signs_out_of_the_hub_too(place):
    ada = place.sign_in("ada")
    ada.http.get(f"{PORTAL}/sign-in", follow_redirects=True)
    answer = ada.http.post(f"{PORTAL}/sign-out", headers={"Origin": place.settings.url}, follow_redirects=True)
    assert answer.status_code == 200
    assert ada.http.get(f"{PORTAL}/api/v1/courses").status_code == 401
    asked = ada.http.get(f"{PORTAL}/sign-in", follow_redirects=True)
    assert asked.url.path == "/hub/login"


@pytest.mark.parametrize("scopes", [["users:activity!user"], [s for s in SESSION_SCOPES if "servers" not in s]])
def test_a_token_with_the_least_of_scopes_says_whose_it_is(place, scopes):
    ada = place.sign_in("ada")
    made = ada.http.post("/hub/api/users/ada/tokens", json={"scopes": scopes, "note": "t"}, headers=ada.headers)
    assert made.status_code == 201, made.text
    headers = {"Authorization": f"token {made.json()['token']}"}
    assert httpx.get(f"{place.settings.url}{PORTAL}/api/v1/courses", headers=headers).json() == []


def test_a_token_that_was_revoked_or_made_up_is_refused(place):
    refused = httpx.get(f"{place.settings.url}{PORTAL}/api/v1/courses", headers={"Authorization": "token made-up"})
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_refused")


def test_a_code_of_another_browser_signs_nobody_in(place):
    ada = place.sign_in("ada")
    step = ada.http.get(f"{PORTAL}/sign-in")
    while not step.headers["location"].startswith(f"{PORTAL}/oauth_callback"):
        step = ada.http.get(step.headers["location"])
    other = httpx.Client(base_url=place.settings.url)
    answer = other.get(step.headers["location"])
    assert answer.status_code == 401
    assert not list(other.cookies.jar)
