"""The exchange from inside a sandboxed session of a real hub, with the token that the hub gave it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import httpx
import pytest
from tests.support.house import PASSWORD, eventually, house
from tests.support.portal_world import grade_all, stock
from tests.support.session import Browser, session_of

DP4 = {"course_id": "data-pipelines", "assignment_id": "dp4"}


@pytest.fixture(scope="module")
def place():
    folder = Path(tempfile.mkdtemp(prefix="fa-lab-"))
    try:
        with house(folder / "home") as made:
            academy = made.academy
            stock(academy)
            with academy.records.transaction() as repositories:
                repositories.people.set_password_hash("ada", academy.passwords.hash(PASSWORD))
            made.start_proxy()
            made.start_hub()
            made.start_process("portal", sys.executable, "-m", "factory_academy.portal.serve")
            eventually(lambda: _is_up(f"{made.settings.url}/services/portal/health"), "the portal")
            yield made
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def ada(place):
    browser = session_of(place.sign_in("ada"))
    yield browser
    browser.guest.stop()


def _is_up(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.HTTPError:
        return False


def clicked(ada: Browser, action: str) -> list[dict]:
    """What nbgrader's list does when one of its buttons is pressed."""
    headers = {"X-XSRFToken": ada._cookies(f"{ada.base}/").get("_xsrf", "")}
    answer = ada.guest.http.post(f"{ada.base}/assignments/{action}", json=DP4, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["success"], answer.json()
    return answer.json()["value"]


def test_the_portals_button_leads_to_the_notebook_and_work_comes_back_with_a_verdict(place, ada):
    query = {"course": "data-pipelines", "assignment": "dp4"}
    opened = ada.guest.http.get(f"{ada.base}/academy/open", params=query)
    assert opened.headers["location"] == "/user/ada/lab/tree/data-pipelines/dp4/dp4.ipynb"
    assert ada.api("GET", "contents/data-pipelines/dp4/dp4.ipynb")["type"] == "notebook"

    submitted = [line for line in clicked(ada, "submit") if line["status"] == "submitted"]
    assert submitted[0]["submissions"][0]["timestamp"].endswith("(queued)")
    grade_all(place.academy)
    submitted = [line for line in clicked(ada, "fetch_feedback") if line["status"] == "submitted"]
    assert submitted[0]["submissions"][0]["has_local_feedback"]


def test_the_commands_work_in_a_kernel_and_the_token_tells_no_more_than_a_name(ada):
    with ada.kernel() as kernel:
        said = kernel.run("import subprocess; print(subprocess.getoutput('nbgrader list --inbound'))")
        assert "(graded, 10 of 10)" in said
        receipts = kernel.run("import pathlib; print(len(list(pathlib.Path.home().glob('.academy/receipts/*'))))")
        assert receipts.strip() == "1"
        code = (
            "import httpx, json, os; url = os.environ['ACADEMY_PORTAL_URL'] + '/api/v1'; "
            "t = {'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']}; "
            "print(json.dumps([httpx.get(url + p, headers=t).status_code for p in "
            "('/courses', '/teaching/courses', '/factory/cohorts', '/operations/queue')]))"
        )
        assert json.loads(kernel.run(code)) == [200, 403, 403, 403]


def test_a_visible_test_speaks_in_a_kernel(ada):
    with ada.kernel() as kernel:
        said = kernel.run("import judge\njudge.check(1 > 2, 'One is not more than two.', next_step='Count again.')")
        assert "One is not more than two." in said
