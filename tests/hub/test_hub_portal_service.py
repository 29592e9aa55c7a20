"""What the portal may do at the hub with its own token: see, start and stop sessions, and nothing else."""

from __future__ import annotations

import httpx
import pytest
from tests.support.house import eventually


@pytest.fixture
def portal(academy_house):
    token = (academy_house.settings.keys / "portal.token").read_text().strip()
    api = f"http://127.0.0.1:{academy_house.settings.hub_port}/hub/api"
    with httpx.Client(base_url=api, headers={"Authorization": f"token {token}"}, timeout=120) as client:
        yield client


def test_the_portal_starts_sees_and_stops_a_session(academy_house, portal):
    academy_house.sign_in("ben")
    assert portal.post("/users/ben/server", json={"profile": "cpu"}).status_code in (201, 202)
    eventually(lambda: portal.get("/users/ben").json()["servers"].get("", {}).get("ready"), "the session")
    assert portal.delete("/users/ben/server").status_code in (202, 204)
    eventually(lambda: not portal.get("/users/ben").json()["servers"], "the session to end")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/users/ben/tokens"), ("DELETE", "/users/ben"), ("POST", "/groups/x"), ("POST", "/shutdown")],
)
def test_the_portals_token_opens_nothing_else(academy_house, portal, method, path):
    academy_house.sign_in("ben")
    assert portal.request(method, path).status_code in (403, 404)


def test_the_portal_may_be_entered_by_everyone_and_asks_nothing_on_the_way(academy_house):
    guest = academy_house.sign_in("ada")
    query = {
        "client_id": "service-portal",
        "redirect_uri": "/services/portal/oauth_callback",
        "response_type": "code",
        "state": "x",
    }
    answer = guest.http.get("/hub/api/oauth2/authorize", params=query)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/services/portal/oauth_callback?code=")
