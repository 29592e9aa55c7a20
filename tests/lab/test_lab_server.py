from __future__ import annotations

import json
import shutil
from dataclasses import replace

import httpx
import pytest
from tests.support.lab_server import lab_server
from tests.support.lab_session import LabSession
from tests.support.portal_process import portal_process
from tests.support.portal_world import grade_all, make_world

DP4 = {"course_id": "data-pipelines", "assignment_id": "dp4"}


@pytest.fixture(scope="module")
def academy(tmp_path_factory):
    return make_world(tmp_path_factory.mktemp("academy"))


@pytest.fixture(scope="module")
def session(academy, tmp_path_factory):
    with portal_process(academy.settings.home) as portal:
        yield LabSession(tmp_path_factory.mktemp("home"), portal.url)


@pytest.fixture(scope="module")
def server(session):
    with lab_server(session) as client:
        yield client


@pytest.fixture
def clean(session):
    shutil.rmtree(session.home / "data-pipelines", ignore_errors=True)
    return session.home / "data-pipelines" / "dp4"


def asked(answer: httpx.Response) -> dict:
    assert answer.status_code == 200, answer.text
    return answer.json()


def value(answer: httpx.Response) -> list[dict]:
    said = asked(answer)
    assert said["success"], said
    return said["value"]


def one(lines: list[dict], status: str) -> dict:
    (found,) = [line for line in lines if line["status"] == status]
    return found


def test_the_assignment_list_fetches_submits_and_shows_verdict_and_feedback(server, clean, academy):
    assert value(server.get("/courses")) == ["data-pipelines"]
    assert one(value(server.get("/assignments", params={"course_id": "data-pipelines"})), "released")
    fetched = one(value(server.post("/assignments/fetch", json=DP4)), "fetched")
    assert fetched["path"] == "data-pipelines/dp4"
    assert fetched["notebooks"] == [{"notebook_id": "dp4", "path": "data-pipelines/dp4/dp4.ipynb"}]

    (line,) = one(value(server.post("/assignments/submit", json=DP4)), "submitted")["submissions"]
    assert line["timestamp"].endswith("(queued)")
    assert not line["has_exchange_feedback"]
    grade_all(academy, 0.5)
    shown = one(value(server.get("/assignments", params={"course_id": "data-pipelines"})), "submitted")
    assert shown["submissions"][0]["timestamp"].endswith("(graded, 5 of 10)")
    assert shown["submissions"][0]["has_exchange_feedback"]

    (line,) = one(value(server.post("/assignments/fetch_feedback", json=DP4)), "submitted")["submissions"]
    assert line["has_local_feedback"]
    assert not line["feedback_updated"]
    contents = asked(server.get(f"/api/contents/{line['local_feedback_path']}"))
    assert [entry["name"] for entry in contents["content"]] == ["dp4.html"]


def test_a_regrade_shows_that_there_is_newer_feedback(server, clean, academy):
    server.post("/assignments/fetch", json=DP4)
    (clean / "mine.txt").write_text("another answer")
    value(server.post("/assignments/submit", json=DP4))
    grade_all(academy, 0.5)
    value(server.post("/assignments/fetch_feedback", json=DP4))
    with academy.records.reading() as repositories:
        newest = max(repositories.submissions.of_trainee("ada"), key=lambda s: s.received_at)
    academy.regrade(newest.id, "ines")
    grade_all(academy, 1.0)
    lines = one(value(server.get("/assignments", params={"course_id": "data-pipelines"})), "submitted")["submissions"]
    (line,) = (line for line in lines if newest.id[:8] in line["timestamp"])
    assert line["feedback_updated"]
    assert line["timestamp"].endswith("(graded, 10 of 10)")


def test_a_refusal_is_a_sentence_in_the_list_and_no_traceback(server, clean):
    server.post("/assignments/fetch", json=DP4)
    (clean / "link").symlink_to("/etc/hostname")
    said = asked(server.post("/assignments/submit", json=DP4))
    assert not said["success"]
    assert said["value"].endswith("link is a link, which cannot be handed in. Put a copy of the file there.")


