"""A database address → an engine whose transactions behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from factory_academy.errors import BadSetting, InfrastructureFault

BUSY_TIMEOUT_MS = 30_000
KNOWN = "Use sqlite:///<absolute path> or postgresql://<user>@<host>/<database>."


def open_engine(url: str) -> Engine:
    """The engine of a database address. Nothing is connected yet.

    Raises:
        BadSetting: it is no address of a SQLite file or a PostgreSQL database, or the driver is not installed.
    """
    address = _address(url)
    return _postgresql(address) if address.get_backend_name() == "postgresql" else _sqlite(address)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise BadSetting("The address of the records cannot be understood.", KNOWN) from error
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise BadSetting(f"Records cannot be kept in {address.drivername!r}.", KNOWN)
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        raise BadSetting("Records need a file: hub, portal and graders share it.", KNOWN)
    return address


def _postgresql(address: URL) -> Engine:
    try:
        return create_engine(
            address, pool_pre_ping=True, pool_size=10, max_overflow=30, connect_args={"connect_timeout": 10}
        )
    except ModuleNotFoundError as error:
        step = "Install it: pip install 'factory-academy[postgresql]'."
        raise BadSetting(f"The driver for PostgreSQL is missing: {error.name}.", step) from error


def _sqlite(address: URL) -> Engine:
    engine = create_engine(address, pool_size=10, max_overflow=30)
    event.listen(engine, "do_connect", lambda *_: _make_private(Path(str(address.database))))
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(file: Path) -> None:
    """Make sure that the file exists and that only its owner reads it: it holds hashes of passwords."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        step = "Make the folder writable for the academy, or set ACADEMY_HOME to one that is."
        raise InfrastructureFault(f"The records cannot be opened: {error}", step) from error


def _prepare(connection: SqliteConnection, _record: object) -> None:
    """Set up a new connection.

    ``synchronous=FULL`` writes through to the disk at each commit. NORMAL would be faster, but a power cut could
    take back a submission whose receipt was given.
    """
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Take the write lock at once: one that reads first and writes later may find that it cannot, and must fail."""
    reading = bool(connection.get_execution_options().get("postgresql_readonly"))
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
