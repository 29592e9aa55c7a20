"""Every page in a real Chromium: no axe violation, usable by keyboard, on a phone, and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.support.browser import chromium
from tests.support.demo import G, one
from tests.support.portal_server import DemoPortal, demo_portal, served

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
PAGES = {
    "welcome": (None, "/"),
    "home": ("ada", "/"),
    "home of a newcomer": ("ulla", "/"),
    "course": ("ada", "/courses/data-pipelines"),
    "assignment": ("ada", "/courses/data-pipelines/dp4"),
    "verdict": ("ada", f"/submissions/{one('ada', G.GRADED, 'dp4')}"),
    "verdict partly passed": ("dusan", f"/submissions/{one('dusan', G.GRADED, 'onb1')}"),
    "verdict of a crash": ("ada", f"/submissions/{one('ada', G.CRASHED)}"),
    "our fault": ("irene", f"/submissions/{one('irene', G.INFRASTRUCTURE_FAILED)}"),
    "waiting": ("ada", f"/submissions/{one('ada', G.QUEUED)}"),
    "session that runs": ("ada", "/session"),
    "session to start": ("bruno", "/session?course=data-pipelines&assignment=dp4"),
    "session that starts": ("greta", "/session"),
    "certificates": ("bruno", "/certificates"),
    "no certificates": ("ulla", "/certificates"),
    "public certificate": (None, "/verify/{certificate}"),
    "teaching": ("ivo", "/teach"),
    "roster": ("ivo", "/teach/data-pipelines"),
    "submissions": ("ivo", "/teach/data-pipelines/submissions"),
    "nothing fits": ("ivo", "/teach/data-pipelines/submissions?assignment=none"),
    "a trainee's submission": ("ivo", f"/teach/submissions/{one('ada', G.GRADED, 'dp4')}"),
    "cohorts": ("marta", "/factory"),
    "all cohorts": ("petra", "/factory"),
    "operations": ("otto", "/operate"),
    "not found": ("ada", "/nothing"),
    "not allowed": ("ada", "/teach"),
}
FOCUS = (
    "() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)]; }"
)
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
    .filter(e => e.offsetParent && !e.classList.contains('skip'))
    .filter(e => !(e.tagName === 'A' && getComputedStyle(e).display === 'inline' && e.closest('p, li, td, th, h2, h3')))
    .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
    .filter(([html, box]) => Math.min(box.width, box.height) < 24 && !html.includes('type="radio"'))
    .map(([html]) => html)"""


@dataclass(frozen=True)
class World:
    """The demo portal as a browser reaches it."""

    portal: DemoPortal
    base: str
    browser: Browser

    @contextmanager
    def visit(self, who: str | None, path: str, **options: object) -> Iterator[Page]:
        """A fresh browser at a page, as this person."""
        context = self.browser.new_context(**options)
        root = f"{self.base}/services/portal"
        if who:
            cookies = self.portal.cookie(who)
            context.add_cookies([{"name": k, "value": v, "url": f"{root}/"} for k, v in cookies.items()])
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if "Refused to" in message.text else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(root + path.format(certificate=certificate_of(self.portal)))
        yield page
        assert faults == []
        context.close()


