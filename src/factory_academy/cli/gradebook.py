"""``factory-academy gradebook``: nbgrader's gradebook, for people who use formgrader."""

from __future__ import annotations

from typing import Annotated

import typer

from factory_academy.bootstrap import open_academy
from factory_academy.errors import NotFound

app = typer.Typer(help="nbgrader's gradebook, for formgrader and exporters.", no_args_is_help=True)


@app.callback()
def _nothing_first() -> None:
    """nbgrader's gradebook, for formgrader and exporters."""


@app.command()
def sync(
    course: Annotated[str, typer.Argument(help="The course.")],
    instructor: Annotated[str, typer.Option("--as", help="The instructor who uses formgrader; marks are theirs.")],
) -> None:
    """Take in the marks made in formgrader, then write the gradebook anew; exit code 3 if a mark was not taken."""
    academy = open_academy()
    with academy.records.reading() as repositories:
        person = repositories.people.find(instructor)
    if person is None:
        raise NotFound(f"There is nobody who signs in as {instructor!r}.", "Name an instructor of this course.")
    done = academy.sync_gradebook(person, course)
    for mark in done.taken:
        points = "a comment" if mark.points is None else f"{mark.points:g} points"
        typer.echo(f"taken in: {mark.trainee_id}  {mark.assignment_name}  {mark.task_id}  {points}")
    for refused in done.not_carried:
        mark = refused.mark
        typer.echo(
            f"NOT taken in: {mark.trainee_id}  {mark.assignment_name}  {mark.task_id}  "
            f"points {mark.points}  extra credit {mark.extra_credit:g}  comment {mark.comment!r}: {refused.why}"
        )
    typer.echo(f"wrote {done.works} works to {academy.settings.gradebooks / person.id / course}")
    raise typer.Exit(3 if done.not_carried else 0)
