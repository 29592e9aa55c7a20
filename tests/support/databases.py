"""Migrated databases for tests: a template once, a copy for each test."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from factory_academy.records.migrate import migrate
from tests.support.postgres import private_cluster, server_binaries


class SqliteTemplate:
    """A migrated file; ``copy`` is a fresh database."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "template.db"
        migrate(f"sqlite:///{self._file}")

    def copy(self, folder: Path) -> str:
        file = folder / f"{uuid.uuid4().hex}.db"
        shutil.copy(self._file, file)
        return f"sqlite:///{file}"


class PostgresqlTemplate:
    """A migrated database of a private server; ``copy`` is a fresh database."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._admin = create_engine(_driven(f"{server}/postgres"), isolation_level="AUTOCOMMIT")
        self.empty("template_academy")
        migrate(f"{server}/template_academy")

    def empty(self, name: str) -> str:
        """A database with no tables."""
        self._tell(f"CREATE DATABASE {name}")
        return f"{self._server}/{name}"

    @contextmanager
    def copy(self) -> Iterator[str]:
        name = f"t{uuid.uuid4().hex}"
        self._tell(f"CREATE DATABASE {name} TEMPLATE template_academy")
        try:
            yield f"{self._server}/{name}"
        finally:
            self._tell(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._admin.dispose()

    def _tell(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def postgresql_template() -> Iterator[PostgresqlTemplate]:
    """On a new server; the test is skipped where none is installed, and fails for that under CI."""
    binaries = server_binaries()
    if binaries is None:
        why = "PostgreSQL's server is not installed: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with private_cluster(binaries) as server:
        template = PostgresqlTemplate(server)
        try:
            yield template
        finally:
            template.close()


def _driven(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
