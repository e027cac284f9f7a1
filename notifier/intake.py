"""The way in: bodies → events → the journal → one result for each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import to_json
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from notifier.append import Arrival
from notifier.journal import Journal
from notifier.topics import may_write
from service_kit.app import read_body
from service_kit.auth import Principal
from service_kit.batch import Batch, FieldErrors, Result, Status, answer, parse_batch, rejection
from service_kit.guard import Guard
from service_kit.problems import Forbidden, wrong
from service_kit.settings import HttpSettings
from wire.event import Event
from wire.ids import new_id

#: Bodies above this are parsed beside the event loop, which has followers to serve.
_LARGE_BYTES = 64 * 1024
#: Events of one body that are committed together.
_SLICE = 2_000

Item = Arrival | Result
_CONFLICT = (wrong("/id", "this id was accepted before with other content", code="id-conflict"),)
_FORBIDDEN = (wrong("/topic", "the token may not write to this topic", code="topic-forbidden"),)


class Intake:
    """Takes bodies for the journal."""

    def __init__(self, journal: Journal, guard: Guard, http: HttpSettings) -> None:
        self._journal = journal
        self._guard = guard
        self._http = http

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The hot path: the bare ASGI app of `POST /api/v1/events`."""
        headers = Headers(scope=scope)
        principal = await self._guard.require(scope, "events:write")
        body = await read_body(scope, receive, self._http.max_batch)
        response = await self.take(principal, body, headers.get("content-type", ""))
        await response(scope, receive, send)

    async def take(self, principal: Principal, body: bytes, content_type: str) -> Response:
        """Returns the answer when everything acceptable is durable. Raises Forbidden for a single event's topic."""
        if len(body) > _LARGE_BYTES:
            batch, items = await asyncio.to_thread(self._read, principal, body, content_type)
        else:
            batch, items = self._read(principal, body, content_type)
        if batch.single and isinstance(items[0], Result) and items[0].errors == _FORBIDDEN:
            raise Forbidden("the token may not write to this topic", code="topic-forbidden")
        return answer(await self._store(items), batch.single)

    def _read(self, principal: Principal, body: bytes, content_type: str) -> tuple[Batch, list[Item]]:
        batch = parse_batch(body, content_type)
        return batch, [self._item(principal, item) for item in batch.items]

    def _item(self, principal: Principal, item: bytes | FieldErrors) -> Item:
        if not isinstance(item, bytes):
            return Result(None, "rejected", item)
        if len(item) > self._http.max_body:
            most = self._http.max_body
            return Result(None, "rejected", (wrong("", "expected at most {most} bytes", code="large", most=most),))
        try:
            event = Event.model_validate_json(item)
        except ValidationError as error:
            return Result(None, "rejected", rejection(error))
        if not may_write(principal, event.topic):
            return Result(event.id, "rejected", _FORBIDDEN)
        return arrival(event)

    async def _store(self, items: Sequence[Item]) -> list[Result]:
        arrivals = [item for item in items if isinstance(item, Arrival)]
        verdicts: list[Status] = []
        for start in range(0, len(arrivals), _SLICE):
            verdicts += await self._journal.append(arrivals[start : start + _SLICE])
        told = iter(verdicts)
        return [item if isinstance(item, Result) else _result(item.id, next(told)) for item in items]


def _result(name: str, status: Status) -> Result:
    return Result(name, status, _CONFLICT if status == "conflict" else ())


def arrival(event: Event) -> Arrival:
    """An event as the journal takes it."""
    data = None if event.data is None else to_json(event.data).decode()
    return Arrival(event.id or new_id(), event.topic, event.key, event.action, data, event.at)
