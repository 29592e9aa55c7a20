"""``factory-academy grade regrade``: grade an assignment's submissions again, look at what changes, then decide."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any

import typer

from factory_academy.bootstrap import Academy, open_academy
from factory_academy.domain.person import Person, Role
from factory_academy.domain.regrade import Decision, Direction, Regrade, RegradeState
from factory_academy.errors import BadInput, NotFound
from factory_academy.workflows.regrading.plan import REASON, Wanted
from factory_academy.workflows.regrading.report import RegradeReport, ReportLine

OPERATOR = Person("operator", "Operator", Role.OPERATOR)
WAIT_SECONDS = 0.25
SHOWN = 40


def regrade(
    assignment: Annotated[str, typer.Argument(help="course/assignment, e.g. data-pipelines/dp4.")],
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be tried and for whom; try nothing.")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Let the results of the open regrade count.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Let nothing of the open regrade count.")] = False,
    reason: Annotated[str, typer.Option(help="What was corrected, in a sentence; trainees read it.")] = REASON,
    latest: Annotated[bool, typer.Option("--latest", help="Only each trainee's latest submission.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Try every task, also those that did not change.")] = False,
    by: Annotated[str, typer.Option(help="In whose name; default: an operator's, for all trainees.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Try what the present version changes and show it; nothing counts before `--publish`. It goes on where it was."""
    if plan + publish + drop > 1:
        raise BadInput("Expected one of --plan, --publish and --drop, got several.", "Choose one.")
    course_id, _, name = assignment.partition("/")
    academy = open_academy()
    person = _person(academy, by)
    found = next((r for r in academy.list_regrades(course_id, name, person) if r.state.is_open), None)
    if found is None and (publish or drop):
        raise NotFound(f"No regrade of {assignment} is open.", "Run the command without this option first.")
    if found is None:
        found = academy.plan_regrade(course_id, name, person, Wanted(reason, latest_only=latest, whole=whole))
    if drop:
        academy.drop_regrade(found.id, person)
    elif publish:
        academy.publish_regrade(found.id, person)
    elif not plan and found.state.is_open:
        _run(academy, found, person)
    report = academy.view_regrade(found.id, person)
    typer.echo(json.dumps(as_data(report), indent=1, ensure_ascii=False) if as_json else "\n".join(lines(report)))


def _person(academy: Academy, by: str) -> Person:
    if not by:
        return OPERATOR
    with academy.records.reading() as repositories:
        person = repositories.people.find(by)
    if person is None:
        raise NotFound(f"There is no person {by!r}.", "Name an instructor or an operator.")
    return person


def _run(academy: Academy, found: Regrade, person: Person) -> None:
    """Work at it beside the grading workers, if there are any, until nothing is left."""
    academy.start_regrade(found.id, person)
    worker_id, said_at = f"{socket.gethostname()}-{os.getpid()}-regrade", 0.0
    with closing(academy.autograder):
        while True:
            tried = academy.regrade_next(worker_id)
            with academy.records.reading() as repositories:
                progress = repositories.regrades.progress(found.id)
            if progress.is_over:
                return
            if time.monotonic() - said_at > 2:
                said_at = time.monotonic()
                typer.echo(f"tried {progress.done + progress.failed} of {progress.units}", err=True)
            if not tried:
                time.sleep(WAIT_SECONDS)


