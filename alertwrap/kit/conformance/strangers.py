"""Feeds that tell an alert what the contract allows and few programs expect. Production code, with a twist."""

from __future__ import annotations

from typing import Any

from alertwrap.stdin.feed import Feed
from alertwrap.stdin.world import CONFIG, Item
from alertwrap.stdout.protocol import MAX_LINE, line

#: It must not be spoken of.
STRANGER = "x_stranger"
#: The number of the ping.
PING = 4242
#: Brings line 1 close to what it may take.
_FILLER = MAX_LINE - 64 * 1024


class StrangeFeed(Feed):
    """Fields and types that do not exist yet, on and between the lines."""

    def _message(self, item: Item) -> dict[str, Any]:
        return {**super()._message(item), "x_new": {STRANGER: [1, None, {"deep": True}]}}

    def _rendered(self, item: Item, *more: Any) -> bytes:
        text = super()._rendered(item, *more)
        if self._once:
            return text  # one line, and then the end
        return text + line({"type": STRANGER, "at": "2026-01-01T00:00:00Z", "id": STRANGER, "data": {STRANGER: 1}})


class LongFeed(Feed):
    """Line 1 with a field of almost a megabyte."""

    def _message(self, item: Item) -> dict[str, Any]:
        message = super()._message(item)
        return {**message, "x_filler": "x" * _FILLER} if item.topic == CONFIG else message


class PingFeed(Feed):
    """A ping behind the first lines."""

    def _rendered(self, item: Item, *more: Any) -> bytes:
        text = super()._rendered(item, *more)
        return text + line({"type": "ping", "at": "2026-01-01T00:00:00Z", "seq": PING}) if text else text
