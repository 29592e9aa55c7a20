"""What RecordStore says to addresses and databases that cannot be used."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from factory_academy.errors import BadSetting, InfrastructureFault
from factory_academy.records.rows.base import UtcDateTime
from factory_academy.records.store import RecordStore


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d"])
def test_an_address_that_keeps_no_records_is_refused_with_examples(url):
    with pytest.raises(BadSetting) as refused:
        RecordStore(url)
    assert "sqlite:///" in refused.value.next_step
    assert "secret" not in str(refused.value)


def test_a_server_that_is_away_is_told_in_words_without_its_password():
    store = RecordStore("postgresql://academy:secret@127.0.0.1:1/academy")
    with pytest.raises(InfrastructureFault) as refused, store.transaction() as repositories:
        repositories.people.is_empty()
    assert str(refused.value) == "The records cannot be reached."


def test_a_file_that_is_no_database_is_told_in_words(tmp_path):
    (tmp_path / "academy.db").write_text("This is a letter, not a database. " * 100)
    store = RecordStore(f"sqlite:///{tmp_path / 'academy.db'}")
    with pytest.raises(InfrastructureFault, match="damaged"), store.transaction() as repositories:
        repositories.people.is_empty()


def test_a_place_where_no_file_can_be_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = RecordStore(f"sqlite:///{tmp_path / 'file' / 'academy.db'}")
    with pytest.raises(InfrastructureFault, match="cannot be opened"), store.transaction() as repositories:
        repositories.people.is_empty()


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 3, 2), sqlite.dialect())


def test_an_instant_is_the_same_in_every_time_zone():
    tokyo = datetime(2026, 3, 2, 21, tzinfo=timezone(timedelta(hours=9)))
    assert UtcDateTime().process_bind_param(tokyo, sqlite.dialect()) == datetime(2026, 3, 2, 12, tzinfo=UTC)
