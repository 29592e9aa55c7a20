"""``factory-academy person``: people who can sign in."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from factory_academy.bootstrap import open_academy
from factory_academy.domain.person import Person, Role
from factory_academy.errors import BadInput, NotFound

app = typer.Typer(help="Add people and reset their passwords.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Sign-in name: 1-30 of a-z 0-9 -, first a letter.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.TRAINEE,
    full_name: Annotated[str, typer.Option(help="As it should stand on a certificate.")] = "",
    factory: Annotated[str, typer.Option(help="The person's factory; empty means the default one.")] = "",
) -> None:
    """Add a person and print their first password, once."""
    academy = open_academy()
    factory_id = factory or academy.settings.default_factory
    try:
        person = Person(name, full_name or name, role, factory_id)
    except ValueError as error:
        raise BadInput(str(error)) from error
    password = secrets.token_urlsafe(12)
    with academy.records.transaction() as repositories:
        if repositories.factories.find(factory_id) is None:
            known = ", ".join(f.id for f in repositories.factories.all())
            raise NotFound(f"There is no factory {factory_id!r}.", f"Choose one of: {known}.")
        if repositories.people.find(name) is not None:
            raise BadInput(f"{name!r} exists already.", f"factory-academy person reset-password {name}")
        repositories.people.add(person, academy.passwords.hash(password))
    typer.echo(f"{name}  {password}")


@app.command("reset-password")
def reset_password(name: Annotated[str, typer.Argument(help="The sign-in name.")]) -> None:
    """Give a person a new random password and print it, once."""
    academy = open_academy()
    password = secrets.token_urlsafe(12)
    with academy.records.transaction() as repositories:
        if repositories.people.find(name) is None:
            raise NotFound(f"There is no person {name!r}.", f"factory-academy person add {name}")
        repositories.people.set_password_hash(name, academy.passwords.hash(password))
    typer.echo(f"{name}  {password}")
