from __future__ import annotations

import pytest
from tests.support.portal_world import PREFIX, Api, FakeHub, grade_all, make_portal, make_world

ROUTES_OF_ROLE = {
    "ines": ("/teaching/courses", "/teaching/courses/data-pipelines/roster"),
    "marco": ("/factory/cohorts",),
    "otto": ("/operations/sessions", "/operations/leases", "/operations/devices", "/operations/queue"),
}


@pytest.fixture
def academy(tmp_path):
    return make_world(tmp_path)


@pytest.fixture
def portal(academy):
    return make_portal(academy, FakeHub())


@pytest.mark.parametrize("path", [path for paths in ROUTES_OF_ROLE.values() for path in paths])
def test_a_route_is_for_its_role_and_no_other(portal, path):
    for name in ("ada", *ROUTES_OF_ROLE):
        answer = Api(portal, name).get(path)
        if path in ROUTES_OF_ROLE.get(name, ()):
            assert answer.status_code == 200, answer.text
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_an_instructor_sees_the_trainees_of_their_own_factory(portal):
    roster = Api(portal, "ines").get("/teaching/courses/data-pipelines/roster").json()
    assert [line["trainee_id"] for line in roster["trainees"]] == ["ada", "bob"]
    assert roster["page"] == {"number": 1, "pages": 1, "total": 2}
    others = Api(portal, "ivan").get("/teaching/courses/data-pipelines/roster").json()
    assert [line["trainee_id"] for line in others["trainees"]] == ["cleo"]


def test_an_instructor_sees_one_submission_with_its_run_and_history(portal, academy):
    submission_id = Api(portal, "ada").hand_in().json()["submission_id"]
    grade_all(academy, 0.5)
    run = Api(portal, "ines").get(f"/teaching/submissions/{submission_id}").json()
    assert run["trainee_name"] == "Ada Example"
    assert [event["actor"] for event in run["history"]] == ["autograder"]
    elsewhere = Api(portal, "ivan").get(f"/teaching/submissions/{submission_id}")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not_found")


def test_a_list_of_submissions_comes_in_pages_and_can_be_narrowed(portal, academy):
    Api(portal, "ada").hand_in()
    ines = Api(portal, "ines")
    found = ines.get("/teaching/courses/data-pipelines/submissions", params={"state": "queued"}).json()
    assert found["page"]["total"] == 1
    assert (
        ines.get("/teaching/courses/data-pipelines/submissions", params={"state": "graded"}).json()["submissions"] == []
    )
    bad = ines.get("/teaching/courses/data-pipelines/submissions", params={"state": "odd", "page": 0})
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_input")
    assert "state" in bad.json()["message"]


def test_a_regrade_is_a_new_event_by_the_one_who_asked(portal, academy):
    submission_id = Api(portal, "ada").hand_in().json()["submission_id"]
    grade_all(academy, 0.5)
    ines = Api(portal, "ines")
    asked = ines.post(f"/teaching/submissions/{submission_id}/regrade")
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    grade_all(academy, 1.0)
    history = ines.get(f"/teaching/submissions/{submission_id}").json()["history"]
    assert [event["new_earned"] for event in history] == [5.0, 10.0]
    assert Api(portal, "ivan").post(f"/teaching/submissions/{submission_id}/regrade").status_code == 404
    assert Api(portal, "ada").post(f"/teaching/submissions/{submission_id}/regrade").status_code == 403


def test_a_manager_sees_counts_of_their_own_factory(portal, academy):
    Api(portal, "ada").hand_in()
    grade_all(academy)
    lines = Api(portal, "marco").get("/factory/cohorts").json()
    assert {line["factory_id"] for line in lines} == {"bologna"}
    first = next(line for line in lines if line["cohort"] == "First cohort")
    assert (first["trainees"], first["started"], first["mean_fraction"]) == (1, 1, 1.0)


def test_an_operator_sees_queue_devices_and_health(portal):
    Api(portal, "ada").hand_in()
    otto = Api(portal, "otto")
    assert otto.get("/operations/queue").json()["waiting"] == 1
    assert isinstance(otto.get("/operations/devices").json()["note"], str)
    assert otto.get("/operations/health").json() == {"records": True, "hub": True}


def test_health_reads_the_records(portal, academy):
    client = Api(portal)
    assert client.get(f"http://academy.test{PREFIX}/health").json() == {"status": "ok"}


def test_the_document_describes_every_route_for_a_role(portal):
    document = Api(portal).get("/openapi.json").json()
    tags = {tag["name"] for tag in document["tags"]}
    operations = [op for verbs in document["paths"].values() for op in verbs.values()]
    assert len(operations) >= 20
    assert all(set(op["tags"]) <= tags and op["description"] for op in operations)
    ids = [op["operationId"] for op in operations]
    assert len(ids) == len(set(ids))


def test_the_page_about_the_api_needs_nothing_from_elsewhere(portal):
    page = Api(portal).get("/docs").text
    assert "POST /courses/{course_id}/assignments/{name}/submissions" in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page


def test_an_instructor_sees_which_tests_refused_their_trainees(portal, academy):
    Api(portal, "ada").hand_in()
    grade_all(academy, 0.5)
    lines = Api(portal, "ines").get("/teaching/courses/data-pipelines/refusals").json()
    assert {line["assignment"] for line in lines} == {"dp4"}
    assert all(line["tried"] == 1 and line["refused"] == 0 and line["rate"] == 0 for line in lines)
    assert Api(portal, "ivan").get("/teaching/courses/data-pipelines/refusals").json() == []
    assert Api(portal, "ada").get("/teaching/courses/data-pipelines/refusals").status_code == 403
