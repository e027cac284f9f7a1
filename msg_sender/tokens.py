"""Keeps the table of tokens as the configurator has it."""

from __future__ import annotations

from notifier.client import NotifierClient
from notifier.frames import Snapshot
from service_kit.auth import TokenTable


async def follow_tokens(notifier: NotifierClient, tokens: TokenTable) -> None:
    """For ever: a revocation is here within moments."""
    async for value in notifier.follow("token"):
        if isinstance(value, Snapshot):
            tokens.replace(iter(value.items.items()))
        else:
            tokens.put(value.key, value.data)
