from __future__ import annotations

import html
from dataclasses import replace

import pytest
from tests.support import demo
from tests.support.demo import G, one
from tests.support.portal_server import Visitor, demo_portal

from factory_academy.domain.course import TaskKind
from factory_academy.domain.grade import CellRun, GradeEvent, GradingOutcome, TaskScore, Verdict
from factory_academy.domain.person import Person, Role


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A demo portal that no test changes."""
    return demo_portal(tmp_path_factory.mktemp("still"))


@pytest.fixture
def portal(tmp_path):
    return demo_portal(tmp_path / "home")


def test_a_visitor_who_is_not_signed_in_learns_what_this_is_and_sees_the_seven_factories(still):
    page = Visitor(still).get("/").text
    assert "/services/portal/sign-in" in page
    assert all(factory.city in page for factory in demo.FACTORIES)


@pytest.mark.parametrize("path", ["/courses/onboarding", "/certificates", "/session", "/teach", "/factory", "/operate"])
def test_every_other_page_asks_to_sign_in_first_and_comes_back(still, path):
    answer = Visitor(still).get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/services/portal/sign-in?next=")


def test_a_trainee_is_offered_to_continue_where_they_left(still):
    page = Visitor(still, "ada").get("/").text
    assert "Continue where you left" in page
    assert "/session/open?course=data-pipelines&amp;assignment=dp4" in page


def test_the_home_page_shows_only_the_trainees_own_latest_submissions(still):
    page = Visitor(still, "ada").get("/").text
    mine = [demo.submission_id(h) for h in demo.HAND_INS if h.trainee_id == "ada"]
    others = [demo.submission_id(h) for h in demo.HAND_INS if h.trainee_id != "ada"]
    assert sum(page.count(f"/submissions/{s}") for s in mine) == 5
    assert not any(s in page for s in others)


def test_a_trainee_without_courses_is_told_how_to_begin(still):
    page = Visitor(still, "ulla").get("/").text
    assert "You are in no course yet" in page
    assert "Nothing handed in yet" in page
    assert 'value="onboarding-kajaani"' in page
    assert "onboarding-bologna" not in page


def test_a_trainee_joins_an_open_section_with_one_click(portal):
    ulla = Visitor(portal, "ulla")
    answer = ulla.post("/enrol", section="onboarding-kajaani")
    assert (answer.status_code, answer.headers["location"]) == (303, "/services/portal/courses/onboarding")
    assert ulla.get("/courses/onboarding").status_code == 200


def test_a_trainee_cannot_join_a_section_that_was_not_offered(portal):
    ulla = Visitor(portal, "ulla")
    assert ulla.post("/enrol", section="onboarding-athens").status_code == 403
    assert ulla.get("/courses/onboarding").status_code == 403


def test_a_form_from_another_site_changes_nothing(portal):
    ulla = Visitor(portal, "ulla")
    assert ulla.post("/enrol", origin="https://elsewhere.example", section="onboarding-kajaani").status_code == 403
    assert "You are in no course yet" in ulla.get("/").text


def test_a_course_says_in_words_what_its_certificate_asks_for_and_what_is_missing(still):
    page = Visitor(still, "ada").get("/courses/data-pipelines").text
    assert "Earn at least 70 % of the automatic points in every assignment" in page
    assert "Leak-free splits and features: 67 %, needs 70 %" in page


def test_an_earned_certificate_is_named_on_its_course(still):
    assert "Earned on" in Visitor(still, "ada").get("/courses/onboarding").text


def test_a_certificate_that_was_taken_back_is_not_shown_as_earned(still):
    page = Visitor(still, "farid").get("/courses/onboarding").text
    assert "was taken back" in page
    assert "Earned on" not in page
    assert "Certificate earned" not in Visitor(still, "farid").get("/").text


def test_an_assignment_lists_its_tasks_how_it_is_graded_and_what_was_handed_in(still):
    page = Visitor(still, "ada").get("/courses/data-pipelines/dp4").text
    assert all(task.title in page for task in demo.DP4.tasks)
    assert "by a hidden test" in page
    assert "wrong" in page
    assert page.count("/submissions/") == 3


def test_a_course_or_assignment_that_is_not_there_is_said_to_be_missing(still):
    ada = Visitor(still, "ada")
    assert ada.get("/courses/nothing").status_code == 404
    assert ada.get("/courses/data-pipelines/dp99").status_code == 404
    assert ada.get("/nothing/at/all").status_code == 404


@pytest.mark.parametrize("state", sorted({h.state for h in demo.HAND_INS}))
def test_a_submission_in_any_state_says_its_state_in_words_with_its_receipt(still, state):
    hand_in = next(h for h in demo.HAND_INS if h.state is state)
    answer = Visitor(still, hand_in.trainee_id).get(f"/submissions/{demo.submission_id(hand_in)}")
    assert answer.status_code == 200
    assert html.escape(demo.REASONS[state], quote=True) in answer.text
    assert demo.submission_id(hand_in) in answer.text
    assert "sha256" in answer.text


def test_a_failed_task_shows_what_was_expected_what_came_and_the_next_step(still):
    page = Visitor(still, "ada").get(f"/submissions/{one('ada', G.GRADED, 'dp4')}").text
    assert "3,563 training rows" in page
    assert "25,871.2" in page
    assert "Call fit on the training rows alone" in page
    assert "DP4-M1" in page


@pytest.mark.parametrize("end", ["", "/live"])
def test_nobody_else_can_see_a_trainees_submission(still, end):
    path = f"/submissions/{one('ada', G.GRADED, 'dp4')}{end}"
    for name in ("bruno", "marta", "otto"):
        assert Visitor(still, name).get(path).status_code == 404


def test_an_instructor_is_shown_the_instructors_page_of_a_submission(still):
    submission = one("ada", G.GRADED, "dp4")
    answer = Visitor(still, "ivo").get(f"/submissions/{submission}")
    assert answer.headers["location"] == f"/services/portal/teach/submissions/{submission}"


def test_a_waiting_submission_keeps_its_page_up_to_date_with_and_without_javascript(still):
    page = Visitor(still, "ada").get(f"/submissions/{one('ada', G.QUEUED)}").text
    assert 'hx-trigger="every 1s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert 'aria-live="polite"' in page
    assert "1 submission before this one" in page


def test_a_finished_submission_asks_for_no_more_news(still):
    page = Visitor(still, "ada").get(f"/submissions/{one('ada', G.GRADED, 'dp4')}").text
    assert "hx-get" not in page
    assert "http-equiv" not in page


def test_the_live_verdict_is_sent_only_when_something_changed(portal):
    ada, submission = Visitor(portal, "ada"), one("ada", G.QUEUED)
    path = f"/submissions/{submission}/live"
    assert ada.get(f"{path}?seen=queued-1-0").status_code == 204
    changed = ada.get(f"{path}?seen=queued-5-0")
    assert changed.status_code == 200
    assert 'id="verdict"' in changed.text
    with portal.academy.records.transaction() as repositories:
        repositories.submissions.set_state(submission, G.RUNNING, "")
    assert "Being graded now" in ada.get(f"{path}?seen=queued-1-0").text


def test_certificates_can_be_shown_to_others(still):
    page = Visitor(still, "bruno").get("/certificates").text
    assert page.count("download>Download as JSON") == 2
    assert page.count("/verify/") >= 6


def test_a_trainee_without_certificates_is_told_how_they_come(still):
    assert "No certificates yet" in Visitor(still, "ulla").get("/certificates").text


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>{{7*7}}"


def test_hostile_text_in_names_answers_and_outputs_stays_text(portal):
    with portal.academy.records.transaction() as repositories:
        repositories.people.add(Person("mallory", HOSTILE, Role.TRAINEE, "bologna"))
    portal.academy.enrol("mallory", "data-pipelines-bologna")
    submission = _hostile_submission(portal)
    pages = [
        Visitor(portal, "mallory").get("/").text,
        Visitor(portal, "mallory").get(f"/submissions/{submission}").text,
        Visitor(portal, "ivo").get("/teach/data-pipelines").text,
        Visitor(portal, "ivo").get("/teach/data-pipelines/submissions").text,
        Visitor(portal, "ivo").get(f"/teach/submissions/{submission}").text,
        Visitor(portal, "ivo").post("/teach/data-pipelines/trainees", name=HOSTILE, section=HOSTILE).text,
        Visitor(portal, "ivo").get("/teach/data-pipelines?added=%3Cscript%3Ealert(1)%3C/script%3E").text,
    ]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page
    assert all("{{7*7}}" in page for page in pages[:-1])


def test_no_page_holds_script_or_style_of_its_own(still):
    for path in ("/", "/courses/data-pipelines", f"/submissions/{one('ada', G.QUEUED)}", "/certificates", "/session"):
        page = Visitor(still, "ada").get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick" not in page
        assert all(' src="' in tag for tag in page.split("<script")[1:])


def _hostile_submission(portal):
    with portal.academy.records.transaction() as repositories:
        pattern = repositories.submissions.find(one("ada", G.GRADED, "dp4"))
        assert pattern is not None
        mine = replace(pattern, id="ab" * 16, trainee_id="mallory", content="cd" * 32, state=G.QUEUED)
        repositories.submissions.add(mine)
        score = TaskScore(
            "t", 0.0, 1.0, TaskKind.HIDDEN, Verdict.FAILED, title=HOSTILE, message=HOSTILE, expected=HOSTILE,
            got=HOSTILE, next_step=HOSTILE, code=HOSTILE,
        )  # fmt: skip
        outcome = GradingOutcome(G.GRADED, HOSTILE, (score,), (CellRun(HOSTILE, 0.1, HOSTILE, HOSTILE),), (HOSTILE,))
        event = GradeEvent(mine.id, HOSTILE, demo.NOW, HOSTILE, None, 0.0, 1.0, mine.assignment_version, "", 0)
        repositories.grades.add(event, outcome)
        repositories.submissions.set_state(mine.id, G.GRADED, HOSTILE)
    return mine.id
