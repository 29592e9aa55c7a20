"""What we failed to grade is visible to those it concerns, and is tried again when one of them asks."""

from __future__ import annotations

import pytest
from tests.support.portal_world import Api, FakeHub, grade_all, make_portal, make_world

from factory_academy.domain.submission import SubmissionState


@pytest.fixture
def academy(tmp_path):
    return make_world(tmp_path)


@pytest.fixture
def portal(academy):
    return make_portal(academy, FakeHub())


@pytest.fixture
def failed(portal, academy):
    """A submission of ada's that ended as our fault."""
    submission_id = Api(portal, "ada").hand_in().json()["submission_id"]
    with academy.records.transaction() as repositories:
        while (job := repositories.queue.lease("w", academy.clock(), academy.grade_next.lease)) is not None:
            repositories.queue.finish(job)
        state = SubmissionState.INFRASTRUCTURE_FAILED
        repositories.submissions.set_state(submission_id, state, "The disk was full, three times.")
    return submission_id


@pytest.mark.parametrize("name", ["ada", "ines", "otto"])
def test_it_is_listed_for_its_trainee_their_instructor_and_the_operator(portal, failed, name):
    (letter,) = Api(portal, name).get("/dead-letters").json()
    assert (letter["submission_id"], letter["state"]) == (failed, "infrastructure_failed")
    assert letter["reason"] == "The disk was full, three times."


@pytest.mark.parametrize("name", ["bob", "ivan"])
def test_others_are_shown_nothing_and_cannot_have_it_tried_again(portal, failed, name):
    assert Api(portal, name).get("/dead-letters").json() == []
    assert Api(portal, name).post(f"/submissions/{failed}/requeue").status_code == 404


@pytest.mark.parametrize("name", ["ada", "ines", "otto"])
def test_each_of_them_can_have_it_tried_again_and_it_gets_its_verdict(portal, academy, failed, name):
    asked = Api(portal, name).post(f"/submissions/{failed}/requeue")
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    grade_all(academy)
    assert Api(portal, "ada").get(f"/submissions/{failed}").json()["submission"]["state"] == "graded"
    assert Api(portal, name).get("/dead-letters").json() == []


def test_a_submission_that_has_its_verdict_is_not_tried_again_this_way(portal, academy):
    submission_id = Api(portal, "ada").hand_in().json()["submission_id"]
    grade_all(academy)
    assert Api(portal, "ada").post(f"/submissions/{submission_id}/requeue").status_code in (404, 409)
