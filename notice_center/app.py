"""The composition root: builds the notice center from top to bottom; what is started registers its stop."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from msg_sender.client import MsgSenderClient
from notice_center import emissions, inside, retention, step_store
from notice_center.act_routes import act_router
from notice_center.acts import Acts
from notice_center.delivery_routes import delivery_router
from notice_center.directory import Directories
from notice_center.folder import Folder
from notice_center.following import follow_configs, follow_recipients
from notice_center.forwarder import Forwarder
from notice_center.inbox_routes import inbox_router
from notice_center.intake import Intake
from notice_center.notice_routes import notice_router
from notice_center.overview_routes import overview_router
from notice_center.panel import Panel, panel_router
from notice_center.picture_routes import picture_router
from notice_center.progress import Progress, watch_backlog
from notice_center.settings import Settings
from notice_center.tables import outbox as outbox_table
from notice_center.trail_routes import trail_router
from notifier.client import NotifierClient, follow_tokens, tell_uses
from service_kit.app import Part, build_app
from service_kit.database import open_database
from service_kit.egress import Egress
from service_kit.guard import open_guard
from service_kit.outbox import Outbox
from service_kit.peer import Peers
from service_kit.settings import Common, SettingsError
from service_kit.system import Inside
from service_kit.tasks import Tasks

NAME = "notice_center"
MIGRATIONS = Path(__file__).parent / "migrations"
POST_NOTICES = ("POST", "/api/v1/notices")


@asynccontextmanager
async def open_app(settings: Settings, common: Common, peers: Peers, tasks: Tasks) -> AsyncIterator[ASGIApp]:
    """The notice center, running until the block is left."""
    async with AsyncExitStack() as stack:
        url = common.database_url(settings.notice_center.database, NAME)
        database = await asyncio.to_thread(open_database, url, MIGRATIONS)
        stack.push_async_callback(database.close)
        if database.is_sqlite:  # its lock proves that no other center lives
            await database.write(step_store.inherit, await database.now())
        notifier = NotifierClient(peers.to("notifier"))
        stack.push_async_callback(notifier.close)
        sender = MsgSenderClient(peers.to("msg_sender"))
        stack.push_async_callback(sender.close)

        egress = _open_egress(common)
        stack.push_async_callback(egress.close)
        keep = timedelta(days=settings.notice_center.keep_days)

        registry = CollectorRegistry()
        guard = await stack.enter_async_context(open_guard(common))
        tokens = guard.tokens
        directories = Directories()
        progress = Progress(await database.read(emissions.last_accepted), await database.read(emissions.last_folded))
        watch_backlog(registry, progress)
        outbox = Outbox(database, outbox_table, notifier.publish_texts)
        acts = Acts(database, outbox)
        forwarder = Forwarder(database, directories, sender, random.random)
        most = settings.notice_center.max_backlog
        folder = Folder(
            database, directories, progress, on_steps=forwarder.wake, on_events=outbox.wake, max_backlog=most
        )
        intake = Intake(database, guard, progress, common.http, most)

        loops = {
            "tokens": follow_tokens(notifier, tokens),
            "token uses": tell_uses(notifier, tokens),
            "configs": follow_configs(notifier, directories, forwarder.wake),
            "recipients": follow_recipients(notifier, directories),
            "folder": folder.run(),
            "outbox": outbox.run(),
            "forwarder": forwarder.run(),
            "acts": acts.run(),
            "retention": retention.run(database, keep),
        }
        stack.push_async_callback(_stop, [tasks.start(f"{NAME}.{name}", loop) for name, loop in loops.items()])

        async def ready() -> str | None:
            missing = [] if tokens.synced else ["tokens"]
            missing += [f"{topic}s" for topic in directories.missing]
            return f"waiting for the notifier's {', '.join(missing)}" if missing else None

        yield build_app(
            Part(
                NAME, "alertwrap notice center",
                routers=[
                    notice_router(database, progress),
                    trail_router(database, progress, sender, directories, keep),
                    picture_router(database, progress, egress),
                    delivery_router(database, progress, sender),
                    act_router(database, progress, acts),
                    inbox_router(database, progress, outbox, acts),
                    overview_router(database, progress),
                ],
                guard=guard, registry=registry, http=common.http, ready=ready, hot={POST_NOTICES: intake},
                pages=panel_router(Panel()), inside=Inside(database, inside.queues),
            )
        )  # fmt: skip


async def _stop(running: list[asyncio.Task[None]]) -> None:
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def _open_egress(common: Common) -> Egress:
    try:
        return Egress(common.egress.allow)
    except ValueError as error:
        raise SettingsError([f"ALERTWRAP_EGRESS__ALLOW: {error}"]) from None
