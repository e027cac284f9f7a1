"""How many pictures are fetched at a time: they are held in memory, and the host that they come from may be slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from weakref import WeakValueDictionary


class Seats:
    """`limit` in all, of one host `of_one_host`: the rest is for others when it does not answer."""

    def __init__(self, limit: int, of_one_host: int) -> None:
        self._all = asyncio.Semaphore(limit)
        self._of_one_host = of_one_host
        self._hosts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def take(self, url: str) -> AsyncIterator[None]:
        """Wait for a seat, and hold it. Who waits for a host takes no seat from anybody."""
        host = _host(url)
        own = self._hosts.setdefault(host, asyncio.Semaphore(self._of_one_host))
        async with own, self._all:
            yield


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
