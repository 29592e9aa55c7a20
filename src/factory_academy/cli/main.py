"""The ``factory-academy`` command: its help is its documentation."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import typer

from factory_academy import __version__
from factory_academy.errors import AcademyError

COMMANDS = {"up": "up:up", "doctor": "doctor:doctor", "grader": "grader:grader"}
GROUPS = ("grade", "gradebook", "person", "course", "credential")


def command_line(word: str | None = None) -> typer.Typer:
    """All commands, or only what a line that begins with ``word`` can mean: the rest takes seconds to import."""
    app = typer.Typer(
        name="factory-academy",
        help="An AI training environment: GPU notebook sessions, trustworthy grading, verifiable credentials.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_nothing_first)
    app.command("version")(version)
    is_known = word in ("version", *COMMANDS, *GROUPS)
    for name, place in COMMANDS.items():
        if name == word or not is_known:
            module, _, function = place.partition(":")
            app.command(name)(getattr(_module(module), function))
    for name in GROUPS:
        if name == word or not is_known:
            app.add_typer(_module(name).app, name=name)
    return app


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"factory_academy.cli.{name}")


def _nothing_first() -> None:
    """With this, a lone command keeps its name."""


def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command; a refusal is two lines on stderr and exit code 1, never a traceback."""
    try:
        command_line(sys.argv[1] if len(sys.argv) > 1 else None)()
    except AcademyError as error:
        typer.echo(f"{error}", err=True)
        if error.next_step:
            typer.echo(f"Next: {error.next_step}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
