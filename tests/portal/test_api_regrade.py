from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.autograder import FixedAutograder
from tests.support.portal_world import BUNDLE, TASKS, WHEN, Api, FakeHub, grade_all, make_portal, make_world

from factory_academy.domain.course import Assignment
from factory_academy.workflows.regrading.run import RegradeNext

REGRADES = "/teaching/courses/data-pipelines/assignments/dp4/regrades"


@pytest.fixture
def academy(tmp_path):
    return make_world(tmp_path)


@pytest.fixture
def portal(academy):
    return make_portal(academy, FakeHub())


@pytest.fixture
def ines(portal) -> Api:
    return Api(portal, "ines")


def correct(academy) -> None:
    tasks = (TASKS[0], replace(TASKS[1], points=5.0))
    bundle = replace(BUNDLE, tasks=tasks)
    blob = academy.blobs.put(bundle.to_bytes())
    with academy.records.transaction() as repositories:
        assignment = Assignment("data-pipelines", "dp4", bundle.title, tasks, bundle.version, hardened=True)
        repositories.courses.release(assignment, blob, WHEN)


def work(academy, fraction: float = 1.0) -> None:
    worker = RegradeNext(academy.records, academy.blobs, FixedAutograder(fraction), academy.keeper, academy.clock)
    while worker("a test"):
        pass


def test_an_instructor_plans_runs_looks_and_publishes(portal, academy, ines):
    submission_id = Api(portal, "ada").hand_in().json()["submission_id"]
    grade_all(academy, 0.5)
    correct(academy)
    planned = ines.post(REGRADES, json={"reason": "The join counts more."})
    assert planned.status_code == 201, planned.text
    regrade_id = planned.json()["regrade"]["id"]
    assert planned.json()["progress"]["runs"] == 1
    started = ines.post(f"/teaching/regrades/{regrade_id}/start")
    assert (started.status_code, started.json()["state"]) == (202, "running")
    too_early = ines.post(f"/teaching/regrades/{regrade_id}/publish")
    assert (too_early.status_code, too_early.json()["code"]) == (409, "conflict")
    work(academy)
    report = ines.get(f"/teaching/regrades/{regrade_id}").json()
    assert report["directions"] == {"up": 1, "down": 0, "same": 0}
    assert report["submissions"][0]["new_earned"] == report["submissions"][0]["new_possible"] == 11.0
    assert {task["old_verdict"] for task in report["submissions"][0]["tasks"]} == {"partly"}
    assert Api(portal, "ada").get(f"/submissions/{submission_id}").json()["submission"]["earned"] == 5.0
    published = ines.post(f"/teaching/regrades/{regrade_id}/publish").json()
    assert (published["regrade"]["state"], published["decisions"]["published"]) == ("published", 1)
    mine = Api(portal, "ada").get(f"/submissions/{submission_id}").json()["submission"]
    assert mine["earned"] == 11.0
    assert "The join counts more." in mine["reason"]
    assert "ines" not in mine["reason"]
    assert [(r["planned_by"], r["decided_by"]) for r in ines.get(REGRADES).json()] == [("ines", "ines")]


def test_a_dropped_regrade_changes_nothing(portal, academy, ines):
    submission_id = Api(portal, "ada").hand_in().json()["submission_id"]
    grade_all(academy, 0.5)
    correct(academy)
    regrade_id = ines.post(REGRADES, json={}).json()["regrade"]["id"]
    assert ines.post(f"/teaching/regrades/{regrade_id}/drop").json()["state"] == "dropped"
    assert Api(portal, "ada").get(f"/submissions/{submission_id}").json()["submission"]["earned"] == 5.0


def test_only_ones_own_trainees_are_touched_and_seen(portal, academy, ines):
    for name in ("ada", "cleo"):
        Api(portal, name).hand_in()
    grade_all(academy, 0.5)
    correct(academy)
    planned = ines.post(REGRADES, json={}).json()
    assert [line["trainee_id"] for line in planned["submissions"]] == ["ada"]
    ivan, path = Api(portal, "ivan"), f"/teaching/regrades/{planned['regrade']['id']}"
    assert ivan.get(path).status_code == 404
    assert ivan.get(REGRADES).json() == []
    for act in ("start", "publish", "drop"):
        assert ivan.post(f"{path}/{act}").status_code == 404


@pytest.mark.parametrize("name", ["ada", "marco", "otto"])
def test_regrades_are_for_instructors(portal, name):
    api = Api(portal, name)
    assert api.get(REGRADES).status_code == 403
    assert api.post(REGRADES, json={}).status_code == 403
    assert api.post("/teaching/regrades/any/publish").status_code == 403


def test_what_is_asked_for_is_checked(ines):
    assert ines.post(REGRADES, json={"reasons": "x"}).status_code == 422
    assert ines.post(REGRADES, json={"reason": "x" * 501}).status_code == 422
    assert ines.post(REGRADES, json={"reason": "ines erred"}).json()["code"] == "bad_input"
    assert ines.post("/teaching/courses/data-pipelines/assignments/dp9/regrades", json={}).status_code == 404
