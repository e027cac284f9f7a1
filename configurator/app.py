"""The composition root of the configurator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from configurator import changes, kinds, store, tables
from configurator.collection import Collection
from configurator.routes.alerts import alert_routes
from configurator.routes.configs import config_routes
from configurator.routes.recipients import recipient_routes
from configurator.routes.tokens import token_routes
from configurator.settings import Settings
from configurator.tokens import OwnTokens
from notifier.client import NotifierClient
from service_kit.app import Part, build_app
from service_kit.auth import TokenTable
from service_kit.database import open_database
from service_kit.outbox import Outbox
from service_kit.peer import Peers
from service_kit.settings import Common
from service_kit.tasks import Tasks

MIGRATIONS = Path(__file__).parent / "migrations"


@asynccontextmanager
async def open_app(settings: Settings, common: Common, peers: Peers, tasks: Tasks) -> AsyncIterator[ASGIApp]:
    """Open the configurator; leaving the block stops it."""
    async with AsyncExitStack() as stack:
        database = open_database(common.database_url(settings.configurator.database, "configurator"), MIGRATIONS)
        stack.push_async_callback(database.close)
        notifier = NotifierClient(peers.to("notifier"))
        stack.push_async_callback(notifier.close)
        outbox = Outbox(database, tables.outbox, notifier.publish_texts)
        tokens = TokenTable(common.bootstrap())
        own_tokens = OwnTokens(database, tokens)

        await database.write(changes.tell_all)
        await own_tokens.reload()
        stack.push_async_callback(tasks.close)
        tasks.start("configurator outbox", outbox.run())
        if not database.is_sqlite:
            tasks.start("configurator tokens", own_tokens.keep_reloading())

        async def ready() -> None:
            await database.read(store.answers)

        recipients = Collection(kinds.RECIPIENT, database, outbox)
        yield build_app(
            Part(
                name="configurator",
                title="alertwrap configurator",
                routers=[
                    config_routes(Collection(kinds.CONFIG, database, outbox)),
                    recipient_routes(recipients, own_tokens),
                    alert_routes(Collection(kinds.ALERT, database, outbox)),
                    token_routes(database, own_tokens, outbox),
                ],
                tokens=tokens,
                registry=CollectorRegistry(),
                http=common.http,
                ready=ready,
                hot={},
            )
        )
