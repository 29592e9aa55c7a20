from __future__ import annotations

import json

import pytest
from tests.support import demo
from tests.support.portal_server import Visitor, demo_portal

NOTEBOOK = "/user/{}/academy/open?course=data-pipelines&assignment=dp4"
WANTED = "course=data-pipelines&assignment=dp4"


@pytest.fixture
def portal(tmp_path):
    return demo_portal(tmp_path / "home")


def test_with_a_running_session_an_assignment_opens_at_its_notebook(portal):
    answer = Visitor(portal, "ada").get(f"/session/open?{WANTED}")
    assert (answer.status_code, answer.headers["location"]) == (303, NOTEBOOK.format("ada"))


def test_without_a_session_an_assignment_leads_to_the_choice_of_profiles(portal):
    bruno = Visitor(portal, "bruno")
    answer = bruno.get(f"/session/open?{WANTED}")
    assert answer.headers["location"] == f"/services/portal/session?{WANTED}"
    page = bruno.get(f"/session?{WANTED}").text
    assert "Start a session" in page
    assert 'name="assignment" value="dp4"' in page


def test_a_profile_that_cannot_start_now_is_greyed_and_says_why(portal):
    page = Visitor(portal, "bruno").get("/session").text
    assert "Not now: Every such GPU is in use" in page
    assert page.count("disabled") == 1


def test_on_a_machine_without_gpus_the_choices_say_so(tmp_path):
    bare = demo_portal(tmp_path / "bare", devices=(), note="No NVIDIA driver was found.")
    page = Visitor(bare, "bruno").get("/session").text
    assert page.count("Not now: No NVIDIA driver was found.") == 2


def test_starting_asks_the_hub_for_the_profile_and_then_follows_the_start(portal):
    bruno = Visitor(portal, "bruno")
    answer = bruno.post("/session/start", profile="cpu", course="data-pipelines", assignment="dp4")
    assert answer.headers["location"] == f"/services/portal/session?{WANTED}&trying=1"
    assert portal.hub.started[0][0] == "bruno"
    assert json.loads(portal.hub.started[0][1]) == {"profile": "cpu"}
    page = bruno.get(f"/session?{WANTED}&trying=1").text
    assert "Your session is starting" in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_once_it_runs_the_page_goes_on_to_the_notebook_with_and_without_javascript(portal):
    bruno = Visitor(portal, "bruno")
    bruno.post("/session/start", profile="cpu")
    assert bruno.get(f"/session/live?seen=spawn&{WANTED}").status_code == 204
    portal.hub.pending.clear()
    portal.hub.ready.add("bruno")
    assert bruno.get(f"/session/live?seen=spawn&{WANTED}").headers["hx-redirect"] == NOTEBOOK.format("bruno")
    assert bruno.get(f"/session?{WANTED}&trying=1").headers["location"] == NOTEBOOK.format("bruno")


def test_a_start_that_failed_is_told_with_its_reason(portal):
    dusan = Visitor(portal, "dusan")
    assert dusan.get("/session/live?seen=spawn").headers["hx-redirect"] == "/services/portal/session?trying=1"
    page = dusan.get("/session?trying=1").text
    assert "Your session did not start. The driver reported an error" in page
    assert "did not start" not in dusan.get("/session").text


@pytest.mark.parametrize("profile", ["gpu", "no-such-profile"])
def test_a_profile_that_is_not_free_or_not_offered_is_refused_before_the_hub_is_asked(portal, profile):
    answer = Visitor(portal, "bruno").post("/session/start", profile=profile)
    assert answer.status_code in (422, 503)
    assert 'role="alert"' in answer.text
    assert portal.hub.started == []


def test_what_the_spawner_says_against_a_start_is_shown_as_it_says_it(portal):
    portal.hub.refusal = "Whole GPU cannot start now: <b>every</b> GPU is in use."
    answer = Visitor(portal, "bruno").post("/session/start", profile="cpu")
    assert answer.status_code == 503
    assert "Whole GPU cannot start now: &lt;b&gt;every&lt;/b&gt; GPU is in use." in answer.text


def test_a_running_session_shows_its_profile_and_time_left_and_can_be_stopped(portal):
    ada = Visitor(portal, "ada")
    page = ada.get("/session").text
    assert "Your session is running" in page
    assert "6 h 24 min" in page
    assert ada.post("/session/stop").status_code == 303
    assert portal.hub.stopped == ["ada"]
    assert "Start a session" in ada.get("/session").text


def test_a_hub_that_is_away_is_said_plainly(portal):
    portal.hub.away = True
    answer = Visitor(portal, "ada").get("/session")
    assert answer.status_code == 503
    assert "The hub does not answer." in answer.text


def test_the_way_to_a_notebook_cannot_be_turned_to_another_site(portal):
    answer = Visitor(portal, "ada").get("/session/open?course=//evil.example&assignment=https://evil.example")
    assert answer.headers["location"].startswith("/user/ada/academy/open?course=%2F%2Fevil.example")


@pytest.mark.parametrize("person", [*demo.TRAINEES[:1], *demo.STAFF], ids=lambda p: p.role)
def test_the_session_page_is_there_for_every_role(portal, person):
    assert Visitor(portal, person.id).get("/session").status_code == 200
