"""What an Otter source says about itself, read key by key; what has no equal here is reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from factory_academy.curriculum.otter.report import Report
from factory_academy.errors import BadCourse

Points = float | list[float | None] | None

_WITHOUT_EFFECT = frozenset(
    {"init_cell", "check_all_cell", "export_cell", "tests", "run_tests", "config_file", "channel_priority_strict",
     "suppress_no_tests_warning", "save_environment", "ignore_modules", "overwrite_requirements"}
)  # fmt: skip
_NOT_CARRIED = {
    "requirements": "packages are not installed on import; see that the environment of the graders has them",
    "environment": "packages are not installed on import; see that the environment of the graders has them",
    "python_version": "work is run by the Python of the graders",
    "solutions_pdf": "no PDF is made",
    "template_pdf": "no PDF is made",
    "plugins": "plugins are not run; write their checks as tests",
    "generate": "settings of Otter's own autograder do not apply here",
    "runs_on": "sessions run here",
}


@dataclass(frozen=True, slots=True)
class Seed:
    """A variable that has one value while trainees work and another while their work is graded."""

    variable: str
    while_graded: int
    while_working: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Those settings of an assignment that have an effect here."""

    title: str = ""
    files: tuple[str, ...] = ()
    grader_files: tuple[str, ...] = ()
    handed_in: tuple[str, ...] = ()
    by_example: bool = True
    shows_points: bool = False
    strips_all_cells: bool = False
    seed: Seed | None = None


@dataclass(frozen=True, slots=True)
class QuestionSettings:
    """Those settings of a question that have an effect here. ``each``: points for each test."""

    name: str
    is_manual: bool = False
    points: Points = None
    each: float | None = None
    all_or_nothing: bool = False


def read_settings(values: Mapping[str, Any], report: Report) -> Settings:
    """The settings of an assignment.

    Raises:
        BadCourse: a value has the wrong shape.
    """
    where = f"{report.where}, ASSIGNMENT CONFIG"
    tests, export = _table(values.get("tests"), f"{where}, tests"), values.get("export_cell")
    handed_in = export.get("files", []) if isinstance(export, dict) else []
    _report_the_rest(values, report)
    return Settings(
        title=str(values.get("name") or ""),
        files=_names(values.get("files"), f"{where}, files"),
        grader_files=_names(values.get("autograder_files"), f"{where}, autograder_files"),
        handed_in=(
            *_names(values.get("student_files"), f"{where}, student_files"),
            *_names(handed_in, f"{where}, export_cell: files"),
        ),
        by_example=tests.get("ok_format", True) is not False,
        shows_points=values.get("show_question_points") is True,
        strips_all_cells=values.get("strip_solutions_from_all_cells") is True,
        seed=_seed(_table(values.get("seed"), f"{where}, seed"), report),
    )


def read_question(values: Mapping[str, Any], where: str) -> QuestionSettings:
    """The settings of a question.

    Raises:
        BadCourse: it has no name, or points that are none.
    """
    name = values.get("name")
    if not isinstance(name, str | int | float) or isinstance(name, bool) or not str(name).strip():
        raise BadCourse(f"{where}: the question has no name.", "Add a line `name: q1` under `# BEGIN QUESTION`.")
    points = values.get("points")
    each = points.get("each", 1) if isinstance(points, dict) else None
    plain = None if isinstance(points, dict) else points
    listed = plain if isinstance(plain, list) else [plain]
    if not all(value is None or _is_number(value) for value in (*listed, each)):
        raise BadCourse(f"{where}: points {points!r} of {name} are no numbers of at least 0.", "Mend `points:`.")
    return QuestionSettings(str(name), values.get("manual") is True, plain, each, values.get("all_or_nothing") is True)


def _report_the_rest(values: Mapping[str, Any], report: Report) -> None:
    known = {"name", "files", "autograder_files", "student_files", "show_question_points", "seed"}
    for key in sorted(values.keys() - known - _WITHOUT_EFFECT - {"strip_solutions_from_all_cells"}):
        value = values[key]
        if value not in (None, False, [], {}, "default"):
            report.add(key, _NOT_CARRIED.get(key, "this setting is not known here and has no effect"))


def _seed(values: Mapping[str, Any], report: Report) -> Seed | None:
    variable, graded, working = (values.get(k) for k in ("variable", "autograder_value", "student_value"))
    if isinstance(variable, str) and variable.isidentifier() and type(graded) is int and type(working) is int:
        return Seed(variable, graded, working)
    if values:
        report.add("seed", "generators are seeded anew for each run here, not with a value of the assignment")
    return None


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if value is None or isinstance(value, bool):
        return {}
    if not isinstance(value, dict):
        raise BadCourse(f"{where}: expected lines of `key: value`, got {str(value)[:60]!r}.", "Mend the setting.")
    return value


def _names(value: Any, where: str) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value or []
    if not isinstance(listed, list) or not all(isinstance(name, str) and name for name in listed):
        raise BadCourse(f"{where}: expected a list of file names, got {str(value)[:60]!r}.", "Mend the setting.")
    return tuple(listed)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
