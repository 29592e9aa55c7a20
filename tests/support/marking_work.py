"""Rubrics, marks and outcomes in which people have something to decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from factory_academy.domain.course import Task, TaskKind
from factory_academy.domain.grade import Cause, GradingOutcome, TaskScore, Verdict
from factory_academy.domain.marking import Mark, MarkKind
from factory_academy.domain.rubric import Criterion, Level, Rubric
from factory_academy.domain.submission import SubmissionState
from tests.support.records import NOON

ESSAY = Task("essay", 4.0, TaskKind.MANUAL, "Which rejection would you challenge?")
PLAN = Task("plan", 2.0, TaskKind.MANUAL, "A plan")
ODD = Task("odd", 3.0, TaskKind.HIDDEN, "Too odd for the judge")
LOAD = Task("load", 6.0, TaskKind.VISIBLE, "Load")
CLARITY = Criterion(
    "clarity",
    "Clarity",
    (
        Level("none", "Not there", 0, "Nothing can be followed."),
        Level("some", "Partly", 1, "The thread is lost in places."),
        Level("full", "Clear", 2, "A newcomer can follow it."),
    ),
)
DATA = Criterion(
    "data",
    "Data reasoning",
    (Level("none", "Not there", 0, "No data is named."), Level("full", "Sound", 6, "Each claim rests on data.")),
)
RUBRIC = Rubric("Three sentences", (CLARITY, DATA))


def for_people(*tasks: Task) -> GradingOutcome:
    """An outcome in which manual tasks and ``ODD`` wait for a person and all others passed."""
    scores = tuple(_score(task) for task in tasks)
    return GradingOutcome(SubmissionState.NEEDS_REVIEW, "A person decides the rest.", scores, environment="fake")


def _score(task: Task) -> TaskScore:
    if task.kind is TaskKind.MANUAL:
        return TaskScore(task.id, 0.0, task.points, task.kind, Verdict.MANUAL, title=task.title)
    if task.id == ODD.id:
        return TaskScore(task.id, 0.0, task.points, task.kind, Verdict.NOT_JUDGED, Cause.CONTRACT, title=task.title)
    return TaskScore(task.id, task.points, task.points, task.kind, Verdict.PASSED, title=task.title)


def mark(marker: str, earned: float, kind: MarkKind = MarkKind.INDEPENDENT, at: datetime = NOON, **more: Any) -> Mark:
    """A mark on the essay of submission ``s1``."""
    return replace(Mark("s1", ESSAY.id, marker, kind, earned, ESSAY.points, at), **more)


marks = st.builds(
    mark,
    st.sampled_from(["ann", "ben", "cy"]),
    st.sampled_from([0.0, 1.0, 1.5, 3.0, 4.0]),
    st.sampled_from(MarkKind),
)
