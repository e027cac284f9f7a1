"""Group commit: what many callers add while one commit runs goes into the next commit together.

No delay is added: under light load each item is committed alone, under heavy load hundreds share one fsync.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from service_kit.problems import Unavailable

T = TypeVar("T")
R = TypeVar("R")

#: More than this waiting for the disk means the disk does not keep up: refuse rather than grow.
MAX_PENDING = 50_000
#: One commit's worth: larger groups gain nothing and make the others wait.
MAX_GROUP = 2_000


class GroupCommit(Generic[T, R]):
    """`commit` stores a group in one transaction and answers one result for each item, in order."""

    def __init__(self, commit: Callable[[Sequence[T]], Awaitable[Sequence[R]]]) -> None:
        self._commit = commit
        self._pending: list[tuple[Sequence[T], asyncio.Future[Sequence[R]]]] = []
        self._waiting = 0
        self._runner: asyncio.Task[None] | None = None

    async def add(self, items: Sequence[T]) -> Sequence[R]:
        """Returns when `items` are durable, with their results. Raises Unavailable when too much is waiting."""
        if self._waiting + len(items) > MAX_PENDING and self._waiting:
            raise Unavailable("storage does not keep up; try again", code="storage-behind")
        future: asyncio.Future[Sequence[R]] = asyncio.get_running_loop().create_future()
        self._pending.append((items, future))
        self._waiting += len(items)
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        try:
            while self._pending:
                await self._commit_one_group()
        finally:
            self._runner = None

    async def _commit_one_group(self) -> None:
        group = self._take()
        items = group[0][0] if len(group) == 1 else [item for part, _ in group for item in part]
        self._waiting -= len(items)
        try:
            results = await self._commit(items)
        except BaseException as error:
            for _, future in group:
                if not future.done():
                    stopping = Unavailable("shutting down", code="shutting-down")
                    future.set_exception(error if isinstance(error, Exception) else stopping)
            if not isinstance(error, Exception):
                raise
            return
        start = 0
        for part, future in group:
            if not future.done():
                future.set_result(results[start : start + len(part)])
            start += len(part)

    def _take(self) -> list[tuple[Sequence[T], asyncio.Future[Sequence[R]]]]:
        size = taken = 0
        while taken < len(self._pending) and (size == 0 or size + len(self._pending[taken][0]) <= MAX_GROUP):
            size += len(self._pending[taken][0])
            taken += 1
        group, self._pending = self._pending[:taken], self._pending[taken:]
        return group
