"""``factory-academy grade status|drain|requeue``: the queue and its workers, as an operator handles them."""

from __future__ import annotations

import getpass
import json
import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from factory_academy.bootstrap import open_academy
from factory_academy.domain.waiting import Wait
from factory_academy.errors import BadInput
from factory_academy.workflows.queue.status import QueueStatus

STILL_HELD = 4
LOOK_SECONDS = 0.5


def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what waits, what is being graded by whom, and what could not be graded."""
    found = open_academy().view_queue()
    typer.echo(json.dumps(as_data(found), indent=1) if as_json else "\n".join(_lines(found)))


def drain(
    resume: Annotated[bool, typer.Option("--resume", help="Let workers take submissions again.")] = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait until nothing is being graded.", min=0)] = 0.0,
) -> None:
    """Let workers finish what they hold and take nothing new; exit code 4 while they still grade after --wait."""
    academy = open_academy()
    if resume:
        typer.echo(f"Grading goes on; {_count(academy.drain.resume(), 'submission')} waiting.")
        return
    held, until = academy.drain(getpass.getuser()), time.monotonic() + wait
    while held and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        held = academy.view_queue().held
    typer.echo(f"Workers take nothing new. Still being graded: {held}.")
    typer.echo("Go on with: factory-academy grade drain --resume")
    if held and wait:
        raise typer.Exit(STILL_HELD)


def requeue(
    submissions: Annotated[list[str] | None, typer.Argument(help="Ids of submissions that ended as our fault.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """List what could not be graded and why; try these submissions, or --all, once more. It costs no attempt."""
    academy = open_academy()
    dead = academy.dead_letters(None)
    if submissions and all_:
        raise BadInput("Expected ids of submissions or --all, got both.", "Leave one out.")
    if not submissions and not all_:
        for letter in dead:
            typer.echo(f"{letter.id}  {letter.assignment_id}  {letter.trainee_id}  {letter.reason}")
        typer.echo(f"{_count(len(dead), 'submission')} could not be graded.")
        return
    wanted = [letter.id for letter in dead] if all_ else submissions or []
    for submission_id in wanted:
        academy.requeue(submission_id, None)
        typer.echo(f"{submission_id} is tried again")


def as_data(status: QueueStatus) -> dict[str, Any]:
    """The shape of ``--json``: seconds are numbers, instants ISO 8601."""
    age = status.oldest_age
    return {
        "waiting": status.waiting,
        "held": status.held,
        "courses": {course: {"waiting": queue.waiting, "held": queue.held} for course, queue in status.courses.items()},
        "oldest_seconds": None if age is None else round(age.total_seconds(), 1),
        "workers": [
            {"id": w.id, "begun_at": w.begun_at.isoformat(), "seen_at": w.seen_at.isoformat(), "holds": w.submission_id}
            for w in status.workers
        ],
        "dead_letters": status.dead_letters,
        "drained_since": status.paused_at.isoformat() if status.paused_at else None,
        "until_empty": _wait_as_data(status.until_empty),
    }


def _wait_as_data(wait: Wait | None) -> dict[str, Any] | None:
    if wait is None:
        return None
    return {"low_seconds": wait.low_seconds, "high_seconds": wait.high_seconds, "unknown_because": wait.unknown_because}


def _lines(status: QueueStatus) -> Iterator[str]:
    if status.paused_at:
        yield f"Drained since {status.paused_at:%Y-%m-%d %H:%M:%S} UTC: workers take nothing new."
    yield f"waiting {status.waiting}, being graded {status.held}, could not be graded {status.dead_letters}"
    if status.oldest_age is not None:
        yield f"the oldest waits for {status.oldest_age.total_seconds():.0f} s"
    if status.until_empty is not None:
        yield f"until all have their verdict: {_said(status.until_empty)}"
    for course, queue in status.courses.items():
        yield f"  {course}: waiting {queue.waiting}, being graded {queue.held}"
    yield f"workers: {len(status.workers)}"
    for worker in status.workers:
        silent = (status.at - worker.seen_at).total_seconds()
        holds = f"grades {worker.submission_id}" if worker.submission_id else "waits"
        yield f"  {worker.id}: {holds}, heard of {max(0.0, silent):.0f} s ago"


def _said(wait: Wait) -> str:
    if wait.low_seconds is None or wait.high_seconds is None:
        return f"unknown, {wait.unknown_because}"
    return f"{wait.low_seconds:.0f} to {wait.high_seconds:.0f} s"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
