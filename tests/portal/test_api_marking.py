from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.support.autograder import FixedAutograder
from tests.support.marking_work import ESSAY, LOAD, PLAN, RUBRIC, for_people
from tests.support.portal_world import ANSWER, PREFIX, WHEN, Api, FakeHub, make_portal, make_world

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Assignment
from factory_academy.domain.person import Person, Role
from factory_academy.portal.api.models.marking import RubricModel
from factory_academy.workflows.grade import GradeNext

BASE = "/teaching/courses/data-pipelines"
MARKING = f"{BASE}/assignments/essays/marking"
TASKS = (LOAD, ESSAY, PLAN)


@pytest.fixture
def academy(tmp_path):
    academy = make_world(tmp_path)
    notebook = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    files = {"source/essays.ipynb": notebook, "release/essays.ipynb": notebook}
    bundle = AssignmentBundle("data-pipelines", "essays", "Three sentences", TASKS, files)
    assignment = Assignment("data-pipelines", "essays", bundle.title, TASKS, bundle.version, hardened=True)
    blob = academy.blobs.put(bundle.to_bytes())
    with academy.records.transaction() as repositories:
        repositories.courses.release(assignment, blob, WHEN)
        repositories.people.add(Person("iris", "Iris Example", Role.INSTRUCTOR, "bologna"))
    return academy


@pytest.fixture
def portal(academy):
    hub = FakeHub()
    hub.tokens["token-iris"] = {"kind": "user", "name": "iris", "scopes": []}
    return make_portal(academy, hub)


def hand_in(academy, portal, name="ada"):
    """Work of a trainee that waits for people."""
    receipt = Api(portal, name).hand_in(ANSWER, name="essays").json()
    grader = FixedAutograder(does=lambda bundle, _archive, _seed: for_people(*bundle.tasks))
    GradeNext(academy.records, academy.blobs, grader, academy.clock)("a test")
    return receipt["submission_id"]


def mark(client, task=ESSAY, **given):
    """Mark a task of the only work there is."""
    work = client.get(MARKING, params={"everything": True}).json()["works"][0]
    return client.post(f"{MARKING}/{work['work_id']}/marks", json={"task_id": task.id, **given})


def test_a_work_is_marked_from_the_list_to_the_trainees_verdict(academy, portal):
    submission_id = hand_in(academy, portal)
    ines, ada = Api(portal, "ines"), Api(portal, "ada")
    listed = ines.get(MARKING).json()
    assert listed["waiting"] == {ESSAY.id: 1, PLAN.id: 1}
    work = ines.post(f"{MARKING}/next").json()
    assert [task["may_mark"] for task in work["tasks"]] == [True, True]
    assert Api(portal, "iris").post(f"{MARKING}/next").json() is None
    seen = ines.get(f"{MARKING}/{work['work_id']}").json()
    assert seen["work"]["work_id"] == work["work_id"]
    first = mark(ines, ESSAY, points=3, comment="Well argued.")
    assert (first.status_code, first.json()["is_open"]) == (201, True)
    last = mark(ines, PLAN, points=2).json()
    assert (last["is_open"], last["name"]) == (False, "Ada Example")
    mine = ada.get(f"/submissions/{submission_id}").json()
    assert mine["submission"]["state"] == "graded"
    assert [task["message"] for task in mine["tasks"]][1] == "Well argued."
    history = ada.get(f"/submissions/{submission_id}/marking").json()["history"]
    assert [event["who"] for event in history] == ["The autograder", "An instructor", "An instructor"]


def test_nothing_that_a_marker_is_sent_says_whose_work_it_is(academy, portal):
    submission_id = hand_in(academy, portal)
    ines = Api(portal, "ines")
    work = ines.post(f"{MARKING}/next").json()
    texts = [ines.get(path).text for path in (MARKING, f"{MARKING}/{work['work_id']}")]
    texts.append(mark(ines, points=1).text)
    for secret in ("ada", "Ada", "Example", submission_id):
        assert not any(re.search(rf"\b{secret}\b", text) for text in texts), secret


