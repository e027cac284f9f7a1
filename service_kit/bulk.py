"""Many rows in one statement: on hot paths SQLAlchemy's layer for each value costs more than the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Column, Connection, Table, Text

from service_kit.times import micros

#: Rows in one statement on SQLite: its driver lets other threads in at each statement, and waits to be let in again.
_PORTIONS = (256, 64, 16, 4, 1)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Insert `rows` in their order. Each has a value for every column in the table's order, but for a counted id.

    Times are aware datetimes, as `Time` takes them.
    """
    if not rows:
        return
    values = _plain(rows)
    if connection.dialect.name == "sqlite":
        for some in _portions(values):
            connection.exec_driver_sql(_insert_sqlite(table, len(some)), tuple(chain.from_iterable(some)))
    else:
        connection.exec_driver_sql(_insert_postgres(table), tuple(map(list, zip(*values, strict=True))))


def update_rows(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Overwrite rows. Each has a value for every column in the table's order; the first column is the primary key."""
    if rows:
        values = [(*row[1:], row[0]) for row in _plain(rows)]
        connection.exec_driver_sql(_update(table, "?" if connection.dialect.name == "sqlite" else "%s"), values)


def _plain(rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    return [tuple([micros(value) if type(value) is datetime else value for value in row]) for row in rows]


def _portions(rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """In few sizes, so that few statements are prepared; large ones first."""
    start = 0
    for size in _PORTIONS:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


@cache
def _insert_sqlite(table: Table, rows: int) -> str:
    names = [_name(column.name) for column in _given(table)]
    values = ", ".join([f"({', '.join('?' * len(names))})"] * rows)
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {values}"  # noqa: S608 - names of our own tables


@cache
def _insert_postgres(table: Table) -> str:
    names = ", ".join(_name(column.name) for column in _given(table))
    arrays = ", ".join("%s::text[]" if isinstance(column.type, Text) else "%s::bigint[]" for column in _given(table))
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own tables


@cache
def _update(table: Table, mark: str) -> str:
    key, *others = [_name(column.name) for column in table.c]
    values = ", ".join(f"{name} = {mark}" for name in others)
    return f"UPDATE {table.name} SET {values} WHERE {key} = {mark}"  # noqa: S608 - names of our own tables


def _given(table: Table) -> list[Column[Any]]:
    return [column for column in table.c if column.autoincrement is not True]


def _name(name: str) -> str:
    return f'"{name}"'
