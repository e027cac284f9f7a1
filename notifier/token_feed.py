"""The notifier's own token table, fed from its own journal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

import structlog

from notifier.append import Arrival
from notifier.client import USES_SECONDS, uses
from notifier.entry import Entry
from notifier.follow import Stream
from notifier.journal import Journal
from notifier.topics import TOKEN
from service_kit.auth import TokenTable
from service_kit.problems import Unavailable
from wire.event import Event
from wire.ids import new_id
from wire.times import utc_now

log = structlog.get_logger()

#: A token that expires closes its sockets at most this much later.
_LOOK_SECONDS = 2.0


async def load(tokens: TokenTable, journal: Journal) -> None:
    """Take the tokens that the journal holds."""
    _, items = await journal.snapshot(TOKEN, "", None)
    tokens.replace((item.key, json.loads(item.data)) for item in items if item.data)


def feed(tokens: TokenTable, entries: Iterable[Entry]) -> None:
    """Take the changes among `entries`."""
    for entry in entries:
        if entry.topic == TOKEN:
            tokens.put(entry.key, entry.fields or None)


async def note_uses(tokens: TokenTable, journal: Journal) -> None:
    """The background loop that writes into the journal which tokens were used here."""
    while True:
        await asyncio.sleep(USES_SECONDS)
        try:
            await journal.append([_arrival(event) for event in uses(tokens, utc_now())])
        except Unavailable as error:
            log.info("uses of tokens could not be told", error=error.detail)


def _arrival(event: Event) -> Arrival:
    return Arrival(event.id or new_id(), event.topic, event.key, event.action, json.dumps(event.data), event.at)


async def watch_forever(tokens: TokenTable, stream: Stream) -> None:
    """The background loop that ends followers whose token is no longer valid: at once, or when it expires."""
    changed = asyncio.Event()
    stop = tokens.watch(changed.set)
    try:
        while True:
            changed.clear()
            stream.check(utc_now())
            try:
                await asyncio.wait_for(changed.wait(), _LOOK_SECONDS)
            except TimeoutError:
                continue
    finally:
        stop()
