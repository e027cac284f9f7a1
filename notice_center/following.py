"""Followed topics: what the notifier says of configs and recipients goes into the tables in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from notice_center.directory import Directories
from notifier.frames import Change, Snapshot


class Notifier(Protocol):
    """What is needed of the notifier's client."""

    def follow(self, topic: str) -> AsyncIterator[Snapshot | Change]: ...


async def follow_configs(notifier: Notifier, directories: Directories, on_change: Callable[[], None]) -> None:
    """Keep the configs up to date for ever, and say when they changed."""
    async for heard in notifier.follow("config"):
        if isinstance(heard, Snapshot):
            directories.replace_configs(heard.items.items())
        else:
            directories.put_config(heard.key, heard.data)
        on_change()


async def follow_recipients(notifier: Notifier, directories: Directories) -> None:
    """Keep the recipients up to date for ever."""
    async for heard in notifier.follow("recipient"):
        if isinstance(heard, Snapshot):
            directories.replace_recipients(heard.items.items())
        else:
            directories.put_recipient(heard.key, heard.data)
