"""What grading said in the demo world: tasks of its assignments, and outcomes with expected, got and next step."""

from __future__ import annotations

from factory_academy.domain.course import Assignment, Task, TaskKind
from factory_academy.domain.grade import Cause, CellRun, GradingOutcome, TaskScore, Verdict
from factory_academy.domain.submission import SubmissionState

FLAWLESS = (0, 1, 2, 3, 4, 5, 6)

TASKS_ONB1 = (
    Task("onb1-t1", 4.0, TaskKind.VISIBLE, "Repair a cell from its error message"),
    Task("onb1-t2-visible", 2.0, TaskKind.VISIBLE, "Look up a factory by its name"),
    Task("onb1-t2-hidden", 4.0, TaskKind.HIDDEN, "Look up a factory by its name"),
    Task("onb1-t3-visible", 3.0, TaskKind.VISIBLE, "Place a task in one of the four components"),
    Task("onb1-t3-hidden", 7.0, TaskKind.HIDDEN, "Place a task in one of the four components"),
)
TASKS_DP1 = (
    Task("dp1-t1", 4.0, TaskKind.VISIBLE, "Read with explicit types"),
    Task("dp1-t2", 8.0, TaskKind.HIDDEN, "Local times to UTC, also at the change of the clock"),
    Task("dp1-t3", 8.0, TaskKind.HIDDEN, "Remove duplicates so that the latest record wins"),
)
TASKS_DP4 = (
    Task("dp4-t1", 3.0, TaskKind.VISIBLE, "Split by group"),
    Task("dp4-t2", 4.0, TaskKind.HIDDEN, "Split by time with an embargo"),
    Task("dp4-t3", 5.0, TaskKind.HIDDEN, "Fit the pipeline on training rows only"),
    Task("dp4-t4", 4.0, TaskKind.HIDDEN, "Encode the target out of fold"),
    Task("dp4-t5", 2.0, TaskKind.HIDDEN, "Find planted leaks"),
    Task("dp4-t6", 2.0, TaskKind.MANUAL, "Explain one leak from your own field"),
)
EXPLAINED = {
    "dp4-t3": (
        "Numbers learnt in training changed when only test rows were changed.",
        "mean of 'income' learnt from the 3,563 training rows: 129.4",
        "mean of 'income' after the test rows were multiplied by 1,000: 25,871.2",
        "Call fit on the training rows alone, and only transform the test rows.",
        "DP4-M1",
    ),
    "dp4-t5": (
        "Of 20 planted leaks, 13 were found.",
        "at least 18 of 20 found, at most 2 false alarms",
        "13 of 20 found, 0 false alarms; missed: columns that copy the target with a shift",
        "Compare each column with the target after ranking both, not only for equality.",
        "DP4-M4",
    ),
    "onb1-t2-hidden": (
        "A name in capital letters or with an accent was not found.",
        "factory('LINKÖPING') gives the row of Mimer",
        "KeyError: 'LINKÖPING'",
        "Compare names after taking case and accents away from both.",
        "ONB1-M1",
    ),
    "dp1-t2": (
        "A time that exists twice was read as the first of the two.",
        "2013-11-03 01:30 with fold=1 is 06:30 UTC",
        "2013-11-03 05:30 UTC",
        "Pass the fold on when you attach the time zone.",
        "DP1-M4",
    ),
}
CELLS = (
    CellRun("Cell 1", 0.61, "numpy 2.3, pandas 2.3, scikit-learn 1.7\n"),
    CellRun(
        "Cell 3, load the data",
        0.22,
        "(4454, 14)\n  Status  Seniority  Home  Time  Age\n0   good          9  rent    60   30\n",
    ),
    CellRun("Cell 5, dp4-t1", 0.04),
    CellRun("Cell 9, dp4-t3", 1.37, "fitted on 4454 rows\nUserWarning: Degrees of freedom <= 0 for slice\n"),
)
BROKEN_CELL = CellRun(
    "Cell 12, dp4-t5",
    0.02,
    "",
    "KeyError: \"['target_shifted'] not in index\"\n  in find_leaks, line 8: frame[columns]",
)


def outcome_for(assignment: Assignment, state: SubmissionState, reason: str, passed: tuple[int, ...]) -> GradingOutcome:
    """What grading said: the tasks whose place is in ``passed`` have all their points."""
    was_run = state not in (
        SubmissionState.UNREADABLE,
        SubmissionState.MISSING,
        SubmissionState.TOO_LARGE,
        SubmissionState.REFUSED,
        SubmissionState.INFRASTRUCTURE_FAILED,
    )
    ended = state not in (SubmissionState.GRADED, SubmissionState.NEEDS_REVIEW)
    return GradingOutcome(
        state,
        reason,
        tasks=tuple(_score(task, n in passed, ended) for n, task in enumerate(assignment.tasks)) if was_run else (),
        cells=(*CELLS, BROKEN_CELL) if was_run else (),
        notes=("Warnings on stderr cost no points.",) if was_run else (),
        environment="sha256:5e1f0c8d",
        seed=814_203_771,
        seconds=3.84,
    )


def _score(task: Task, passed: bool, ended: bool) -> TaskScore:
    if task.kind is TaskKind.MANUAL:
        return TaskScore(task.id, 0.0, task.points, task.kind, Verdict.MANUAL, title=task.title)
    if passed:
        return TaskScore(task.id, task.points, task.points, task.kind, Verdict.PASSED, title=task.title)
    if ended:
        return TaskScore(task.id, 0.0, task.points, task.kind, Verdict.NOT_RUN, Cause.ENDED, task.title)
    message, expected, got, next_step, code = EXPLAINED.get(
        task.id, ("", "12 of 12 statements placed", "9 of 12 statements placed", "Read the four components again.", "")
    )
    partly = task.id == "dp4-t5"
    return TaskScore(
        task.id, 1.0 if partly else 0.0, task.points, task.kind, Verdict.PARTLY if partly else Verdict.FAILED,
        Cause.ASSERTION, task.title, message, expected, got, next_step, code,
    )  # fmt: skip
