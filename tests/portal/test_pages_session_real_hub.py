"""The session page against a real hub: start, follow, open, stop."""

from __future__ import annotations

from tests.support.house import eventually

PORTAL = "/services/portal"


def test_a_session_is_started_followed_and_stopped_from_its_page(place):
    ada = place.sign_in("ada").http
    ada.timeout = 120
    origin = {"Origin": place.settings.url}
    chosen = ada.get(f"{PORTAL}/sign-in", params={"next": f"{PORTAL}/session"}, follow_redirects=True)
    assert "Start a session" in chosen.text
    begun = ada.post(f"{PORTAL}/session/start", data={"profile": "cpu"}, headers=origin)
    assert (begun.status_code, begun.headers["location"]) == (303, f"{PORTAL}/session?trying=1")

    def runs() -> bool:
        page = ada.get(f"{PORTAL}/session").text
        assert "Your session is starting" in page or "Your session is running" in page
        return "Your session is running" in page

    eventually(runs, "the session to run", 120)
    target = "course=onboarding&assignment=onb1"
    assert ada.get(f"{PORTAL}/session/open?{target}").headers["location"] == f"/user/ada/academy/open?{target}"
    assert ada.post(f"{PORTAL}/session/stop", headers=origin).status_code == 303
    eventually(lambda: "Start a session" in ada.get(f"{PORTAL}/session").text, "the session to stop")