def test_nothing_that_a_trainee_is_sent_names_an_instructor(academy, portal):
    submission_id = hand_in(academy, portal)
    ines, ada = Api(portal, "ines"), Api(portal, "ada")
    mark(ines, ESSAY, points=1)
    mark(ines, PLAN, points=1)
    asked = ada.post(f"/submissions/{submission_id}/appeals", json={"task_id": ESSAY.id, "reason": "I named two."})
    ines.post(f"/teaching/submissions/{submission_id}/regrade")
    paths = [f"/submissions/{submission_id}{more}" for more in ("", "/marking")] + ["/submissions"]
    texts = [ada.get(path).text for path in paths] + [asked.text]
    assert not any(re.search(r"\bines\b", text, re.IGNORECASE) for text in texts)


def test_an_appeal_goes_from_open_to_changed(academy, portal):
    submission_id = hand_in(academy, portal)
    ines, iris, ada = Api(portal, "ines"), Api(portal, "iris"), Api(portal, "ada")
    mark(ines, ESSAY, points=1)
    mark(ines, PLAN, points=1)
    assert set(ada.get(f"/submissions/{submission_id}/marking").json()["can_appeal"]) == {t.id for t in TASKS}
    asked = ada.post(f"/submissions/{submission_id}/appeals", json={"task_id": ESSAY.id, "reason": "I named two."})
    assert (asked.status_code, asked.json()["state"]) == (201, "open")
    again = ada.post(f"/submissions/{submission_id}/appeals", json={"task_id": ESSAY.id, "reason": "Please."})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    (listed,) = iris.get(f"{BASE}/appeals").json()
    assert (listed["may_answer"], listed["earned"], listed["possible"]) == (True, 1.0, 4.0)
    address = f"/teaching/appeals/{listed['appeal']['id']}/answer"
    assert ines.post(address, json={"points": 4, "reason": "No."}).status_code == 403
    assert iris.post(address, json={"points": 0.5, "reason": "Less."}).status_code == 422
    assert Api(portal, "ivan").post(address, json={"reason": "Not mine."}).status_code == 404
    answered = iris.post(address, json={"points": 4, "reason": "You did."}).json()
    assert (answered["state"], answered["answer"]) == ("changed", "You did.")
    mine = ada.get(f"/submissions/{submission_id}/marking").json()
    assert mine["history"][-1]["new_earned"] == 11.0
    assert mine["appeals"][0]["answer"] == "You did."
    assert iris.get(f"{BASE}/appeals").json() == []
    assert len(iris.get(f"{BASE}/appeals", params={"everything": True}).json()) == 1


def test_a_rubric_is_chosen_and_marked_by(academy, portal):
    hand_in(academy, portal)
    ines = Api(portal, "ines")
    rubric = RubricModel.of(RUBRIC).model_dump(mode="json")
    chosen = ines.put(f"{MARKING}/rubric", json={"task_id": ESSAY.id, "rubric": rubric})
    assert chosen.status_code == 204
    assert ines.get(f"{MARKING}/setup").json()["rubrics"] == {ESSAY.id: rubric}
    assert mark(ines, ESSAY, points=1).status_code == 422
    assert mark(ines, ESSAY, levels={"clarity": "full", "data": "full"}).status_code == 201
    late = ines.put(f"{MARKING}/rubric", json={"task_id": ESSAY.id, "rubric": None})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    bad = ines.put(f"{MARKING}/rubric", json={"task_id": PLAN.id, "rubric": {"title": "Empty", "criteria": []}})
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_input")


def test_marks_that_wait_for_each_other_are_published_together_and_agreement_is_told(academy, portal):
    submission_id = hand_in(academy, portal)
    ines, iris, ada = Api(portal, "ines"), Api(portal, "iris"), Api(portal, "ada")
    policy = {"second_fraction": 1, "release_together": True}
    assert ines.put(f"{MARKING}/policy", json={"policy": policy}).json() == ["data-pipelines-bologna"]
    for task in (ESSAY, PLAN):
        for marker in (ines, iris):
            assert mark(marker, task, points=2).status_code == 201
    assert ada.get(f"/submissions/{submission_id}").json()["submission"]["state"] == "needs_review"
    assert ines.get(MARKING).json()["unpublished"] == 2
    assert ines.post(f"{MARKING}/publish", json={}).json() == {"works": 1, "waiting": 0}
    assert ada.get(f"/submissions/{submission_id}").json()["submission"]["state"] == "graded"
    assert [one["same_fraction"] for one in ines.get(f"{MARKING}/agreement").json()] == [1.0, 1.0]


