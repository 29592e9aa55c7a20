"""Bring a database to the tables of this version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from factory_academy.errors import InfrastructureFault
from factory_academy.records.engine import open_engine
from factory_academy.records.faults import told_as_academy_errors

_MIGRATING = 7_305_002


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade to a revision, the newest if none is named. Already there, nothing changes.

    All of it is one transaction: it is done, or nothing was. Several processes may ask at once.

    Raises:
        BadSetting: the address is of no database that can keep records.
        InfrastructureFault: the database is away, or was written by a newer version of the academy.
    """
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Go back to an earlier revision, or to ``base``, which drops every table and all that is in it.

    Raises:
        InfrastructureFault: the database is away, or there is no such revision.
    """
    _run(url, lambda config: command.downgrade(config, revision))


def is_current(url: str) -> bool:
    """Whether the database has the tables of this version.

    Raises:
        InfrastructureFault: the database is away.
    """
    engine = open_engine(url)
    try:
        with told_as_academy_errors(), engine.connect() as connection:
            heads = set(MigrationContext.configure(connection).get_current_heads())
            return heads == set(ScriptDirectory.from_config(_config(connection)).get_heads())
    finally:
        engine.dispose()


def _run(url: str, act: Callable[[Config], None]) -> None:
    engine = open_engine(url)
    try:
        with told_as_academy_errors(), engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
            act(_config(connection))
    except CommandError as error:
        step = "Install the version of the academy that wrote them, or a newer one."
        raise InfrastructureFault(f"The records are of another version: {error}", step) from error
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
