"""``[[allow]]`` in assignment.toml: what honest work may do that no reference solution does."""

from __future__ import annotations

from collections.abc import Iterable

from factory_academy.curriculum.tables import Table
from factory_academy.domain.allowance import Allowance
from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.domain.course import TaskKind
from factory_academy.errors import BadCourse


def read_allowances(table: Table) -> tuple[Allowance, ...]:
    """The allowances of an assignment, in order.

    Raises:
        BadCourse: one has an unknown key, kind or way to a value, or allows nothing.
    """
    return tuple(_allowance(entry) for entry in table.tables("allow"))


def check_allowances(allowances: Iterable[Allowance], bundle: AssignmentBundle, where: str) -> None:
    """Refuse an allowance for something that no test decides.

    Raises:
        BadCourse: the message says which cells there are.
    """
    tests = [task.id for task in bundle.tasks if task.kind is not TaskKind.MANUAL]
    unknown = [name for allowance in allowances for name in allowance.tests if name not in tests]
    if unknown:
        raise BadCourse(
            f"{where} [[allow]]: tests names {unknown[0]!r}, which is no cell that a test decides.",
            f"Expected some of: {', '.join(tests)}.",
        )


def _allowance(entry: Table) -> Allowance:
    fields = entry.texts("tests"), entry.text("at"), entry.texts("kinds", ()), entry.truth("ignore_changes", False)
    entry.finish()
    try:
        return Allowance(*fields)
    except ValueError as error:
        raise BadCourse(f"{entry.where}: {error}.", "See `[[allow]]` in the course format.") from error
