"""From the trials of all notebooks to one outcome: exactly one terminal state, with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from factory_academy.domain.course import Task, TaskKind
from factory_academy.domain.grade import Cause, CellRun, TaskScore, Verdict
from factory_academy.domain.submission import SubmissionState
from factory_academy.grading.trials.trial import Trial
from factory_academy.grading.trials.verdict_lines import cell_runs, task_scores
from factory_academy.grading.work.plan import ManualAnswer

_WORST_FIRST = (
    SubmissionState.REFUSED,
    SubmissionState.UNREADABLE,
    SubmissionState.MISSING,
    SubmissionState.TIMEOUT,
    SubmissionState.OUT_OF_MEMORY,
    SubmissionState.CRASHED,
    SubmissionState.EXITED,
    SubmissionState.NEEDS_REVIEW,
    SubmissionState.GRADED,
)
_OUT_OF_TIME = "Your work did not finish within {:g} seconds and was stopped."


@dataclass(slots=True)
class Part:
    """What one notebook gave: scores of its tasks, cells, notes, and states with reasons (the worst one counts)."""

    scores: dict[str, TaskScore] = field(default_factory=dict)
    cells: tuple[CellRun, ...] = ()
    notes: tuple[str, ...] = ()
    states: list[tuple[SubmissionState, str]] = field(default_factory=list)


def part_of_trial(
    trial: Trial, tasks: Mapping[str, Task], manual: Sequence[ManualAnswer], notes: Iterable[str]
) -> Part:
    """The part of a notebook that was tried."""
    part = Part(notes=tuple(notes))
    part.scores = {answer.task.id: _manual_score(answer) for answer in manual}
    part.scores |= task_scores(trial.lines, {i: t for i, t in tasks.items() if t.kind is not TaskKind.MANUAL})
    part.cells = cell_runs(trial.lines, trial.limits.output_bytes)
    part.states += [_state_of_loss(loss.cause, loss.how, loss.text) for loss in trial.losses]
    if trial.out_of_time:
        part.states.append((SubmissionState.TIMEOUT, _OUT_OF_TIME.format(trial.limits.total_seconds)))
    for line in trial.lines:
        part.states += _states_of_cell(str(line.get("label", "")), line.get("names")) if line["t"] == "cell" else []
    part.states += _states_of_causes(part.scores.values())
    why = _OUT_OF_TIME.format(trial.limits.total_seconds) if trial.out_of_time else "Your code's process was gone."
    cause = Cause.TIME if trial.out_of_time else Cause.ENDED
    for task in tasks.values():
        part.scores.setdefault(task.id, not_run(task, cause, why))
    return part


def part_without_trial(tasks: Mapping[str, Task], state: SubmissionState, reason: str) -> Part:
    """The part of a notebook that could not be tried."""
    return Part(
        {task.id: not_run(task, Cause.MISSING_NAME, reason) for task in tasks.values()}, states=[(state, reason)]
    )


def not_run(task: Task, cause: Cause, reason: str) -> TaskScore:
    """A task that was never reached."""
    return TaskScore(task.id, 0.0, task.points, task.kind, Verdict.NOT_RUN, cause, title=task.title, message=reason)


def state_of(parts: Sequence[Part], scores: Sequence[TaskScore]) -> tuple[SubmissionState, str]:
    """The state of the whole submission and the sentence that explains it."""
    found = [state for part in parts for state in part.states]
    for state in _WORST_FIRST:
        reasons = [reason for one, reason in found if one is state]
        if reasons:
            return state, reasons[0]
    waiting = [score for score in scores if score.verdict in (Verdict.MANUAL, Verdict.NOT_JUDGED)]
    if waiting:
        count = f"{len(waiting)} task" + ("s wait" if len(waiting) > 1 else " waits")
        return SubmissionState.NEEDS_REVIEW, f"{count} for a person; all others have their verdict."
    return SubmissionState.GRADED, "Every task has its verdict."


def _manual_score(answer: ManualAnswer) -> TaskScore:
    task = answer.task
    if answer.untouched:
        words = "Nothing was written here."
        return TaskScore(task.id, 0.0, task.points, task.kind, Verdict.FAILED, Cause.NONE, task.title, words)
    return TaskScore(
        task.id, 0.0, task.points, task.kind, Verdict.MANUAL, title=task.title, message="A person marks this."
    )


def _state_of_loss(cause: Cause, how: str, text: str) -> tuple[SubmissionState, str]:
    if cause is Cause.TIME:
        return SubmissionState.TIMEOUT, text
    if cause is Cause.MEMORY:
        return SubmissionState.OUT_OF_MEMORY, text
    return (SubmissionState.EXITED if how == "exited" else SubmissionState.CRASHED), text


def _states_of_cell(label: str, names: object) -> list[tuple[SubmissionState, str]]:
    raised = names if isinstance(names, list) else []
    if "SystemExit" in raised:
        return [(SubmissionState.EXITED, f"The cell {label} ends the program (sys.exit or exit); take that out.")]
    if "MemoryError" in raised:
        return [(SubmissionState.OUT_OF_MEMORY, f"The cell {label} needed more memory than there is.")]
    return []


def _states_of_causes(scores: Iterable[TaskScore]) -> list[tuple[SubmissionState, str]]:
    return [
        (state, f"{score.title or score.task_id}: {score.message}")
        for score in scores
        for cause, state in ((Cause.TIME, SubmissionState.TIMEOUT), (Cause.MEMORY, SubmissionState.OUT_OF_MEMORY))
        if score.verdict is Verdict.FAILED and score.cause is cause
    ]
