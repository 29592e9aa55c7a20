"""When an assignment is due and what lateness costs, from ``[deadline]`` in its ``assignment.toml``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from factory_academy.curriculum.tables import Table, read_table
from factory_academy.domain.course import Assignment
from factory_academy.domain.lateness import LatePolicy
from factory_academy.errors import BadCourse


def with_deadline(assignment: Assignment, folder: Path) -> Assignment:
    """The assignment with the deadline that its folder names; neither date nor policy is part of its version.

    Raises:
        BadCourse: a value cannot be understood; the message names file, key, expected and got.
    """
    table = read_table(folder / "assignment.toml").table("deadline")
    if table is None:
        return assignment
    due_at = table.moment("due_at")
    try:
        policy = _policy(table)
    except ValueError as error:
        raise BadCourse(f"{table.where}: {error}", "Mend the value it names.") from error
    table.finish()
    return replace(assignment, due_at=due_at, late_policy=policy)


def _policy(table: Table) -> LatePolicy:
    cut_off = table.number("cut_off_hours", None)
    return LatePolicy(
        per_day_fraction=table.number("per_day", 0.0) or 0.0,
        fixed_fraction=table.number("fixed", 0.0) or 0.0,
        floor_fraction=table.number("floor", 0.0) or 0.0,
        grace=timedelta(hours=table.number("grace_hours", 0.0) or 0.0),
        cut_off=None if cut_off is None else timedelta(hours=cut_off),
    )