def lines(report: RegradeReport) -> Iterator[str]:
    """The report for people."""
    regrade, progress = report.regrade, report.progress
    name = f"{regrade.course_id}/{regrade.assignment_name}"
    yield f"{name}  version {regrade.version[:12]}  {regrade.state}  {regrade.id}"
    if not report.lines:
        yield f"Nothing to do: no task differs for any of {regrade.untouched} submissions."
        return
    yield f"tasks that changed: {', '.join(regrade.changed) or 'none; only points or the list of tasks'}"
    yield (
        f"submissions: {len(report.lines)} touched, {regrade.untouched} untouched; runs: {progress.units}, "
        f"{progress.done} done, {progress.failed} failed; {regrade.cached} scores known without a run"
    )
    if not progress.is_over:
        yield f"still to try: about {report.time_left.total_seconds():.0f} s for one worker"
    up, down, same = (report.directions[d] for d in (Direction.UP, Direction.DOWN, Direction.SAME))
    yield f"{up} up, {down} down, {same} same; {_crossings(report)}; {report.refused} wait for a person"
    yield "  ".join(f"{decision}: {count}" for decision, count in report.decisions.items() if count)
    yield from _table(report)
    if report.keeps_certificate:
        yield f"They keep a certificate that they would no longer earn: {', '.join(report.keeps_certificate)}."
    yield from _next(report)


def as_data(report: RegradeReport) -> dict[str, Any]:
    """The report for programs."""
    regrade, progress = report.regrade, report.progress
    return {
        "id": regrade.id,
        "assignment": f"{regrade.course_id}/{regrade.assignment_name}",
        "version": regrade.version,
        "state": regrade.state,
        "policy": regrade.policy,
        "reason": regrade.reason,
        "planned_by": regrade.planned_by,
        "decided_by": regrade.decided_by,
        "changed": list(regrade.changed),
        "untouched": regrade.untouched,
        "cached": regrade.cached,
        "runs": {
            "all": progress.units,
            "done": progress.done,
            "failed": progress.failed,
            "tasks": progress.tasks_to_try,
        },
        "seconds_left": report.time_left.total_seconds(),
        "directions": dict(report.directions),
        "crossings": dict(report.crossings),
        "refused": report.refused,
        "decisions": dict(report.decisions),
        "keeps_certificate": list(report.keeps_certificate),
        "submissions": [_line_data(line) for line in report.lines],
    }


def _line_data(line: ReportLine) -> dict[str, Any]:
    data: dict[str, Any] = {
        "submission_id": line.item.submission_id,
        "trainee_id": line.item.trainee_id,
        "decision": line.decision,
        "problem": line.problem,
    }
    change = line.change
    if change is not None:
        data |= {
            "old": {"earned": change.old.earned, "possible": change.old.possible},
            "new": {"earned": change.new.earned, "possible": change.new.possible},
            "direction": change.direction,
            "crossing": change.crossing,
            "refused": list(change.refused),
            "tasks": [
                {
                    "id": task.task_id,
                    "old": task.old and {"earned": task.old.earned, "verdict": task.old.verdict},
                    "new": task.new and {"earned": task.new.earned, "verdict": task.new.verdict},
                }
                for task in change.tasks
            ],
        }
    return data


def _crossings(report: RegradeReport) -> str:
    return f"{report.crossings[Direction.UP]} come to pass, {report.crossings[Direction.DOWN]} no longer would"


def _table(report: RegradeReport) -> Iterator[str]:
    differ = [line for line in report.lines if line.problem or (line.change and line.change.tasks)]
    for line in differ[:SHOWN]:
        points = line.problem
        if line.change is not None:
            old, new = line.change.old, line.change.new
            tasks = ", ".join(task.task_id for task in line.change.tasks)
            points = f"{old.earned:g}/{old.possible:g} -> {new.earned:g}/{new.possible:g}  {tasks}"
        yield f"  {line.item.submission_id}  {line.item.trainee_id:<16} {points}  ({line.decision})"
    if len(differ) > SHOWN:
        yield f"  and {len(differ) - SHOWN} more; --json lists all"


def _next(report: RegradeReport) -> Iterator[str]:
    regrade = report.regrade
    name = f"factory-academy grade regrade {regrade.course_id}/{regrade.assignment_name}"
    if regrade.state.is_open and report.progress.is_over:
        yield f"Next: {name} --publish, or --drop."
    elif regrade.state is RegradeState.PLANNED:
        yield f"Next: {name} tries it; --drop forgets it."
    elif report.decisions[Decision.OUTDATED]:
        yield "What is outdated was graded again meanwhile: plan once more."
