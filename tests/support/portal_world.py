"""An academy with real records in a folder of its own, people of every role, and a hub that knows their tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient

from factory_academy.bootstrap import Academy
from factory_academy.domain.bundle import AssignmentBundle, zip_bytes
from factory_academy.domain.course import Assignment, Course, Section, Task, TaskKind
from factory_academy.domain.enrolment import Enrolment
from factory_academy.domain.factory import Cohort, Factory
from factory_academy.domain.person import Person, Role
from factory_academy.portal.app import create_app
from factory_academy.portal.hub_client import HubClient
from factory_academy.records.migrate import migrate
from factory_academy.settings import Settings
from factory_academy.workflows.grade import GradeNext
from tests.support.autograder import FixedAutograder

PREFIX = "/services/portal"
SECRET = "the portal's own token"
WHEN = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = (
    Person("ada", "Ada Example", Role.TRAINEE, "bologna"),
    Person("bob", "Bob Example", Role.TRAINEE, "bologna"),
    Person("cleo", "Cleo Example", Role.TRAINEE, "lumi"),
    Person("ines", "Ines Example", Role.INSTRUCTOR, "bologna"),
    Person("ivan", "Ivan Example", Role.INSTRUCTOR, "lumi"),
    Person("marco", "Marco Example", Role.FACTORY_MANAGER, "bologna"),
    Person("otto", "Otto Example", Role.OPERATOR, None),
)
TASKS = (Task("load", 6.0, TaskKind.VISIBLE, "Load the rows"), Task("join", 4.0, TaskKind.HIDDEN, "Join the tables"))
CELL = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": "x = 1"}
NOTEBOOK = json.dumps({"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
ANSWER = zip_bytes({"dp4.ipynb": NOTEBOOK})
BUNDLE = AssignmentBundle(
    course_id="data-pipelines",
    name="dp4",
    title="Join two tables",
    tasks=TASKS,
    files={
        "source/dp4.ipynb": NOTEBOOK.replace(b"x = 1", b"x = 'the hidden solution'"),
        "release/dp4.ipynb": NOTEBOOK,
        "release/data/rows.csv": b"a,b\n1,2\n",
        "grader/checks.py": b"SECRET_CHECK = 1\n",
    },
)


def make_world(home: Path) -> Academy:
    """An academy in ``home``, stocked."""
    settings = Settings(home=home)
    home.mkdir(parents=True, exist_ok=True)
    migrate(settings.records_url)
    academy = Academy(settings)
    stock(academy)
    return academy


def stock(academy: Academy) -> None:
    """Fill empty records: ada and bob take data-pipelines in Bologna, cleo in LUMI; nobody takes onboarding."""
    blob = academy.blobs.put(BUNDLE.to_bytes())
    with academy.records.transaction() as repositories:
        for factory_id in ("bologna", "lumi"):
            repositories.factories.ensure(Factory(factory_id, factory_id.upper(), "A city", "IT", "a focus"))
            repositories.factories.ensure_cohort(Cohort(f"{factory_id}-1", factory_id, "First cohort"))
        for person in PEOPLE:
            repositories.people.add(person)
        for course_id in ("data-pipelines", "onboarding"):
            repositories.courses.ensure(Course(course_id, course_id.title(), "A summary."))
            for factory_id in ("bologna", "lumi"):
                section = Section(f"{course_id}-{factory_id}", course_id, factory_id, "Open section", WHEN)
                repositories.courses.ensure_section(section)
        assignment = Assignment("data-pipelines", "dp4", BUNDLE.title, TASKS, BUNDLE.version, hardened=True)
        repositories.courses.release(assignment, blob, WHEN)
        for name, factory_id in (("ada", "bologna"), ("bob", "bologna"), ("cleo", "lumi")):
            repositories.enrolments.add(Enrolment(name, f"data-pipelines-{factory_id}", WHEN))
        repositories.factories.add_to_cohort("bologna-1", "ada")


def grade_all(academy: Academy, fraction: float = 1.0) -> None:
    """Grade whatever waits; every task earns this fraction of its points."""
    grade_next = GradeNext(academy.records, academy.blobs, FixedAutograder(fraction), academy.clock)
    while grade_next("a test") is not None:
        pass


class FakeHub:
    """The hub's API, as far as the portal asks it: tokens of people, and codes that are good once."""

    def __init__(self) -> None:
        self.tokens: dict[str, dict[str, object]] = {
            f"token-{p.id}": {"kind": "user", "name": p.id, "scopes": ["read:users:name!user"]} for p in PEOPLE
        }
        self.tokens["token-service"] = {"kind": "service", "name": "portal"}
        self.tokens["token-stranger"] = {"kind": "user", "name": "stranger"}
        self.codes: dict[str, str] = {}
        self.exchanged: list[Mapping[str, list[str]]] = []
        self.asked = 0
        self.is_away = False

    def client(self) -> HubClient:
        """The portal's client of this hub."""
        return HubClient("http://hub/hub/api", SECRET, transport=httpx.MockTransport(self))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as the hub does."""
        self.asked += 1
        if self.is_away:
            raise httpx.ConnectError("refused", request=request)
        if request.url.path == "/hub/api/oauth2/token":
            return self._exchange(parse_qs(request.content.decode()))
        if request.url.path == "/hub/api/user":
            person = self.tokens.get(request.headers.get("authorization", "").removeprefix("token "))
            return httpx.Response(200, json=person) if person else httpx.Response(403, json={"status": 403})
        return httpx.Response(200, json={"version": "6"})

    def _exchange(self, form: Mapping[str, list[str]]) -> httpx.Response:
        self.exchanged.append(form)
        name = self.codes.pop(form["code"][0], "")
        if not name or form["client_secret"] != [SECRET] or not form["code_verifier"][0]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json={"access_token": f"token-{name}", "token_type": "Bearer"})


def make_portal(academy: Academy, hub: FakeHub) -> FastAPI:
    """The portal of this academy with the fake hub."""
    return create_app(academy, hub_api_url="http://hub/hub/api", service_token=SECRET, prefix=PREFIX, hub=hub.client())


class Api(TestClient):
    """The REST API as one person's program uses it; paths are below ``/api/v1``."""

    def __init__(self, app: FastAPI, name: str = "") -> None:
        headers = {"Authorization": f"token token-{name}"} if name else {}
        super().__init__(app, f"http://academy.test{PREFIX}/api/v1", raise_server_exceptions=False, headers=headers)

    def hand_in(self, archive: bytes = ANSWER, course: str = "data-pipelines", name: str = "dp4") -> httpx.Response:
        """Hand in an archive."""
        return self.post(
            f"/courses/{course}/assignments/{name}/submissions",
            content=archive,
            headers={"Content-Type": "application/zip"},
        )
