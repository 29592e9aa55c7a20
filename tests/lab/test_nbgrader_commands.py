from __future__ import annotations

import json
import shutil
import threading
import time
from dataclasses import replace

import pytest
from tests.support.lab_session import LabSession
from tests.support.portal_process import portal_process
from tests.support.portal_world import NOTEBOOK, grade_all, make_world

COURSE = ("--course", "data-pipelines")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    home = tmp_path_factory.mktemp("academy")
    academy = make_world(home)
    with portal_process(home) as portal:
        yield academy, portal


@pytest.fixture
def academy(place):
    return place[0]


@pytest.fixture
def portal(place):
    return place[1]


@pytest.fixture
def session(place, tmp_path):
    return LabSession(tmp_path, place[1].url)


def said(ran, *, fails: bool = False) -> str:
    assert (ran.returncode != 0) is fails, ran.stderr
    assert "Traceback" not in ran.stderr
    return ran.stderr


def answer(session: LabSession, text: str) -> None:
    cell = {**json.loads(NOTEBOOK)["cells"][0], "source": text}
    work = session.home / "data-pipelines" / "dp4" / "dp4.ipynb"
    work.write_text(json.dumps({**json.loads(NOTEBOOK), "cells": [cell]}))


def test_the_life_of_an_assignment_in_nbgraders_own_words(session, academy):
    assert "data-pipelines dp4" in said(session.nbgrader("list"))
    said(session.nbgrader("fetch_assignment", "dp4", *COURSE))
    work = session.home / "data-pipelines" / "dp4"
    assert (work / "dp4.ipynb").read_bytes() == NOTEBOOK
    assert (work / "data" / "rows.csv").is_file()
    assert "(already downloaded)" in said(session.nbgrader("list"))

    answer(session, "answer = 'the whole life'")
    submitted = said(session.nbgrader("submit", "dp4", *COURSE))
    assert "Submitted as: data-pipelines dp4" in submitted
    (receipt,) = [json.loads(p.read_bytes()) for p in (session.home / ".academy" / "receipts").iterdir()]
    assert receipt["submission_id"] in submitted
    assert receipt["assignment_id"] == "data-pipelines/dp4"
    listed = said(session.nbgrader("list", "--inbound", *COURSE))
    line = next(line for line in listed.splitlines() if receipt["submission_id"][:8] in line)
    assert "data-pipelines ada dp4" in line
    assert "UTC" in line
    assert "(queued) (no feedback available)" in line
    assert "no verdict yet" in said(session.nbgrader("fetch_feedback", "dp4", *COURSE))

    grade_all(academy, 0.5)
    listed = said(session.nbgrader("list", "--inbound", *COURSE))
    assert "(graded, 5 of 10) (feedback ready to be fetched)" in listed
    said(session.nbgrader("fetch_feedback", "dp4", *COURSE))
    (page,) = (work / "feedback").glob(f"*{receipt['submission_id'][:8]}/dp4.html")
    assert "Load the rows" in page.read_text()
    assert "(feedback already fetched)" in said(session.nbgrader("list", "--inbound", *COURSE))

    again = said(session.nbgrader("submit", "dp4", *COURSE))
    assert receipt["submission_id"] in again, "feedback lies beside the work and is no part of it"


def test_commands_work_from_any_folder_and_find_the_course_themselves(session):
    said(session.nbgrader("fetch_assignment", "dp4", cwd=session.home))
    elsewhere = session.home / "elsewhere"
    elsewhere.mkdir()
    assert "Submitted as: data-pipelines dp4" in said(session.nbgrader("submit", "dp4", cwd=elsewhere))


def test_fetching_again_never_overwrites_work(session):
    said(session.nbgrader("fetch_assignment", "dp4", *COURSE))
    answer(session, "mine = 1")
    mine = (session.home / "data-pipelines" / "dp4" / "dp4.ipynb").read_bytes()
    refused = said(session.nbgrader("fetch_assignment", "dp4", *COURSE), fails=True)
    assert "You already have a copy of the assignment" in refused
    shutil.rmtree(session.home / "data-pipelines" / "dp4" / "data")
    restored = said(session.nbgrader("fetch_assignment", "dp4", "--replace", *COURSE))
    assert "Brought back: rows.csv" in restored
    assert (session.home / "data-pipelines" / "dp4" / "dp4.ipynb").read_bytes() == mine


