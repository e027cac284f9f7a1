"""Background tasks live and die together."""

from __future__ import annotations

import asyncio

from service_kit.tasks import Tasks


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_task_that_fails_or_ends_is_noticed() -> None:
    async def fails() -> None:
        raise KeyError("gone")

    async def ends() -> None:
        return

    for loop in (fails, ends):
        tasks = Tasks()
        tasks.start("good", forever())
        tasks.start("bad", loop())
        async with asyncio.timeout(40):
            await tasks.failed.wait()
        await tasks.close()


async def test_closing_cancels_all_the_last_first_and_is_no_failure() -> None:
    ended: list[int] = []

    async def loop(number: int) -> None:
        try:
            await forever()
        finally:
            ended.append(number)

    tasks = Tasks()
    for number in range(3):
        tasks.start(str(number), loop(number))
    await asyncio.sleep(0)
    await tasks.close()
    await tasks.close()
    assert ended == [2, 1, 0]
    assert not tasks.failed.is_set()


async def test_a_task_that_loses_one_cancellation_is_cancelled_again() -> None:
    async def deaf_once() -> None:
        try:
            await forever()
        except asyncio.CancelledError:
            await forever()

    tasks = Tasks()
    tasks.start("deaf", deaf_once())
    await asyncio.sleep(0)
    async with asyncio.timeout(40):
        await tasks.close()
