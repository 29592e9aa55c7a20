"""An academy without servers: records, blobs and one released assignment, in a home of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from factory_academy.bootstrap import Academy
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Course, Section
from factory_academy.domain.enrolment import Enrolment
from factory_academy.domain.factory import Factory
from factory_academy.domain.person import Person, Role
from factory_academy.domain.submission import Submission
from factory_academy.records.migrate import migrate
from factory_academy.settings import Settings
from tests.support.grading_work import answer, answers, assignment, check

BEGAN = datetime(2026, 9, 1, tzinfo=UTC)
DOUBLE = assignment(
    answer("double", "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"),
    check("test-double", "assert double(2) == 4", points=2),
)


def headless_academy(home: Path, bundle: AssignmentBundle = DOUBLE, **settings: object) -> Academy:
    """The academy, with the assignment released and a trainee ``ada`` in its course."""
    home.mkdir(parents=True, exist_ok=True)
    academy = Academy(Settings(home=home, **settings))
    migrate(academy.settings.records_url)
    with academy.records.transaction() as repositories:
        repositories.factories.ensure(Factory("bologna", "Bologna", "Bologna", "IT", "AI"))
        repositories.courses.ensure(Course(bundle.course_id, "Course"))
        repositories.courses.ensure_section(Section("now", bundle.course_id, "bologna", "Now", BEGAN))
        repositories.people.add(Person("ada", "Ada Example", Role.TRAINEE))
        repositories.enrolments.add(Enrolment("ada", "now", BEGAN))
    academy.release_assignment(bundle)
    return academy


def hand_in(academy: Academy, count: int, source: str = "def double(x):\n    return x + x") -> list[Submission]:
    """So many different submissions of ada's."""
    works = [answers(DOUBLE, double=f"{source}  # {number}") for number in range(count)]
    return [academy.submit("ada", "course", "work", work) for work in works]
