"""A person's way through the academy in a real browser, with a screenshot at every stop."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.running import RunningAcademy

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
PATIENCE_MS = 120_000
WRITE_NOTEBOOK = """async ([path, content]) => {
  const token = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)[1];
  const answer = await fetch(path, {method: 'PUT', body: content,
    headers: {'X-XSRFToken': token, 'Content-Type': 'application/json'}});
  return answer.status;
}"""


@dataclass
class Walk:
    """One person's walk; ``name`` begins the names of its screenshots."""

    academy: RunningAcademy
    page: Page
    name: str
    stops: list[Path] = field(default_factory=list)

    def stop(self, what: str) -> None:
        """Keep a picture of what the person sees now."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{self.name}-{len(self.stops) + 1:02}-{what}.png"
        self.page.screenshot(path=path)
        self.stops.append(path)

    def sign_in(self, person: str) -> None:
        """From the front door to the person's own first page."""
        self.page.goto(self.academy.url)
        self.stop("front-door")
        self.page.get_by_role("link", name=re.compile("sign in", re.IGNORECASE)).first.click()
        self.page.get_by_label("Name").fill(person)
        self.page.get_by_label("Password").fill(self.academy.accounts[person])
        self.stop("sign-in")
        self.page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
        self.page.wait_for_url(re.compile("/services/portal/"))

    def enrol(self, course: str) -> None:
        """Take a place in the open section of a course, on the person's first page."""
        self.stop("home")
        section = self.page.locator("li, article, form, .card", has_text=course)
        section.get_by_role("button", name=re.compile("join", re.IGNORECASE)).first.click()
        self.page.wait_for_load_state()
        self.stop("enrolled")

    def open_notebook(self, course: str, assignment: str) -> None:
        """From the assignment's page into JupyterLab, starting a session if none runs."""
        self.page.goto(f"{self.academy.portal}/courses/{course}/{assignment}")
        self.stop("assignment")
        self.page.get_by_role("link", name="Open in JupyterLab").first.click()
        start = self.page.get_by_role("button", name="Start", exact=True)
        self.page.wait_for_load_state()
        if start.is_visible():
            self.stop("profiles")
            start.click()
        self.page.wait_for_url(re.compile(r"/user/[a-z-]+/lab"), timeout=PATIENCE_MS)
        self.page.locator(".jp-Notebook").wait_for(timeout=PATIENCE_MS)
        self.until_idle()
        self.stop("jupyterlab")

    def write_notebook(self, course: str, assignment: str, content: bytes) -> None:
        """Put a solution into the open notebook, as if it had been typed, and load it again from disk."""
        path = f"/user/{self._person}/api/contents/{course}/{assignment}/{assignment}.ipynb"
        body = json.dumps({"type": "notebook", "format": "json", "content": json.loads(content)})
        assert self.page.evaluate(WRITE_NOTEBOOK, [path, body]) == 200
        self.menu("File", "Reload Notebook from Disk")
        confirm = self.page.locator(".jp-Dialog .jp-mod-accept, .jp-Dialog .jp-mod-warn").first
        confirm.wait_for(timeout=PATIENCE_MS)
        confirm.click()
        self.until_idle()

    def run_all_cells(self) -> None:
        """Run the notebook to its end, visible tests and all."""
        self.menu("Run", "Run All Cells")
        expect(self.page.locator(".jp-InputPrompt", has_text="[*]")).to_have_count(0, timeout=PATIENCE_MS)
        self.until_idle()
        self.menu("File", "Save Notebook")
        self.stop("notebook-run")

    def submit(self, assignment: str) -> None:
        """Hand in through nbgrader's own list of assignments."""
        self.menu("Nbgrader", "Assignment List")
        row = self.page.locator("#fetched_assignments_list .list_item", has_text=assignment).first
        row.get_by_role("button", name="Submit").click(timeout=PATIENCE_MS)
        handed_in = self.page.locator("#submitted_assignments_list .list_item", has_text=assignment)
        handed_in.first.wait_for(timeout=PATIENCE_MS)
        self.stop("handed-in")

    def read_verdict(self, course: str, assignment: str) -> None:
        """The verdict of the latest submission, as soon as it appears."""
        self.page.goto(f"{self.academy.portal}/courses/{course}/{assignment}")
        self.stop("what-i-handed-in")
        self.page.locator("main a[href*='/submissions/']").first.click()
        self.stop("waiting")
        expect(self.page.locator("#verdict:not([hx-get])")).to_be_visible(timeout=PATIENCE_MS)
        self.stop("verdict")

    def menu(self, name: str, item: str) -> None:
        """Choose from JupyterLab's menu bar."""
        self.page.locator(".lm-MenuBar-item", has_text=name).first.click()
        self.page.locator(".lm-Menu-itemLabel", has_text=item).first.click()

    def until_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.get_by_text("| Idle").first.wait_for(timeout=PATIENCE_MS)

    @property
    def _person(self) -> str:
        found = re.search(r"/user/([a-z-]+)/", self.page.url)
        assert found is not None
        return found[1]
