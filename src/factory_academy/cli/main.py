"""The ``factory-academy`` command: its help is its documentation."""

from __future__ import annotations

import sys

import typer

from factory_academy import __version__
from factory_academy.cli import course, credential, doctor, grade, grader, person, up
from factory_academy.errors import AcademyError

app = typer.Typer(
    name="factory-academy",
    help="An AI training environment: GPU notebook sessions, trustworthy grading, verifiable credentials.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("up")(up.up)
app.command("doctor")(doctor.doctor)
app.command("grader")(grader.grader)
app.add_typer(person.app, name="person")
app.add_typer(course.app, name="course")
app.add_typer(credential.app, name="credential")
app.add_typer(grade.app, name="grade")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command; a refusal is two lines on stderr and exit code 1, never a traceback."""
    try:
        app()
    except AcademyError as error:
        typer.echo(f"{error}", err=True)
        if error.next_step:
            typer.echo(f"Next: {error.next_step}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
