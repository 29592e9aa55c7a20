import sqlite3
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from tests.support.autograder import outcome_of
from tests.support.records import TASKS, stocked
from tests.support.work import event_of, submission

from factory_academy.errors import InfrastructureFault
from factory_academy.records.engine import open_engine
from factory_academy.records.migrate import downgrade, is_current, migrate
from factory_academy.records.rows import Row
from factory_academy.records.store import RecordStore


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """A database with no tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'academy.db'}"
    name = f"empty_{abs(hash(str(tmp_path)))}"
    return request.getfixturevalue("postgresql").empty(name)


def tables(url: str) -> set[str]:
    engine = open_engine(url)
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def test_the_migrations_make_exactly_the_tables_of_the_rows(database_url):
    engine = open_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []
    engine.dispose()


def test_a_new_database_is_not_current_until_it_is_migrated(empty_url):
    assert not is_current(empty_url)
    migrate(empty_url)
    assert is_current(empty_url)
    migrate(empty_url)
    assert tables(empty_url) == set(Row.metadata.tables)


def test_a_database_in_use_can_go_back_and_forth(empty_url):
    migrate(empty_url)
    store = RecordStore(empty_url)
    stocked(store)
    with store.transaction() as repositories:
        repositories.submissions.add(submission())
        repositories.grades.add(event_of("s1", outcome_of(TASKS)), outcome_of(TASKS))
    store.close()
    downgrade(empty_url, "base")
    assert tables(empty_url) == set()
    assert not is_current(empty_url)
    migrate(empty_url)
    assert is_current(empty_url)
    stocked(RecordStore(empty_url))


def test_several_processes_may_migrate_at_once(empty_url):
    failures = []

    def run() -> None:
        try:
            migrate(empty_url)
        except InfrastructureFault as fault:
            failures.append(fault)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert is_current(empty_url)


def test_records_of_a_newer_version_are_left_alone(database_url):
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert not is_current(database_url)
    with pytest.raises(InfrastructureFault, match="another version"):
        migrate(database_url)


def test_records_that_were_never_set_up_say_so(tmp_path):
    store = RecordStore(f"sqlite:///{tmp_path / 'academy.db'}")
    with pytest.raises(InfrastructureFault, match="not set up") as refused, store.transaction() as repositories:
        repositories.people.is_empty()
    assert "factory-academy up" in refused.value.next_step


def test_only_their_owner_can_read_the_records(tmp_path):
    migrate(f"sqlite:///{tmp_path / 'new' / 'academy.db'}")
    connection = sqlite3.connect(tmp_path / "new" / "academy.db")
    connection.execute("UPDATE alembic_version SET version_num = version_num")
    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "new").iterdir()}
    connection.close()
    assert modes == dict.fromkeys(["academy.db", "academy.db-wal", "academy.db-shm"], 0o600)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
