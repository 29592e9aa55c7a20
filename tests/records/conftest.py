from collections.abc import Iterator

import pytest
from tests.support.databases import PostgresqlTemplate, SqliteTemplate, postgresql_template
from tests.support.records import FakeRecords, stocked

from factory_academy.records.store import RecordStore
from factory_academy.workflows.ports import Records


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> SqliteTemplate:
    return SqliteTemplate(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlTemplate]:
    with postgresql_template() as template:
        yield template


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> Iterator[str]:
    """A fresh migrated database, once of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_template").copy(tmp_path)
    else:
        with request.getfixturevalue("postgresql").copy() as url:
            yield url


@pytest.fixture
def store(database_url) -> Iterator[RecordStore]:
    store = RecordStore(database_url)
    stocked(store)
    yield store
    store.close()


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def records(request, tmp_path) -> Iterator[Records]:
    """Records with what ``stocked`` puts in, once of each kind: what holds for one must hold for all."""
    if request.param == "fake":
        records: Records = FakeRecords()
        stocked(records)
        yield records
        return
    if request.param == "sqlite":
        store = RecordStore(request.getfixturevalue("sqlite_template").copy(tmp_path))
        stocked(store)
        yield store
        store.close()
        return
    with request.getfixturevalue("postgresql").copy() as url:
        store = RecordStore(url)
        stocked(store)
        yield store
        store.close()
