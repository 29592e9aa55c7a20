from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import demo
from tests.support.demo import G, one
from tests.support.portal_server import Visitor, demo_portal

from factory_academy.domain.person import Person, Role
from factory_academy.portal.pages.factory import harmless
from factory_academy.portal.pages.operate import grader_check
from factory_academy.workflows.operations import OperationsPage

ROUTES = {
    "ivo": ("/teach", "/teach/data-pipelines", "/teach/data-pipelines/submissions"),
    "marta": ("/factory", "/factory/progress.csv"),
    "otto": ("/operate", "/operate/live"),
}


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A demo portal that no test changes."""
    return demo_portal(tmp_path_factory.mktemp("still"))


@pytest.fixture
def portal(tmp_path):
    return demo_portal(tmp_path / "home")


@pytest.mark.parametrize("path", [path for paths in ROUTES.values() for path in paths])
def test_a_page_is_for_its_role_and_no_other(still, path):
    for name in ("ada", *ROUTES):
        expected = 200 if path in ROUTES.get(name, ()) else 403
        assert Visitor(still, name).get(path).status_code == expected


@pytest.mark.parametrize("name", list(ROUTES))
def test_the_first_page_of_a_member_of_staff_is_their_work(still, name):
    assert Visitor(still, name).get("/").headers["location"] == f"/services/portal{ROUTES[name][0]}"


def test_the_navigation_fits_the_role(still):
    assert ">Cohorts</a>" not in Visitor(still, "ivo").get("/teach").text
    assert ">Teaching</a>" in Visitor(still, "ivo").get("/teach").text
    assert "Factory manager" in Visitor(still, "marta").get("/factory").text


def test_an_instructor_sees_the_sections_and_trainees_of_their_own_factory_only(still):
    ivo = Visitor(still, "ivo")
    assert "Athens" not in ivo.get("/teach").text
    roster = ivo.get("/teach/data-pipelines").text
    assert "Bruno Ferrari" in roster
    assert "Νίκος" not in roster
    assert "Νίκος" in Visitor(still, "anna").get("/teach/data-pipelines").text


def test_an_instructor_cannot_see_or_regrade_a_submission_of_another_factory(portal):
    submission = one("ada", G.GRADED, "dp4")
    anna = Visitor(portal, "anna")
    assert anna.get(f"/teach/submissions/{submission}").status_code == 404
    assert anna.get(f"/teach/submissions/{submission}/live").status_code == 404
    assert anna.post(f"/teach/submissions/{submission}/regrade").status_code == 404


def test_submissions_can_be_narrowed_by_assignment_and_state(still):
    ivo = Visitor(still, "ivo")
    assert "1–18 of 18" in ivo.get("/teach/data-pipelines/submissions").text
    here = {p.id for p in demo.TRAINEES if p.factory_id == "bologna"}
    count = sum(1 for h in demo.HAND_INS if h.assignment is demo.DP4 and h.trainee_id in here)
    assert f"1–{count} of {count}" in ivo.get("/teach/data-pipelines/submissions?assignment=dp4").text
    crashed = ivo.get("/teach/data-pipelines/submissions?state=crashed").text
    assert "1–1 of 1" in crashed
    assert "Nothing fits this filter" in ivo.get("/teach/data-pipelines/submissions?assignment=no-such").text


@pytest.mark.parametrize("odd", ["state=odd", "page=0", "page=-3", "page=999999", "page=abc", "page=" + "9" * 40])
def test_odd_filters_and_page_numbers_still_give_a_page(still, odd):
    assert Visitor(still, "ivo").get(f"/teach/data-pipelines/submissions?{odd}").status_code == 200


def test_a_long_roster_comes_in_pages(portal):
    with portal.academy.records.transaction() as repositories:
        for n in range(40):
            repositories.people.add(Person(f"t{n:02}", f"Trainee {n:02}", Role.TRAINEE, "bologna"))
    for n in range(40):
        portal.academy.enrol(f"t{n:02}", "data-pipelines-bologna")
    ivo = Visitor(portal, "ivo")
    first, second = ivo.get("/teach/data-pipelines").text, ivo.get("/teach/data-pipelines?page=2").text
    assert "1–25 of 48" in first
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    assert "26–48 of 48" in second
    assert "Trainee 39" in second


def test_an_instructor_adds_a_trainee_by_their_sign_in_name(portal):
    ivo = Visitor(portal, "ivo")
    answer = ivo.post("/teach/data-pipelines/trainees", name=" Hugo ", section="data-pipelines-bologna")
    assert answer.headers["location"] == "/services/portal/teach/data-pipelines?added=hugo"
    assert "Hugo Almeida" in ivo.get("/teach/data-pipelines").text


@pytest.mark.parametrize(
    ("name", "section"),
    [("nobody-here", "data-pipelines-bologna"), ("ulla", "data-pipelines-athens"), ("otto", "data-pipelines-bologna")],
)
def test_a_name_or_section_that_does_not_fit_is_explained_at_the_field(portal, name, section):
    answer = Visitor(portal, "ivo").post("/teach/data-pipelines/trainees", name=name, section=section)
    assert 400 <= answer.status_code < 500
    assert 'aria-describedby="name-hint name-error"' in answer.text
    assert f'value="{name}"' in answer.text


def test_an_instructor_sees_the_run_and_the_history_and_can_have_it_graded_again(portal):
    submission = one("ada", G.GRADED, "dp4")
    ivo = Visitor(portal, "ivo")
    page = ivo.get(f"/teach/submissions/{submission}").text
    assert "Autograder" in page
    assert "KeyError" in page
    assert ivo.post(f"/teach/submissions/{submission}/regrade").status_code == 303
    again = ivo.get(f"/teach/submissions/{submission}").text
    assert "An instructor asked for it" in again
    assert "It is in the queue already." in again
    assert 'hx-trigger="every 1s"' in again


def test_a_manager_sees_their_own_factory_and_a_programme_manager_all(still):
    mine, every = Visitor(still, "marta").get("/factory").text, Visitor(still, "petra").get("/factory").text
    assert "Sofia Dimou" not in mine
    assert "Sofia Dimou" in every
    assert "7 factories" in every


def test_the_plot_says_in_words_what_it_shows_and_a_table_has_the_same_numbers(still):
    page = Visitor(still, "marta").get("/factory").text
    assert "Spring 2026, Data Pipelines: 1 certified, 3 under way, 0 not begun." in page
    assert 'role="img" aria-labelledby="plot-title plot-desc"' in page
    assert "Progress by cohort and course" in page


def test_a_factory_without_trainees_sees_what_will_appear(portal):
    with portal.academy.records.transaction() as repositories:
        repositories.people.add(Person("lars", "Lars Berg", Role.FACTORY_MANAGER, "mimer"))
    page = Visitor(portal, "lars").get("/factory").text
    assert "Nobody is in a course yet" in page
    assert "None yet" in page


def test_the_table_to_take_away_has_a_line_a_trainee_and_course(still):
    rows = list(csv.DictReader(io.StringIO(Visitor(still, "marta").get("/factory/progress.csv").text)))
    assert {row["factory"] for row in rows} == {"Bologna AI Factory"}
    bruno = next(r for r in rows if r["sign-in name"] == "bruno" and r["course"] == "Data Pipelines")
    assert (bruno["cohort"], bruno["progress %"], bruno["submissions"]) == ("Spring 2026", "100.0", "2")
    assert bruno["certificate issued (UTC)"]


def test_a_name_that_is_a_formula_is_not_run_by_a_spreadsheet(portal):
    with portal.academy.records.transaction() as repositories:
        repositories.people.add(Person("eve", '=HYPERLINK("http://evil.example")', Role.TRAINEE, "bologna"))
    portal.academy.enrol("eve", "onboarding-bologna")
    rows = csv.DictReader(io.StringIO(Visitor(portal, "marta").get("/factory/progress.csv").text))
    assert next(r for r in rows if r["sign-in name"] == "eve")["name"].startswith("'=")


@given(st.text(max_size=30))
def test_no_cell_begins_like_a_formula_and_none_loses_text(cell):
    safe = harmless(cell)
    assert safe.endswith(cell)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_an_operator_sees_sessions_devices_queue_and_what_could_not_be_graded(still):
    page = Visitor(still, "otto").get("/operate").text
    for said in ("Bruno Ferrari", "NVIDIA H100 80GB HBM3", "The driver reported an error", "three times", "free of"):
        assert said in page
    assert 'hx-trigger="every 10s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_an_operator_of_a_machine_without_gpus_is_told_why_there_are_none(tmp_path):
    bare = demo_portal(tmp_path / "bare", devices=(), note="No NVIDIA driver was found.", seeded=False)
    with bare.academy.records.transaction() as repositories:
        repositories.people.add(Person("otto", "Otto Weber", Role.OPERATOR))
    page = Visitor(bare, "otto").get("/operate").text
    assert "No NVIDIA driver was found." in page
    assert "No sessions" in page
    assert "No verdict yet." in page


def test_an_operator_is_warned_when_the_hub_is_away(portal):
    portal.hub.away = True
    assert "nobody can sign in or start a session" in Visitor(portal, "otto").get("/operate").text


@pytest.mark.parametrize(
    ("waiting", "held", "minutes", "said"),
    [(0, 0, 90, "Idle"), (3, 1, 90, "At work"), (3, 0, 1, "At work"), (3, 0, 90, "Silent"), (3, 0, None, "Silent")],
)
def test_graders_are_silent_only_if_work_waits_and_none_of_it_is_done(waiting, held, minutes, said):
    last = None if minutes is None else demo.NOW - timedelta(minutes=minutes)
    view = OperationsPage(demo.NOW, (), (), "", waiting, held, {}, (), last)
    assert grader_check(view).state == said


def test_records_that_cannot_be_read_give_a_calm_page(portal):
    portal.academy.records.close()
    (portal.academy.settings.home / "academy.db").unlink()
    answer = Visitor(portal, "otto").get("/operate")
    assert answer.status_code == 503
    assert "Traceback" not in answer.text
