"""Intake: POST /api/v1/notices. Authenticate, read, split; validate and commit in groups; and only then answer.

It knows nothing of recipients and configs: what is accepted is an emission, and folding takes it from there. The path
is bare ASGI because a framework's model layer costs more than everything else here together; and a group is validated
in one go because the validator, called now and then between other work, finds the processor's caches cold each time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import ValidationError
from starlette.types import Receive, Scope

from notice_center import emissions
from notice_center.emissions import Row, Status
from notice_center.progress import Progress
from service_kit.app import Answer, read_body
from service_kit.batch import Batch, FieldErrors, Result, parse_batch, rejection, reply, results_of
from service_kit.commit import GroupCommit
from service_kit.database import Database
from service_kit.faults import faultpoint
from service_kit.guard import Guard
from service_kit.origins import header
from service_kit.problems import Unavailable, wrong
from service_kit.settings import HttpSettings
from wire.ids import new_id
from wire.notice import validate_given

SCOPE = "notices:write"
_RETRY_SECONDS = 5


class Intake:
    """An ASGI app for one path. `add` is the same act without HTTP."""

    def __init__(
        self, database: Database, guard: Guard, progress: Progress, http: HttpSettings, max_backlog: int
    ) -> None:
        self._database = database
        self._guard = guard
        self._progress = progress
        self._http = http
        self._max_backlog = max_backlog
        self._commits = GroupCommit(self._commit)

    async def __call__(self, scope: Scope, receive: Receive, send: Answer) -> None:
        await self._guard.require(scope, SCOPE)
        body = await read_body(scope, receive, self._http.max_batch)
        faultpoint("intake.read")
        batch = parse_batch(body, header(scope, b"content-type") or "")
        results = await self.add(batch)
        await send.whole(*reply(results, batch.single))

    async def add(self, batch: Batch) -> Sequence[Result]:
        """Returns once everything acceptable in `batch` is on disk. Raises Unavailable when it cannot be taken now."""
        if self._progress.backlog > self._max_backlog:
            said = "too many notices wait to be worked through; try again"
            raise Unavailable(said, code="many-notices-wait", retry_after=_RETRY_SECONDS)
        results = await self._commits.add(batch.items)
        faultpoint("intake.committed")
        return results

    async def _commit(self, items: Sequence[bytes | FieldErrors]) -> list[Result]:
        checked = [_check(item, self._http.max_body) for item in items]
        rows = [one for one in checked if not isinstance(one, Result)]
        faultpoint("intake.validated")
        statuses = await self._append(rows) if rows else ()
        if len(rows) == len(checked):
            return results_of([id_ for id_, _ in rows], statuses)
        return _results(checked, statuses)

    async def _append(self, rows: Sequence[Row]) -> Sequence[Status]:
        appended = await self._database.write(emissions.append, rows)
        self._progress.accepted_up_to(appended.last)
        return appended.statuses


def _check(item: bytes | FieldErrors, longest: int) -> Row | Result:
    """What to store of an item, or why not."""
    if not isinstance(item, bytes):
        return Result(None, "rejected", item)
    if len(item) > longest:
        return Result(None, "rejected", (wrong("", "expected at most {most} bytes", code="large", most=longest),))
    try:
        given = validate_given(item)
    except ValidationError as error:
        return Result(_id(item), "rejected", rejection(error))
    return given.get("id") or new_id(), item.decode()


def _id(item: bytes) -> str | None:
    """The id that a rejected item names, if it can be read."""
    try:
        named = json.loads(item)["id"]
    except (ValueError, TypeError, KeyError):
        return None
    return named if isinstance(named, str) else None


def _results(checked: Sequence[Row | Result], statuses: Sequence[Status]) -> list[Result]:
    of_rows = iter(statuses)
    return [one if isinstance(one, Result) else Result(one[0], next(of_rows)) for one in checked]
