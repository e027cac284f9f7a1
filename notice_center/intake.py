"""Intake: POST /api/v1/notices. Authenticate, read, split, validate, commit in groups, and only then answer.

It knows nothing of recipients and configs: what is accepted is an emission, and folding takes it from there. The path
is bare ASGI because a framework's model layer costs more than everything else here together.
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
from service_kit.batch import Batch, FieldErrors, Result, parse_batch, rejection, reply
from service_kit.commit import GroupCommit
from service_kit.database import Database
from service_kit.faults import faultpoint
from service_kit.guard import Guard
from service_kit.problems import Unavailable, wrong
from service_kit.settings import HttpSettings
from wire.ids import new_id
from wire.notice import Notice

SCOPE = "notices:write"
_RETRY_SECONDS = 5

_validate = Notice.__pydantic_validator__.validate_json


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
        headers = dict(scope["headers"])
        await self._guard.require(scope, SCOPE)
        body = await read_body(scope, receive, self._http.max_batch)
        faultpoint("intake.read")
        batch = parse_batch(body, headers.get(b"content-type", b"").decode("latin-1"))
        results = await self.add(batch)
        await send.whole(*reply(results, batch.single))

    async def add(self, batch: Batch) -> list[Result]:
        """Returns once everything acceptable in `batch` is on disk. Raises Unavailable when it cannot be taken now."""
        if self._progress.backlog > self._max_backlog:
            said = "too many notices wait to be worked through; try again"
            raise Unavailable(said, code="many-notices-wait", retry_after=_RETRY_SECONDS)
        checked = [_check(item, self._http.max_body) for item in batch.items]
        rows = [one for one in checked if not isinstance(one, Result)]
        statuses = await self._commits.add(rows) if rows else ()
        faultpoint("intake.committed")
        if len(rows) == len(checked):
            return list(map(Result, [id_ for id_, _ in rows], statuses))
        return _results(checked, statuses)

    async def _commit(self, rows: Sequence[Row]) -> Sequence[Status]:
        faultpoint("intake.validated")
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
        notice = _validate(item)
    except ValidationError as error:
        return Result(_id(item), "rejected", rejection(error))
    return notice.id or new_id(), item.decode()


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
