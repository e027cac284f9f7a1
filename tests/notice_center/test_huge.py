"""Huge notices for many people: what goes to the notifier stays within what it takes, and all of it arrives."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2

from tests.notice_center.conftest import Town, get, post

PEOPLE = [f"u{number:02}" for number in range(15)]
NOTICES = 20
BEFORE_LAST = f"{PEOPLE[-1]}/n{NOTICES - 2:02}"


async def test_hundreds_of_huge_entries_reach_the_topic(town: Town, database_url: str) -> None:
    async with town.opened(database_url) as client:
        for number in range(NOTICES):
            await post(client, {"id": f"n{number:02}", "message": "x" * 200_000, "recipients": PEOPLE})
        async with asyncio.timeout(60):
            while not (await _after(client, BEFORE_LAST))["items"]:  # they are published in the order of the notices
                await asyncio.sleep(0.1)
        keys: list[str] = []
        while (page := await _after(client, keys[-1] if keys else "", limit=25))["items"]:
            keys += [item["key"] for item in page["items"]]
        assert keys == [f"{name}/n{number:02}" for name in PEOPLE for number in range(NOTICES)]


async def _after(client: httpx2.AsyncClient, key: str, limit: int = 1) -> Any:
    return await get(client, "/api/v1/topics/inbox", limit=limit, next=key)
