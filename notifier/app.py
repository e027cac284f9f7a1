"""The composition root of the notifier."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from prometheus_client import CollectorRegistry, Gauge
from starlette.types import ASGIApp

from notifier import token_feed
from notifier.entry import Entry
from notifier.follow import Stream
from notifier.hub import Hub
from notifier.intake import Intake
from notifier.journal import MIGRATIONS, open_journal
from notifier.retention import forget_forever
from notifier.routes import router
from notifier.settings import Settings
from notifier.snapshots import Snapshots
from service_kit.app import Part, build_app
from service_kit.database import open_database
from service_kit.guard import open_guard
from service_kit.peer import Peers
from service_kit.problems import Unavailable
from service_kit.settings import Common
from service_kit.system import Inside
from service_kit.tasks import Tasks


@asynccontextmanager
async def open_app(settings: Settings, common: Common, peers: Peers, tasks: Tasks) -> AsyncIterator[ASGIApp]:
    """Open the journal, build the app, start what runs beside it; undo all of it at the end."""
    own = settings.notifier
    async with AsyncExitStack() as stack:
        database = open_database(common.database_url(own.database, "notifier"), MIGRATIONS)
        stack.push_async_callback(database.close)
        journal = await open_journal(database)
        guard = await stack.enter_async_context(open_guard(common))
        tokens = guard.tokens
        await token_feed.load(tokens, journal)

        hub = Hub(journal.start.offset)

        def tell(entries: Sequence[Entry]) -> None:
            hub.tell(entries)
            token_feed.feed(tokens, entries)

        journal.tell = tell
        stream = Stream(journal, hub, Snapshots(journal, hub, own.inbox_newest), guard, own.followers)
        intake = Intake(journal, guard, common.http)

        async def ready() -> str | None:
            try:
                await journal.page("readiness", "", "", 1)
            except Unavailable as problem:
                return problem.detail
            return None

        registry = CollectorRegistry()
        followers = Gauge("alertwrap_followers", "Open websockets.", registry=registry)
        followers.set_function(lambda: len(stream.followers))
        offset = Gauge("alertwrap_journal_offset", "Offset of the newest event that was told.", registry=registry)
        offset.set_function(lambda: hub.offset)

        tasks.start("retention", forget_forever(database, own))
        tasks.start("token uses", token_feed.note_uses(tokens, journal))
        tasks.start("token watch", token_feed.watch_forever(tokens, stream))
        yield build_app(
            Part(
                name="notifier", title="Notifier", routers=[router(journal, stream, guard)], guard=guard,
                registry=registry, http=common.http, ready=ready, hot={("POST", "/api/v1/events"): intake},
                inside=Inside(database, lambda *_: (), lambda: len(stream.followers)),
            )
        )  # fmt: skip
