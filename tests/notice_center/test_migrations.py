"""The tables in the code are what the migrations make."""

from __future__ import annotations

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from notice_center.app import MIGRATIONS
from notice_center.tables import metadata
from service_kit.database import open_database


def test_the_metadata_equals_the_sum_of_the_migrations(database_url: str) -> None:
    database = open_database(database_url, MIGRATIONS)
    try:
        with database.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    finally:
        asyncio.run(database.close())
