from __future__ import annotations

import hashlib
import io
import stat
import zipfile
from datetime import datetime

import pytest
from tests.support.portal_world import ANSWER, NOTEBOOK, Api, FakeHub, grade_all, make_portal, make_world

from factory_academy.domain.bundle import zip_bytes
from factory_academy.domain.submission import MAX_ARCHIVE_BYTES


@pytest.fixture
def academy(tmp_path):
    return make_world(tmp_path)


@pytest.fixture
def hub():
    return FakeHub()


@pytest.fixture
def portal(academy, hub):
    return make_portal(academy, hub)


@pytest.fixture
def ada(portal):
    return Api(portal, "ada")


def linked_archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("dp4.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.bin", "w", force_zip64=True) as f:
        for _ in range(1024):
            f.write(bytes(1 << 20))
    return out.getvalue()


def test_a_trainee_sees_the_courses_they_are_in_and_what_is_released_there(ada):
    (course,) = ada.get("/courses").json()
    assert course["id"] == "data-pipelines"
    (assignment,) = ada.get("/courses/data-pipelines/assignments").json()
    assert (assignment["name"], assignment["possible"]) == ("dp4", 10.0)


def test_a_release_holds_nothing_hidden(ada):
    answer = ada.get("/courses/data-pipelines/assignments/dp4/release")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == ["data/rows.csv", "dp4.ipynb"]
        assert b"hidden solution" not in archive.read("dp4.ipynb")


def test_handing_in_gives_a_receipt_stamped_by_the_server(ada):
    answer = ada.hand_in()
    receipt = answer.json()
    assert answer.status_code == 201
    assert receipt["assignment_id"] == "data-pipelines/dp4"
    assert receipt["content"] == hashlib.sha256(ANSWER).hexdigest()
    assert datetime.fromisoformat(receipt["received_at"]).tzinfo is not None
    assert (receipt["state"], receipt["position"]) == ("queued", 0)


def test_the_same_bytes_again_get_the_same_receipt(ada):
    first, again = ada.hand_in(), ada.hand_in()
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["submission_id"] == first.json()["submission_id"]
    assert again.json()["received_at"] == first.json()["received_at"]
    assert len(ada.get("/submissions").json()) == 1


@pytest.mark.parametrize(
    ("archive", "status", "code"),
    [
        (zip_bytes({"../evil.ipynb": NOTEBOOK}), 422, "bad_archive"),
        (zip_bytes({"/abs.ipynb": NOTEBOOK}), 422, "bad_archive"),
        (linked_archive(), 422, "bad_archive"),
        (b"this is no zip archive", 422, "bad_archive"),
        (b"", 422, "bad_archive"),
        (ANSWER[: len(ANSWER) // 2], 422, "bad_archive"),
    ],
    ids=["dot-dot", "absolute", "link", "no-zip", "empty", "half"],
)
def test_a_bad_archive_is_refused_with_its_code_and_leaves_nothing(ada, archive, status, code):
    answer = ada.hand_in(archive)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert ada.get("/submissions").json() == []


def test_a_bomb_is_refused_without_being_blown_up(ada):
    answer = ada.hand_in(bomb())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_that_is_declared_too_long_is_refused_before_it_is_read(ada):
    path = "/courses/data-pipelines/assignments/dp4/submissions"
    headers = {"Content-Type": "application/zip", "Content-Length": str(MAX_ARCHIVE_BYTES + 1)}
    answer = ada.post(path, content=b"short", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_of_undeclared_length_is_cut_off_at_the_limit(ada):
    sent = 0

    def endless():
        nonlocal sent
        while sent < 2 * MAX_ARCHIVE_BYTES:
            sent += 1 << 20
            yield bytes(1 << 20)

    path = "/courses/data-pipelines/assignments/dp4/submissions"
    answer = ada.post(path, content=endless(), headers={"Content-Type": "application/zip"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_what_is_not_called_a_zip_archive_is_refused(ada):
    answer = ada.post("/courses/data-pipelines/assignments/dp4/submissions", content=ANSWER)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_archive")


def test_nobody_hands_in_for_a_course_they_are_not_in(ada):
    answer = ada.hand_in(course="onboarding")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_enrolled")
    assert "Ask your instructor" in answer.json()["next_step"]


def test_an_assignment_that_is_not_there_is_not_found(ada):
    assert ada.hand_in(name="nothing").json()["code"] == "not_found"


def test_a_verdict_reaches_the_one_who_handed_in_and_nobody_else(ada, academy, portal):
    submission_id = ada.hand_in().json()["submission_id"]
    grade_all(academy, 0.5)
    detail = ada.get(f"/submissions/{submission_id}").json()
    assert (detail["submission"]["state"], detail["submission"]["earned"]) == ("graded", 5.0)
    assert [t["verdict"] for t in detail["tasks"]] == ["partly", "partly"]
    assert detail["position"] is None
    other = Api(portal, "bob").get(f"/submissions/{submission_id}")
    assert (other.status_code, other.json()["code"]) == (404, "not_found")


def test_feedback_is_our_page_for_the_one_who_handed_in(ada, academy, portal):
    submission_id = ada.hand_in().json()["submission_id"]
    assert ada.get(f"/submissions/{submission_id}/feedback").json()["code"] == "not_found"
    grade_all(academy, 0.5)
    page = ada.get(f"/submissions/{submission_id}/feedback")
    assert page.status_code == 200
    assert "Load the rows" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert Api(portal, "bob").get(f"/submissions/{submission_id}/feedback").status_code == 404


def test_lists_progress_and_certificates_are_ones_own(ada, academy, portal):
    ada.hand_in()
    grade_all(academy)
    assert len(ada.get("/submissions", params={"course": "data-pipelines", "assignment": "dp4"}).json()) == 1
    assert ada.get("/submissions", params={"course": "onboarding"}).json() == []
    (progress,) = ada.get("/progress").json()
    assert progress["fraction"] == 1.0
    assert ada.get("/certificates").json() == []
    bob = Api(portal, "bob")
    assert bob.get("/submissions").json() == []
    assert bob.get("/progress").json()[0]["fraction"] == 0.0


def test_without_a_token_nothing_is_told(portal):
    answer = Api(portal).get("/courses")
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_refused")
    assert "token" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("header", ["token expired", "token token-service", "Basic YTpi", "token", "Bearer \xe9"])
def test_a_token_that_is_nobodys_is_refused_in_words(portal, header):
    answer = Api(portal).get("/courses", headers={"Authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_refused")
    assert answer.json()["next_step"]


def test_a_person_the_records_do_not_know_is_told_so(portal):
    answer = Api(portal, "stranger").get("/courses")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_a_hub_that_is_away_is_our_fault_and_said_so(portal, hub):
    hub.is_away = True
    answer = Api(portal, "ada").get("/courses")
    assert (answer.status_code, answer.json()["code"]) == (503, "infrastructure_fault")


def test_a_token_is_looked_up_once_for_many_requests(ada, hub):
    for _ in range(5):
        ada.get("/courses")
    assert hub.asked == 1


def test_records_that_are_away_are_a_fault_of_ours_without_a_traceback(tmp_path, hub):
    academy = make_world(tmp_path)
    portal = make_portal(academy, hub)
    academy.records.close()
    (tmp_path / "academy.db").unlink()
    (tmp_path / "academy.db").mkdir()
    answer = Api(portal, "ada").get("/courses")
    assert answer.status_code == 503
    assert "Traceback" not in answer.text
