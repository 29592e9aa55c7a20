"""A trainee's way from the front door to a certificate that a stranger can verify, in a real browser."""

import json
import re

import pytest
from playwright.sync_api import expect
from tests.support.browser import chromium
from tests.support.handing_in import reference_notebook, wrong_notebook
from tests.support.walk import PATIENCE_MS, Walk

pytestmark = pytest.mark.journey
WRONG = ("m1_scaler_fitted_on_all", "m4_full_data_target_mean", "m6_ignores_the_seed", "m9_no_embargo")
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def test_a_wrong_solution_is_told_what_was_expected_and_earns_no_certificate(academy, browser):
    academy.let_in("wanda")
    page = browser.new_context(viewport=DESKTOP).new_page()
    walk = Walk(academy, page, "wrong")
    walk.sign_in("wanda")
    walk.enrol("Data Pipelines")
    walk.open_notebook("data-pipelines", "dp4")
    walk.write_notebook("data-pipelines", "dp4", wrong_notebook("data-pipelines", "dp4", *WRONG))
    walk.run_all_cells()
    walk.submit("dp4")
    walk.read_verdict("data-pipelines", "dp4")

    verdict = page.locator("#verdict")
    expect(verdict).to_contain_text("DP4-M4")
    expect(verdict).to_contain_text("Expected")
    assert "grader" not in page.content()
    page.goto(f"{academy.portal}/courses/data-pipelines/dp4")
    walk.stop("assignment-after")
    page.goto(f"{academy.portal}/certificates")
    expect(page.locator("main")).to_contain_text("No certificates yet")
    walk.stop("no-certificate")


def test_a_right_solution_earns_a_certificate_that_a_signed_out_browser_verifies(academy, browser):
    page = browser.new_context(viewport=DESKTOP).new_page()
    walk = Walk(academy, page, "right")
    walk.sign_in("ada")
    walk.stop("home")
    walk.open_notebook("data-pipelines", "dp4")
    walk.write_notebook("data-pipelines", "dp4", reference_notebook("data-pipelines", "dp4"))
    walk.run_all_cells()
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']").count() == 0
    walk.submit("dp4")
    walk.read_verdict("data-pipelines", "dp4")
    expect(page.locator("#verdict")).to_contain_text("18")
    page.reload()
    expect(page.get_by_role("link", name="See the certificate")).to_be_visible()
    walk.stop("verdict-with-certificate")

    page.goto(f"{academy.portal}/certificates")
    walk.stop("certificates")
    address = page.get_by_label("Public address").input_value()

    stranger = Walk(academy, browser.new_context(viewport=DESKTOP).new_page(), "stranger")
    stranger.page.goto(address)
    stranger.stop("verify")
    expect(stranger.page.locator("main")).to_contain_text("Ada Example")
    expect(stranger.page.locator(".verdict-word")).to_have_text(re.compile("valid|genuine", re.IGNORECASE))
    package = stranger.page.request.get(f"{address}/package.json", timeout=PATIENCE_MS).json()
    downloaded = academy.home.parent / "package.json"
    downloaded.write_text(json.dumps(package))
    verdict = academy.command("credential", "verify", str(downloaded))
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr

    phone = Walk(academy, browser.new_context(viewport={"width": 390, "height": 844}).new_page(), "phone")
    phone.page.goto(address)
    phone.stop("verify")
