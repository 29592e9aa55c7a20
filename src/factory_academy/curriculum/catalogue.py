"""Courses as our own authors write them: a folder each, with ``course.toml`` and ``source/<assignment>/``."""

from __future__ import annotations

from pathlib import Path

from factory_academy.curriculum.assignment_folder import read_assignment
from factory_academy.curriculum.data import read_register
from factory_academy.curriculum.deadlines import with_deadline
from factory_academy.curriculum.tables import Table, read_table
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import Assignment, CertificateRule, Course, RegradePolicy
from factory_academy.errors import BadCourse

Reading = tuple[Course, tuple[AssignmentBundle, ...]]


def read_catalogue(courses: Path) -> tuple[Reading, ...]:
    """Every course of the folder, by place and id; folders without ``course.toml`` are passed over.

    Raises:
        BadCourse: one of them cannot be read, or a grade_id is used by two assignments of the catalogue.
    """
    found = [read_course(file.parent) for file in courses.glob("*/course.toml")]
    readings = tuple(sorted(found, key=lambda reading: (reading[0].place, reading[0].id)))
    owner: dict[str, str] = {}
    for _, bundles in readings:
        for bundle in bundles:
            mine = f"{bundle.course_id}/{bundle.name}"
            for task in bundle.tasks:
                if owner.setdefault(task.id, mine) != mine:
                    raise BadCourse(
                        f"{mine}: the grade_id {task.id!r} is used by {owner[task.id]} too.", "Rename one of them."
                    )
    return readings


def read_course(folder: Path) -> Reading:
    """A course of ours and its assignments, built.

    Raises:
        BadCourse: something in the folder cannot be understood; the message names file, expected and got.
    """
    table = read_table(folder / "course.toml")
    course_id = table.text("id")
    title, summary = table.text("title"), table.text("summary")
    component = table.text("component", "")
    names = table.texts("assignments")
    place = table.whole("place", 100) or 0
    certificate = _certificate(table.table("certificate"), names)
    policy = _regrade_policy(table)
    table.finish()
    if course_id != folder.name:
        raise BadCourse(f"{table.where}: id is {course_id!r}, expected the folder's name {folder.name!r}.", "Mend one.")
    if len(set(names)) != len(names):
        raise BadCourse(f"{table.where}: an assignment is listed twice: {', '.join(names)}.", "List each once.")
    register = read_register(folder.parent / "DATA.toml")
    bundles = tuple(read_assignment(folder / "source" / name, course_id, register) for name in names)
    assignments = tuple(with_deadline(as_assignment(b), folder / "source" / b.name) for b in bundles)
    try:
        course = Course(course_id, title, summary, component, assignments, certificate, place, policy)
    except ValueError as error:
        raise BadCourse(f"{table.where}: {error}", "Mend the value it names.") from error
    return course, bundles


def as_assignment(bundle: AssignmentBundle) -> Assignment:
    """The assignment of a bundle as built, before its reference ran."""
    return Assignment(
        course_id=bundle.course_id,
        name=bundle.name,
        title=bundle.title,
        tasks=bundle.tasks,
        version=bundle.version,
        source_version=bundle.version,
        hardened=bundle.is_hardened,
        max_seconds=int(bundle.limits.total_seconds),
        attempts_per_hour=bundle.attempts_per_hour,
    )


def _regrade_policy(table: Table) -> RegradePolicy:
    word = table.text("regrade", RegradePolicy.KEEP_BETTER)
    if word not in list(RegradePolicy):
        raise BadCourse(
            f"{table.where}: regrade is {word!r}, expected {' or '.join(RegradePolicy)}.",
            "Leave it out to let the better grade stand.",
        )
    return RegradePolicy(word)


def _certificate(table: Table | None, assignments: tuple[str, ...]) -> CertificateRule | None:
    if table is None:
        return None
    named = table.texts("assignments", assignments)
    unknown = [name for name in named if name not in assignments]
    if unknown:
        raise BadCourse(
            f"{table.where}: assignments names {unknown[0]!r}, which the course does not have.",
            f"Expected some of: {', '.join(assignments)}.",
        )
    try:
        rule = CertificateRule(
            title=table.text("title"),
            pass_fraction=table.number("pass_fraction", 0.7) or 0.0,
            assignments=named,
            eqf_level=table.whole("eqf_level", None),
            hours=table.number("hours", None),
            outcomes=table.texts("outcomes", ()),
            skills=table.pairs("skills"),
        )
    except ValueError as error:
        raise BadCourse(f"{table.where}: {error}", "Mend the value it names.") from error
    table.finish()
    return rule
