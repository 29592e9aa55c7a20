"""What the judge wrote, read by a pure function: only known kinds of line, only known tasks, only scores in range."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from factory_academy.domain.course import Task
from factory_academy.domain.grade import Cause, CellRun, TaskScore, Verdict

_KINDS = ("cell", "task", "lost", "evaluator", "contract", "end")
_LONGEST = 2000
_MOST_PICTURES = 6
_LONGEST_PICTURE = 400_000
_PNG = re.compile(r"iVBORw0KGgo[A-Za-z0-9+/]+={0,2}", re.ASCII)
_TEXTS = ("message", "expected", "got", "next_step", "code")


def read_line(line: bytes) -> dict[str, Any] | None:
    """One line, or None if it is none that we know."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and said.get("t") in _KINDS else None


def task_scores(lines: Iterable[Mapping[str, Any]], tasks: Mapping[str, Task]) -> dict[str, TaskScore]:
    """The first verdict on each known task."""
    scores: dict[str, TaskScore] = {}
    for line in lines:
        task = tasks.get(str(line.get("id"))) if line["t"] == "task" else None
        if task is not None and task.id not in scores:
            scores[task.id] = _score(line, task)
    return scores


def cell_runs(lines: Iterable[Mapping[str, Any]], characters: int) -> tuple[CellRun, ...]:
    """The cells that ran, with at most so many characters of output each."""
    return tuple(_cell(line, characters) for line in lines if line["t"] == "cell" and not line.get("quiet"))


def _score(line: Mapping[str, Any], task: Task) -> TaskScore:
    try:
        verdict, cause = Verdict(line["verdict"]), Cause(line["cause"])
        earned = float(line["earned"])
    except (KeyError, ValueError, TypeError):
        verdict, cause, earned = Verdict.NOT_JUDGED, Cause.NONE, 0.0
    if not (math.isfinite(earned) and 0 <= earned <= task.points):
        verdict, earned = Verdict.NOT_JUDGED, 0.0
    texts: dict[str, Any] = {name: str(line.get(name, ""))[:_LONGEST] for name in _TEXTS}
    return TaskScore(task.id, earned, task.points, task.kind, verdict, cause, title=task.title, **texts)


def _is_png(told: object) -> bool:
    """Whether it is the base64 text of a PNG file of reasonable size."""
    return isinstance(told, str) and len(told) <= _LONGEST_PICTURE and _PNG.fullmatch(told) is not None


def _cell(line: Mapping[str, Any], characters: int) -> CellRun:
    seconds = line.get("seconds")
    return CellRun(
        label=str(line.get("label", ""))[:200],
        seconds=round(float(seconds), 3) if isinstance(seconds, int | float) and math.isfinite(seconds) else 0.0,
        output=str(line.get("output", ""))[:characters],
        error=str(line.get("error", ""))[:_LONGEST],
        pictures=tuple(filter(_is_png, line.get("pictures", ())))[:_MOST_PICTURES],
    )
