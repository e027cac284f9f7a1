"""Bulk rows are the same rows, in the same order, as the layer above the driver would have written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, select

from service_kit.bulk import insert_rows, update_rows
from service_kit.engine import normalise
from service_kit.times import Time

AT = datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize("count", [0, 1, 5, 255, 256, 257, 1_023])
def test_rows_arrive_whole_and_in_order(database_url: str, count: int) -> None:
    metadata = MetaData()
    table = Table(
        "thing", metadata,
        Column("id", Integer, primary_key=True, autoincrement=True), Column("order", Text), Column("at", Time),
        Column("n", Integer),
    )  # fmt: skip
    engine = create_engine(normalise(database_url))
    with engine.begin() as connection:
        metadata.create_all(connection)
        insert_rows(connection, table, [(f"ж%s?{n}", AT if n % 2 else None, n or None) for n in range(count)])
        expected = [(n + 1, f"ж%s?{n}", AT if n % 2 else None, n or None) for n in range(count)]
        assert [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))] == expected
        update_rows(connection, table, [(n + 1, None, AT, 7) for n in range(0, count, 2)])
        changed = [(n + 1, None, AT, 7) if n % 2 == 0 else expected[n] for n in range(count)]
        assert [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))] == changed
    engine.dispose()