def test_comments_are_kept_used_and_given_to_the_trainee(academy, portal):
    submission_id = hand_in(academy, portal)
    ines = Api(portal, "ines")
    kept = ines.post(f"{BASE}/snippets", json={"text": "Name the column."}).json()
    assert ines.get(f"{BASE}/snippets").json() == [kept]
    work = ines.get(MARKING).json()["works"][0]
    address = f"{MARKING}/{work['work_id']}"
    assert ines.put(f"{address}/comment", json={"text": kept["text"]}).status_code == 204
    assert ines.delete(f"{BASE}/snippets/{kept['id']}").status_code == 204
    assert ines.delete(f"{BASE}/snippets/{kept['id']}").status_code == 404
    assert ines.put(f"{address}/claim", json={"task_id": ESSAY.id}).status_code == 200
    assert ines.delete(f"{address}/claim", params={"task": ESSAY.id}).status_code == 204
    for task in (ESSAY, PLAN):
        mark(ines, task, points=0)
    assert Api(portal, "ada").get(f"/submissions/{submission_id}/marking").json()["comments"] == ["Name the column."]


@pytest.mark.parametrize("who", ["ada", "marco", "otto"])
def test_only_instructors_mark(portal, who):
    client = Api(portal, who)
    for path in (MARKING, f"{MARKING}/agreement", f"{MARKING}/setup", f"{BASE}/appeals", f"{BASE}/snippets"):
        assert client.get(path).status_code == 403
    assert client.post(f"{MARKING}/next").status_code == 403


def test_a_trainee_sees_only_their_own(academy, portal):
    submission_id = hand_in(academy, portal)
    bob = Api(portal, "bob")
    assert bob.get(f"/submissions/{submission_id}/marking").status_code == 404
    asked = bob.post(f"/submissions/{submission_id}/appeals", json={"task_id": ESSAY.id, "reason": "Mine?"})
    assert asked.status_code == 404


def test_a_browser_that_is_signed_in_marks_nothing(academy, portal):
    hand_in(academy, portal)
    anonymous = Api(portal)
    assert anonymous.post(f"http://academy.test{PREFIX}/api/v1{MARKING}/next").status_code == 401


def test_a_deadline_an_extension_and_what_they_do_to_work_that_came_late(academy, portal):
    submission_id = hand_in(academy, portal)
    ines, ada = Api(portal, "ines"), Api(portal, "ada")
    address = f"{BASE}/assignments/essays"
    due_at = academy.clock() - timedelta(hours=30)
    policy = {"per_day": 0.2, "floor": 0.1}
    chosen = ines.put(f"{address}/deadlines", json={"due_at": due_at.isoformat(), "policy": policy})
    assert chosen.json() == ["data-pipelines-bologna"]
    late = ada.get(f"/submissions/{submission_id}").json()["lateness"]
    assert (late["kept_fraction"], late["earned"], late["points"]) == (0.6, 6.0, 3.6)
    assert "late" in late["why"]
    given = ines.put(f"{address}/extensions/ada", json={"hours": 48, "reason": "Ill."}).json()
    assert given["extension_hours"] == 48
    assert ada.get("/courses/data-pipelines/assignments/essays/deadline").json() == given
    assert ada.get(f"/submissions/{submission_id}").json()["lateness"]["kept_fraction"] == 1.0
    book = ines.get(f"{address}/deadlines").json()
    assert [e["hours"] for e in book["extensions"]] == [48]
    assert ines.put(f"{address}/extensions/cleo", json={"hours": 1, "reason": "No."}).status_code == 404
    naive = ines.put(f"{address}/deadlines", json={"due_at": "2026-12-01T12:00:00"})
    assert naive.status_code == 422
    assert Api(portal, "bob").get("/courses/data-pipelines/assignments/essays/deadline").json()["extension_hours"] == 0
    listed = {a["name"]: a["due_at"] for a in ada.get("/courses/data-pipelines/assignments").json()}
    assert listed["essays"] == given["effective_at"]
