"""From how a test ended to its verdict. No record is no pass, and a test out of bounds cannot pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from factory_academy.domain.grade import Cause, Verdict
from factory_academy.grading import messages
from factory_academy.grading.author.scoring import missed_hints, missed_labels
from factory_academy.grading.border.rules import ContractBreach, Rules
from factory_academy.grading.judging.cells import Finished, TestCell, TestTimeout, score_of
from factory_academy.grading.messages import Told

_OUT_OF_BOUNDS = (
    "your code gives another kind of thing than the reference solution does, such as an own object for data"
)
Hints = Mapping[str, Sequence[str]]


def judged(
    cell: TestCell, finished: Finished, rules: Rules, missing: frozenset[str], trainees: frozenset[str]
) -> dict[str, Any]:
    """The record of a test that ran."""
    error = finished.error
    if rules.breaches or isinstance(error, ContractBreach):
        return _out_of_bounds(cell, rules.breaches)
    if isinstance(error, TestTimeout):
        return record(cell, Verdict.FAILED, Cause.TIME, Told("The test took longer than it may."))
    if error is not None:
        return _failed(cell, error, rules, missing)
    score = score_of(finished, cell, trainees)
    if isinstance(score, str):
        return record(cell, Verdict.NOT_JUDGED, Cause.NONE, messages.not_judged(score))
    if rules.taints and score > 0:
        return _out_of_bounds(cell, rules.taints)
    if rules.refusals and score < cell.points:
        return _out_of_bounds(cell, rules.refusals)
    if score == cell.points:
        return record(cell, Verdict.PASSED, Cause.NONE, Told(""), score)
    missed = {"expected": missed_labels(finished.marks), "next_step": missed_hints(finished.marks)}
    if score == 0:
        return record(cell, Verdict.FAILED, Cause.ASSERTION, Told("The test gave no points.", **missed))
    return record(cell, Verdict.PARTLY, Cause.NONE, Told(f"{score:g} of {cell.points:g} points.", **missed), score)


def earns_all(cell: TestCell, finished: Finished, trainees: frozenset[str]) -> bool:
    """Whether a test came to its end with all its points, whatever else stands against it."""
    return finished.error is None and score_of(finished, cell, trainees) == cell.points


def lost(cell: TestCell, cause: Cause, why: str, expected: str = "") -> dict[str, Any]:
    """The record of the test during which the trainee's process was lost."""
    return record(cell, Verdict.FAILED, cause, Told(why, expected))


def not_run(cell: TestCell, cause: Cause, why: str) -> dict[str, Any]:
    """The record of a test that was never reached."""
    return record(cell, Verdict.NOT_RUN, cause, Told(f"This was not reached: {why}"))


def record(cell: TestCell, verdict: Verdict, cause: Cause, told: Told, earned: float = 0.0) -> dict[str, Any]:
    """One line for the worker."""
    return {
        "t": "task",
        "id": cell.task_id,
        "earned": earned,
        "verdict": verdict.value,
        "cause": cause.value,
        **told.as_fields(),
    }


def with_hint(line: dict[str, Any], hints: Hints) -> dict[str, Any]:
    """The record with the first hint of its code as next step, where the check named none."""
    levels = hints.get(line["code"], ())
    if line["code"] and not line["next_step"] and levels:
        return {**line, "next_step": str(levels[0])[: messages.LONGEST]}
    return line


def _out_of_bounds(cell: TestCell, reasons: Sequence[str]) -> dict[str, Any]:
    words = _OUT_OF_BOUNDS if cell.hidden or not reasons else "; ".join(reasons)
    return record(cell, Verdict.NOT_JUDGED, Cause.CONTRACT, messages.not_judged(words))


def _failed(cell: TestCell, error: BaseException, rules: Rules, missing: frozenset[str]) -> dict[str, Any]:
    cause = messages.cause_of(error, missing)
    if cause is Cause.MISSING_NAME:
        return record(cell, Verdict.FAILED, cause, messages.missing_name(str(getattr(error, "name", ""))))
    if rules.refusals:
        return _out_of_bounds(cell, rules.refusals)
    told = messages.told_of(error, cell.source, cell.task_id, cell.title, cell.hidden)
    return record(cell, Verdict.FAILED, cause, told)
