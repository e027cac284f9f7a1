"""The composition root of the configurator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from configurator import changes, kinds, mirror, store, tables
from configurator.collection import Collection
from configurator.guesses import Guesses
from configurator.last_uses import keep_last_uses
from configurator.passwords import Passwords
from configurator.routes.accounts import account_routes
from configurator.routes.alerts import alert_routes
from configurator.routes.audit import audit_routes
from configurator.routes.configs import config_routes
from configurator.routes.judging import judging_routes
from configurator.routes.recipients import recipient_routes
from configurator.routes.session import session_routes
from configurator.routes.tokens import token_routes
from configurator.sessions import Sessions
from configurator.settings import Settings
from configurator.tokens import OwnTokens
from notifier.client import NotifierClient, tell_uses
from service_kit.app import Part, build_app
from service_kit.database import open_database
from service_kit.guard import open_guard
from service_kit.outbox import Outbox
from service_kit.peer import Peers
from service_kit.settings import Common
from service_kit.system import Inside, outbox_queue
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
        guard = await stack.enter_async_context(open_guard(common))
        own_tokens = OwnTokens(database, guard.tokens, outbox)

        await database.write(changes.tell_all)
        await own_tokens.reload()
        stack.push_async_callback(tasks.close)
        tasks.start("configurator outbox", outbox.run())
        if not database.is_sqlite:
            tasks.start("configurator tokens", own_tokens.keep_reloading())

        async def ready() -> None:
            await database.read(store.answers)

        configs = Collection(kinds.CONFIG, database, outbox)
        recipients = Collection(kinds.RECIPIENT, database, outbox)
        passwords = Passwords()
        stack.callback(passwords.close)
        own = settings.configurator
        sessions = Sessions(database, own_tokens, outbox, passwords, Guesses(database, guard.tokens.bootstrap), own)
        tasks.start("configurator sessions", sessions.sweep())
        for topic in mirror.TOPICS:
            tasks.start(f"configurator mirror of {topic}", mirror.keep_true(topic, notifier, database, outbox))
        tasks.start("configurator token uses", tell_uses(notifier, guard.tokens))
        tasks.start("configurator last uses", keep_last_uses(notifier, database))
        yield build_app(
            Part(
                name="configurator",
                title="alertwrap configurator",
                routers=[
                    judging_routes(configs),  # before the configs: their paths look like ids
                    config_routes(configs),
                    recipient_routes(recipients, own_tokens),
                    alert_routes(Collection(kinds.ALERT, database, outbox)),
                    token_routes(database, own_tokens),
                    account_routes(database, sessions, own.invite, common.public_url),
                    session_routes(database, sessions, guard, common.public_url),
                    audit_routes(database),
                ],
                guard=guard,
                registry=CollectorRegistry(),
                http=common.http,
                ready=ready,
                hot={},
                inside=Inside(database, lambda connection, _: [outbox_queue(connection, tables.outbox)]),
            )
        )