def test_a_broken_notebook_can_be_brought_back_and_is_kept(session):
    said(session.nbgrader("fetch_assignment", "dp4", *COURSE))
    work = session.home / "data-pipelines" / "dp4"
    (work / "dp4.ipynb").write_bytes(b"")
    said(session.nbgrader("fetch_assignment", "dp4", "--replace", *COURSE))
    assert (work / "dp4.ipynb").read_bytes() == NOTEBOOK
    assert len(list(work.glob("dp4.ipynb.broken-*"))) == 1


def test_a_link_to_something_else_is_refused_by_name(session):
    said(session.nbgrader("fetch_assignment", "dp4", *COURSE))
    (session.home / "data-pipelines" / "dp4" / "stolen.ipynb").symlink_to("/etc/hostname")
    assert "stolen.ipynb is a link" in said(session.nbgrader("submit", "dp4", *COURSE), fails=True)


def test_a_missing_notebook_is_named_and_strict_refuses(session):
    said(session.nbgrader("fetch_assignment", "dp4", *COURSE))
    work = session.home / "data-pipelines" / "dp4"
    (work / "dp4.ipynb").rename(work / "my copy.ipynb")
    strict = said(session.nbgrader("submit", "dp4", "--strict", *COURSE), fails=True)
    assert "dp4.ipynb is missing" in strict
    warned = said(session.nbgrader("submit", "dp4", *COURSE))
    assert "Missing, so without points: dp4.ipynb" in warned
    assert "Extra, and not graded: my copy.ipynb" in warned


def test_nobody_acts_as_somebody_else(session):
    said(session.nbgrader("fetch_assignment", "dp4", *COURSE))
    assert "you cannot do this as bob" in said(session.nbgrader("submit", "dp4", "--student=bob", *COURSE), fails=True)


def test_another_course_is_refused_in_the_portals_words(session):
    refused = said(session.nbgrader("fetch_assignment", "onb1", "--course", "onboarding"), fails=True)
    assert "You are not enrolled in the course 'onboarding'" in refused


def test_what_is_not_there_is_named(session):
    assert "has no released assignment 'dp9'" in said(session.nbgrader("fetch_assignment", "dp9", *COURSE), fails=True)
    assert "None of your courses has an assignment 'dp9'" in said(session.nbgrader("submit", "dp9"), fails=True)
    assert "Assignment not found at" in said(session.nbgrader("submit", "dp4", *COURSE), fails=True)


def test_an_expired_token_says_what_to_do(session):
    expired = replace(session, token="expired")
    refused = said(expired.nbgrader("list"), fails=True)
    assert "The token has expired or is not valid. In a session: stop it and start it again." in refused


def test_nothing_that_was_handed_in_can_be_removed_and_nothing_is_released_from_here(session):
    assert "cannot be removed" in said(session.nbgrader("list", "--inbound", "--remove", *COURSE), fails=True)
    for command in ("release_assignment", "release_feedback", "collect"):
        assert "not done from a session" in said(session.nbgrader(command, "dp4", *COURSE), fails=True)


def test_a_submission_outlives_the_portal_being_killed(session, portal):
    said(session.nbgrader("fetch_assignment", "dp4", *COURSE))
    answer(session, "answer = 'killed in between'")
    first = said(session.nbgrader("submit", "dp4", *COURSE))
    portal.kill()
    back = threading.Thread(target=lambda: (time.sleep(1.0), portal.start()))
    back.start()
    ran = session.nbgrader("submit", "dp4", *COURSE)
    back.join()
    if ran.returncode:
        assert "Nothing is lost" in ran.stderr
        ran = session.nbgrader("submit", "dp4", *COURSE)
    receipt = next(line for line in first.splitlines() if "Receipt" in line).split("Receipt ")[1].split(",")[0]
    assert receipt in said(ran)


def test_a_portal_that_stays_away_is_said_to_be_away(session):
    away = replace(session, portal_url="http://127.0.0.1:9/services/portal")
    refused = said(away.nbgrader("list"), fails=True)
    assert "The academy does not answer" in refused
    assert "Nothing is lost" in refused
