"""Background tasks of a service: they live and die together.

A loop that dies silently is the worst failure of all, so the first one to end unexpectedly is logged and ends the
process (`failed` is set; `serve` stops and exits with 70), and whoever supervises the process starts it anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()

_AGAIN_SECONDS = 1.0


class Tasks:
    """`start` each loop, `close` at the end: tasks are cancelled last-in-first-out and awaited."""

    def __init__(self) -> None:
        self.failed = asyncio.Event()
        self._tasks: list[asyncio.Task[Any]] = []

    def start(self, name: str, loop: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(loop, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)
        return task

    async def close(self) -> None:
        """May be called twice. A task that loses a cancellation (wait_for of Python 3.11 can) is cancelled again."""
        for task in self._tasks:
            task.remove_done_callback(self._ended)
        running = [task for task in reversed(self._tasks) if not task.done()]
        while running:
            for task in running:
                task.cancel()
            _, left = await asyncio.wait(running, timeout=_AGAIN_SECONDS)
            running = [task for task in running if task in left]
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            return
        log.error("a background task ended", task=task.get_name(), exc_info=task.exception())
        self.failed.set()
