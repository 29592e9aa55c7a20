"""``factory-academy grade try``: one notebook through sandbox and judge, as if handed in; nothing is recorded."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from factory_academy.bootstrap import open_academy
from factory_academy.domain.bundle import AssignmentBundle, zip_bytes
from factory_academy.domain.grade import GradingOutcome
from factory_academy.domain.submission import SubmissionState
from factory_academy.errors import BadCourse, CannotIsolate, NotFound

NOT_GRADED = 3


def try_(
    assignment: Annotated[str, typer.Argument(help="e.g. data-pipelines/dp4, or dp4 where one course has it.")],
    notebook: Annotated[Path, typer.Argument(help="The notebook; files that the assignment allows lie beside it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    course: Annotated[
        Path | None,
        typer.Option(help="The course's folder, ours or any of nbgrader's; default: the setting `courses`."),
    ] = None,
) -> None:
    """Grade one notebook and record nothing; exit code 0 when it is graded, 3 when it ends in any other state."""
    academy = open_academy()
    content = _read(notebook)
    found = find_bundle(assignment, academy.settings.courses, course)
    archive = zip_bytes(dict(_handed_in(found, notebook, content)))
    seed = int(hashlib.sha256(archive).hexdigest()[:8], 16)
    with closing(academy.autograder) as autograder:
        began = time.monotonic()
        try:
            hardened = autograder.record_contract(found)
        except BadCourse as error:
            if course is None:
                raise
            typer.echo(f"Not hardened: {error}", err=True)
            hardened = found
        reference_seconds = time.monotonic() - began
        try:
            outcome = autograder.grade(hardened, archive, seed)
        except CannotIsolate as error:
            outcome = GradingOutcome(SubmissionState.REFUSED, str(error))
    said = as_data(outcome, reference_seconds)
    typer.echo(json.dumps(said, indent=1, ensure_ascii=False) if as_json else "\n".join(_lines(said)))
    if outcome.state is not SubmissionState.GRADED:
        raise typer.Exit(NOT_GRADED)


def find_bundle(assignment: str, courses: Path, course: Path | None) -> AssignmentBundle:
    """The assignment as its source stands on disk.

    Raises:
        NotFound: there is none of that name, or several; the message says which there are.
        BadCourse: its course cannot be read.
    """
    course_name, _, name = assignment.rpartition("/")
    folders = (
        [course] if course else [file.parent for file in sorted(courses.glob(f"{course_name or '*'}/course.toml"))]
    )
    holding = [folder for folder in folders if course or (folder / "source" / name).is_dir()]
    if len(holding) > 1:
        known = ", ".join(f"{folder.name}/{name}" for folder in holding)
        raise NotFound(f"Several courses have an assignment {name!r}.", f"Name one of: {known}.")
    bundles = _bundles(holding[0]) if holding else ()
    for bundle in bundles:
        if bundle.name == name:
            return bundle
    known = ", ".join(bundle.name for bundle in bundles) or ", ".join(sorted(_known(courses))) or "none"
    where = course or courses
    raise NotFound(f"There is no assignment {assignment!r} in {where}.", f"There are: {known}.")


def _bundles(folder: Path) -> tuple[AssignmentBundle, ...]:
    """Imported here because reading courses takes a second that no other command of this group needs."""
    from factory_academy.curriculum.catalogue import read_course
    from factory_academy.curriculum.importing import import_course

    return (read_course(folder) if (folder / "course.toml").exists() else import_course(folder))[1]


def _known(courses: Path) -> Iterator[str]:
    for folder in courses.glob("*/source/*/"):
        yield f"{folder.parents[1].name}/{folder.name}"


def _read(notebook: Path) -> bytes:
    try:
        return notebook.read_bytes()
    except OSError as error:
        step = "Give the path of a notebook, e.g. work/dp4.ipynb."
        raise NotFound(f"{notebook} cannot be read: {error.strerror}.", step) from error


def _handed_in(bundle: AssignmentBundle, notebook: Path, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The notebook under the name that the assignment asks for, and what of its neighbours would be handed in."""
    only = bundle.notebooks[0] if len(bundle.notebooks) == 1 else notebook.stem
    if only not in bundle.notebooks:
        raise NotFound(
            f"{notebook.name} is none of the assignment's notebooks.",
            f"Name it as one of: {', '.join(f'{name}.ipynb' for name in bundle.notebooks)}.",
        )
    yield f"{only}.ipynb", content
    others = [f"{name}.ipynb" for name in bundle.notebooks if name != only]
    for pattern in (*others, *bundle.extra_files):
        for file in sorted(notebook.parent.glob(pattern)):
            if file.is_file() and file != notebook:
                yield file.relative_to(notebook.parent).as_posix(), file.read_bytes()


def as_data(outcome: GradingOutcome, reference_seconds: float) -> dict[str, Any]:
    """What ``--json`` prints. ``seconds``: the reference's run, this one's, and of it the cells' own."""
    return {
        "state": outcome.state.value,
        "reason": outcome.reason,
        "earned": outcome.earned,
        "possible": outcome.possible,
        "tasks": [
            {
                "id": task.task_id,
                "earned": task.earned,
                "possible": task.possible,
                "verdict": task.verdict.value,
                "cause": task.cause.value,
                "message": task.message,
            }
            for task in outcome.tasks
        ],
        "seconds": {
            "reference": round(reference_seconds, 3),
            "grading": outcome.seconds,
            "cells": round(sum(cell.seconds for cell in outcome.cells), 3),
        },
    }


def _lines(said: Mapping[str, Any]) -> Iterator[str]:
    for task in said["tasks"]:
        words = f"  {task['message']}" if task["message"] else ""
        yield f"{task['earned']:>6g} of {task['possible']:<6g} {task['id']:<28} {task['verdict']}{words}"
    yield f"{said['earned']:>6g} of {said['possible']:<6g} {said['state']}: {said['reason']}"
    yield f"{said['seconds']['grading']:.2f} s, of which cells {said['seconds']['cells']:.2f} s; nothing was recorded"
