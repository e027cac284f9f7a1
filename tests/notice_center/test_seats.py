"""A host that does not answer leaves seats for the others."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from notice_center.seats import Seats

SLOW, OTHER = "https://Slow.example/a.png", "https://other.example/a.png"


async def sit(seats: Seats, url: str, sitting: list[str]) -> None:
    async with seats.take(url):
        sitting.append(url)
        await asyncio.Event().wait()


async def turns() -> None:
    """Let everybody go as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_host_that_hangs_holds_its_own_seats_and_no_other() -> None:
    seats, sitting = Seats(4, of_one_host=2), list[str]()
    hanging = [asyncio.create_task(sit(seats, SLOW, sitting)) for _ in range(10)]
    await turns()
    assert sitting == [SLOW] * 2
    async with asyncio.timeout(40), seats.take(OTHER):
        pass
    hanging[0].cancel()
    await turns()
    assert sitting == [SLOW] * 3, "who waits comes after who goes"
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


@pytest.mark.parametrize("url", ["data:image/png;base64,", "http://[::", "https://one.example/"])
async def test_there_are_so_many_seats_in_all(url: str) -> None:
    seats = Seats(3, of_one_host=2)
    async with AsyncExitStack() as stack:
        for number in range(3):
            await stack.enter_async_context(seats.take(f"https://{number}.example/"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), seats.take(url):
                pass
    async with asyncio.timeout(40), seats.take(url):
        pass