def certificate_of(portal: DemoPortal) -> str:
    with portal.academy.records.reading() as repositories:
        return repositories.certificates.of_trainee("ada")[0].id


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    portal = demo_portal(tmp_path_factory.mktemp("browser"))
    portal.hub.pending["greta"] = "spawn"
    with served(portal.app) as base, chromium() as browser:
        yield World(portal, base, browser)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_barrier_that_axe_can_find(world, name, width, scheme):
    who, path = PAGES[name]
    with world.visit(who, path, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_language_title_one_heading_landmarks_and_targets_for_fingers(world, name):
    with world.visit(*PAGES[name], viewport={"width": 390, "height": 900}) as page:
        assert page.get_attribute("html", "lang") == "en"
        assert page.title().endswith(" · Factory Academy")
        assert page.locator("h1").count() == 1
        for landmark in ("banner", "main", "contentinfo"):
            expect(page.get_by_role(landmark)).to_have_count(1)
        assert page.evaluate(SMALL_TARGETS) == []


def test_titles_tell_pages_apart(world):
    titles = set()
    for name in ("home", "course", "assignment", "verdict", "session that runs", "certificates", "not found"):
        with world.visit(*PAGES[name]) as page:
            titles.add(page.title())
    assert len(titles) == 7


def test_the_first_tab_stop_skips_to_the_content_and_focus_is_always_visible(world):
    with world.visit(*PAGES["home"]) as page:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        for _ in range(12):
            style, width = page.evaluate(FOCUS)
            assert style != "none"
            assert width >= 2
            page.keyboard.press("Tab")


def test_with_the_keyboard_alone_a_trainee_starts_a_session(world):
    with world.visit("elena", "/session") as page:
        page.get_by_role("radio", name="CPU", exact=True).focus()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("radio", name="GPU slice")).to_be_checked()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Your session is starting")).to_be_visible()
    assert world.portal.hub.started[-1] == ("elena", b'{"profile":"gpu-slice"}')


def test_a_verdict_appears_by_itself_and_is_announced(tmp_path, world):
    portal = demo_portal(tmp_path / "live")
    submission = one("ada", G.QUEUED)
    with (
        served(portal.app) as base,
        World(portal, base, world.browser).visit("ada", f"/submissions/{submission}") as page,
    ):
        expect(page.get_by_text("1 submission before this one").first).to_be_visible()
        page.evaluate("window.stayed = true")
        grade(portal, submission)
        expect(page.get_by_role("heading", name="Task by task")).to_be_visible(timeout=10_000)
        expect(page.locator("#announce")).to_have_text("Graded: 12 of 20 points.")
        assert page.locator("#announce").get_attribute("aria-live") == "polite"
        assert page.evaluate("window.stayed")
        page.wait_for_timeout(1200)
        assert page.locator("[hx-get]").count() == 0


def test_without_javascript_a_verdict_appears_as_well(tmp_path, world):
    portal = demo_portal(tmp_path / "plain")
    submission = one("ada", G.QUEUED)
    plain = {"java_script_enabled": False}
    with (
        served(portal.app) as base,
        World(portal, base, world.browser).visit("ada", f"/submissions/{submission}", **plain) as page,
    ):
        grade(portal, submission)
        expect(page.get_by_role("heading", name="Task by task")).to_be_visible(timeout=15_000)


def test_a_session_that_is_ready_opens_the_notebook_by_itself(tmp_path, world):
    portal = demo_portal(tmp_path / "session")
    portal.hub.pending["bruno"] = "spawn"
    with (
        served(portal.app) as base,
        World(portal, base, world.browser).visit("bruno", "/session?course=data-pipelines&assignment=dp4") as page,
    ):
        expect(page.get_by_role("heading", name="Your session is starting")).to_be_visible()
        portal.hub.ready.add("bruno")
        portal.hub.pending.clear()
        page.wait_for_url("**/user/bruno/academy/open?course=data-pipelines&assignment=dp4", timeout=10_000)


def test_the_operators_page_renews_itself(tmp_path, world):
    portal = demo_portal(tmp_path / "operate")
    with served(portal.app) as base, World(portal, base, world.browser).visit("otto", "/operate") as page:
        expect(page.get_by_text("As of 24 Nov 2026, 09:30 UTC")).to_be_visible()
        portal.clock.advance(timedelta(minutes=7))
        expect(page.get_by_text("As of 24 Nov 2026, 09:37 UTC")).to_be_visible(timeout=20_000)


def grade(portal: DemoPortal, submission_id: str) -> None:
    """Let the submission have the outcome of the trainee's earlier one."""
    with portal.academy.records.transaction() as repositories:
        earlier = one("ada", G.GRADED, "dp4")
        outcome = repositories.grades.outcome(earlier)
        history = repositories.grades.history(earlier)
        assert outcome is not None
        event = replace(history[-1], submission_id=submission_id)
        repositories.grades.add(event, outcome)
        repositories.submissions.set_state(submission_id, G.GRADED, outcome.reason)
