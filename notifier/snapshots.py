"""Snapshots as frames. A thousand followers that return at once cost one look into the database."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as quoted

from notifier.cursor import Cursor
from notifier.entry import Frame
from notifier.hub import Hub, View
from notifier.journal import Journal
from notifier.store import Item
from notifier.topics import INBOX
from wire.times import rfc3339

#: One snapshot frame: well below what any client or proxy refuses.
_PAGE_BYTES = 256 * 1024
#: Views whose snapshot is kept for the next follower, and the largest one that is.
_KEPT, _KEPT_BYTES = 64, 2 * 1024 * 1024


@dataclass(frozen=True)
class Pages:
    """A whole snapshot: its frames, and the offset after which changes follow."""

    cursor: Cursor
    frames: list[Frame]


class Snapshots:
    """Reads each version of a view once. `inbox_newest` limits the snapshot of the topic `inbox`."""

    def __init__(self, journal: Journal, hub: Hub, inbox_newest: int) -> None:
        self._journal = journal
        self._hub = hub
        self._inbox_newest = inbox_newest
        self._kept: OrderedDict[View, tuple[int, asyncio.Task[Pages]]] = OrderedDict()

    async def of(self, view: View) -> Pages:
        """The state of `view`, at least as new as what has been told by now."""
        version = self._hub.newest(view.topic)
        kept = self._kept.get(view)
        if kept is None or kept[0] < version or (kept[1].done() and not _usable(kept[1])):
            kept = (version, asyncio.create_task(self._read(view)))
            self._keep(view, kept)
        return await asyncio.shield(kept[1])

    def _keep(self, view: View, kept: tuple[int, asyncio.Task[Pages]]) -> None:
        self._kept[view] = kept
        self._kept.move_to_end(view)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    async def _read(self, view: View) -> Pages:
        newest = self._inbox_newest if view.topic == INBOX else None
        cursor, items = await self._journal.snapshot(view.topic, view.prefix, newest)
        pages = Pages(cursor, await asyncio.to_thread(lambda: list(frames_of(view, cursor, items))))
        if sum(len(frame.wire) for frame in pages.frames) > _KEPT_BYTES:
            self._kept.pop(view, None)
        return pages


def frames_of(view: View, cursor: Cursor, items: Sequence[Item]) -> Iterator[Frame]:
    """Pages of about 256 KiB; at least one, even when there is nothing in it."""
    start = f'{{"type":"snapshot","topic":"{view.topic}","cursor":"{cursor}","items":['
    page: list[str] = []
    size = 0
    for item in items:
        if view.where and not view.holds(json.loads(item.data) if item.data else {}):
            continue
        if size > _PAGE_BYTES:
            yield Frame(f'{start}{",".join(page)}],"more":true}}'.encode())
            page, size = [], 0
        page.append(text_of(item))
        size += len(page[-1])
    yield Frame(f'{start}{",".join(page)}],"more":false}}'.encode())


def text_of(item: Item) -> str:
    """An entity as JSON: its key, its data or null, and when it was changed."""
    return f'{{"key":{quoted(item.key)},"data":{item.data or "null"},"at":"{rfc3339(item.at)}"}}'


def _usable(task: asyncio.Task[Pages]) -> bool:
    return not task.cancelled() and task.exception() is None
