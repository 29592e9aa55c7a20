"""The few statements that SQLite and PostgreSQL share but standard SQL does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from factory_academy.records.rows.base import Row

Item = TypeVar("Item")


def insert(db: Session, row: type[Row]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can have ON CONFLICT."""
    table = _table(row)
    return postgresql.insert(table) if db.get_bind().dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(db: Session, row: type[Row], values: dict[str, Any]) -> bool:
    """Whether the row was added; False where a unique constraint already has one like it."""
    added = insert(db, row).values(values).on_conflict_do_nothing().returning(*_table(row).primary_key)
    return db.execute(added).first() is not None


def upsert(db: Session, row: type[Row], values: dict[str, Any]) -> None:
    """Add the row, or bring the one with this primary key up to date. Rows read before are read again when used."""
    keys = [column.name for column in _table(row).primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    db.execute(insert(db, row).values(values).on_conflict_do_update(index_elements=keys, set_=rest))
    db.expire_all()


def in_parts(items: Sequence[Item], size: int = 10_000) -> Iterator[Sequence[Item]]:
    """The items in parts that fit into one statement: databases limit its parameters (SQLite 32,766)."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _table(row: type[Row]) -> Table:
    table = row.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{row.__name__} is not mapped to a table")
    return table
