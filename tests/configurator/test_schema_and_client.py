"""The tables are the sum of the migrations; others reach us through the client."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from starlette.types import ASGIApp

from configurator.app import MIGRATIONS
from configurator.client import ConfiguratorClient, ConfiguratorError
from configurator.tables import metadata
from service_kit.database import open_database
from service_kit.peer import Peer
from service_kit.secrets import Secret
from tests.configurator.conftest import BOOTSTRAP, RecordingNotifier, configurator
from wire.config import Config
from wire.recipient import Recipient


async def test_the_tables_are_the_sum_of_the_migrations(database_url: str) -> None:
    database = open_database(database_url, MIGRATIONS)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    await database.close()


def client_of(app: ASGIApp, token: str = BOOTSTRAP) -> ConfiguratorClient:
    return ConfiguratorClient(Peer("http://configurator", Secret(token), app))


async def test_the_client_puts_and_lists(database_url: str, notifier: RecordingNotifier) -> None:
    async with configurator(database_url, notifier) as http:
        client = client_of(http.app)  # type: ignore[attr-defined]
        recipient = Recipient(id="u1", addresses={"email": "u1@example.org"})
        await client.put_recipient(recipient)
        await client.put_recipient(recipient)
        await client.put_recipient(recipient.model_copy(update={"name": "Una"}))
        assert (await http.get("/api/v1/recipients/u1")).json()["name"] == "Una"
        for number in range(3):
            await client.put_config(Config(id=f"c{number}", name="even" if number % 2 == 0 else "odd"))
        await client.put_config(Config(id="c0", name="even", enabled=False))
        found = [config async for config in client.configs("even")]
        assert [(config.id, config.enabled, config.revision) for config in found] == [("c0", False, 2), ("c2", True, 1)]
        assert len([config async for config in client.configs()]) == 3
        token = await client.create_token("panel", ["configs:read"])
        await client.close()

        reader = client_of(http.app, token)  # type: ignore[attr-defined]
        assert len([config async for config in reader.configs()]) == 3
        with pytest.raises(ConfiguratorError) as refused:
            await reader.put_recipient(recipient)
        assert refused.value.status == 403
        await reader.close()
