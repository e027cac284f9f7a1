"""The composition root of the message sender."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import Connection
from starlette.types import ASGIApp

from msg_sender import health_store, store
from msg_sender.channels.registry import CHANNELS
from msg_sender.cleaning import cleaner
from msg_sender.desk import Desk
from msg_sender.intake import Intake
from msg_sender.retention import keep_forgetting
from msg_sender.routes import messages_router
from msg_sender.settings import Settings
from msg_sender.worker import Bench
from notifier.client import NotifierClient, follow_tokens, tell_uses
from service_kit.addresses import parse_allowed
from service_kit.app import Part, build_app
from service_kit.database import open_database
from service_kit.egress import Egress
from service_kit.guard import open_guard
from service_kit.peer import Peers
from service_kit.settings import Common, SettingsError
from service_kit.system import Inside, Queue
from service_kit.tasks import Tasks

MIGRATIONS = Path(__file__).parent / "migrations"


@contextlib.asynccontextmanager
async def open_app(settings: Settings, common: Common, peers: Peers, tasks: Tasks) -> AsyncIterator[ASGIApp]:
    """Open the store, then the channels, then the workers; leaving the block stops them in the opposite order."""
    try:
        parse_allowed(common.egress.allow)
    except ValueError as error:
        raise SettingsError([f"ALERTWRAP_EGRESS__ALLOW: {error}"]) from None
    async with contextlib.AsyncExitStack() as stack:
        database = open_database(common.database_url(settings.msg_sender.database, "msg_sender"), MIGRATIONS)
        stack.push_async_callback(database.close)
        if database.is_sqlite:  # its lock proves that no other sender lives
            await database.write(store.inherit, await database.now())
        registry = CollectorRegistry()
        attempts = Counter(
            "alertwrap_message_attempts_total", "Attempts to send.", ["channel", "outcome"], registry=registry
        )
        bench = Bench(
            database,
            cleaner(settings, common.token),
            random.random,
            lambda channel, outcome: attempts.labels(channel, outcome).inc(),
        )
        desk = Desk(settings, partial(Egress, common.egress.allow), bench)
        stack.push_async_callback(desk.close)
        guard = await stack.enter_async_context(open_guard(common))
        tokens = guard.tokens
        intake = Intake(database, guard, list(CHANNELS), common.http.max_batch, desk.wake)
        notifier = NotifierClient(peers.to("notifier"))
        stack.push_async_callback(notifier.close)

        async def ready() -> str | None:
            await database.now()
            return None if tokens.synced else "the tokens are still being loaded"

        part = Part(
            name="msg_sender", title="alertwrap message sender", routers=[messages_router(database, intake, desk)],
            guard=guard, registry=registry, http=common.http, ready=ready,
            hot={("POST", "/api/v1/messages"): intake}, inside=Inside(database, _queues),
        )  # fmt: skip
        app = build_app(part)
        forgetting = keep_forgetting(database, timedelta(days=settings.msg_sender.keep_days))
        running = [
            tasks.start("msg_sender tokens", follow_tokens(notifier, tokens)),
            tasks.start("msg_sender token uses", tell_uses(notifier, tokens)),
            tasks.start("msg_sender retention", forgetting),
            *desk.start(tasks),
        ]
        stack.push_async_callback(stop, running)
        yield app


def _queues(connection: Connection, now: datetime) -> list[Queue]:
    """Messages that wait for nothing but a worker, by channel."""
    late = health_store.due(connection, now)
    return [Queue(name=one.channel, waiting=one.count, oldest_at=one.oldest) for one in late]


async def stop(running: Sequence[asyncio.Task[Any]]) -> None:
    """End our own loops; those of other services in this process go on."""
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