def test_a_fetch_that_failed_is_told_once(server, clean):
    said = asked(server.post("/assignments/fetch", json={"course_id": "onboarding", "assignment_id": "onb1"}))
    assert not said["success"]
    assert said["value"].startswith("You are not enrolled in the course 'onboarding'.")
    assert value(server.get("/assignments", params={"course_id": "data-pipelines"}))


def test_opening_fetches_what_is_absent_and_leads_to_its_notebook(server, clean):
    query = {"course": "data-pipelines", "assignment": "dp4"}
    answer = server.get("/academy/open", params=query)
    assert (answer.status_code, answer.headers["location"]) == (302, "/user/ada/lab/tree/data-pipelines/dp4/dp4.ipynb")
    (clean / "dp4.ipynb").write_text('{"cells": [], "mine": true}')
    again = server.get("/academy/open", params={**query, "notebook": "dp4"})
    assert again.headers["location"].endswith("/lab/tree/data-pipelines/dp4/dp4.ipynb")
    assert json.loads((clean / "dp4.ipynb").read_text())["mine"]


@pytest.mark.parametrize(
    "query",
    [
        {"course": "..", "assignment": "dp4"},
        {"course": "data-pipelines", "assignment": "../../../etc"},
        {"course": "//evil.test", "assignment": "x"},
        {"course": "data-pipelines", "assignment": "dp4", "notebook": "../../../../hub/home"},
        {"course": "data-pipelines", "assignment": "dp9"},
        {"course": "<script>", "assignment": "dp4"},
        {},
    ],
)
def test_opening_leads_nowhere_else(server, clean, query):
    answer = server.get("/academy/open", params=query)
    assert 400 <= answer.status_code < 500
    assert "location" not in answer.headers
    assert "<script>" not in answer.text
    assert "Traceback" not in answer.text


def test_opening_wants_a_person_who_is_signed_in(server):
    answer = httpx.get(f"{server.base_url}academy/open?course=data-pipelines&assignment=dp4", trust_env=False)
    assert answer.status_code in (302, 403)
    assert "lab/tree" not in answer.headers.get("location", "")


def test_a_session_loads_what_trainees_need_and_nothing_for_instructors(server):
    assert server.get("/formgrader").status_code == 404
    assert server.get("/formgraders").status_code == 404
    page = server.get("/lab").text
    config = json.loads(page.split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0])
    disabled = config["disabledExtensions"]
    assert {"@jupyter/nbgrader:formgrader", "@jupyter/nbgrader:course-list"} <= set(disabled)
    assert not {"@jupyter/nbgrader:assignment-list", "@jupyter/nbgrader:validate-assignment"} & set(disabled)
    (nbgrader,) = [e for e in config["federated_extensions"] if e["name"] == "@jupyter/nbgrader"]
    assert nbgrader
    settings = asked(server.get("/lab/api/settings/@jupyterlab/docmanager-extension:plugin"))
    assert settings["schema"]["properties"]["autosaveInterval"]["default"] == 30
    notifications = asked(server.get("/lab/api/settings/@jupyterlab/apputils-extension:notification"))
    assert notifications["schema"]["properties"]["fetchNews"]["default"] == "false"


def test_validating_a_notebook_works(server, clean):
    server.post("/assignments/fetch", json=DP4)
    said = asked(server.post("/assignments/validate", json={"path": "data-pipelines/dp4/dp4.ipynb"}))
    assert said["success"], said


def test_an_expired_token_is_a_sentence_in_the_list(session, tmp_path):
    with lab_server(replace(session, home=tmp_path, token="expired")) as server:
        for answer in (server.get("/courses"), server.get("/assignments", params={"course_id": "data-pipelines"})):
            said = asked(answer)
            assert not said["success"]
            assert said["value"].startswith("The token has expired or is not valid.")
