"""The HTTP and websocket routes."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from starlette.websockets import WebSocket

from notifier.follow import Stream
from notifier.frames import PATH
from notifier.intake import Intake
from notifier.journal import Journal
from notifier.snapshots import text_of
from notifier.topics import read_scope, visible
from service_kit.auth import Principal, TokenTable, allow, authenticates_itself, bearer
from service_kit.problems import Forbidden
from wire.event import Event
from wire.ids import Name

_EVENT = Event.model_json_schema()
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"oneOf": [_EVENT, {"type": "array", "items": _EVENT}]}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "one event a line"}},
        },
    }
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"description": "All are durable; `results` has one object an event, in order."},
    207: {"description": "Some were rejected or in conflict."},
    409: {"description": "A single event whose id was accepted before with other content."},
    422: {"description": "None was accepted."},
}


def router(intake: Intake, journal: Journal, stream: Stream, tokens: TokenTable) -> APIRouter:
    routes = APIRouter(tags=["notifier"])

    @routes.post("/api/v1/events", status_code=202, openapi_extra=_BODY, responses=_ANSWERS)
    async def publish(request: Request, principal: Annotated[Principal, allow("events:write")]) -> Response:
        """Append events: one object, an array, or NDJSON. Idempotent by id."""
        return await intake.take(principal, await request.body(), request.headers.get("content-type", ""))

    @routes.get("/api/v1/topics/{topic}", dependencies=[Depends(authenticates_itself)])
    async def state(
        topic: Annotated[Name, Path()],
        authorization: Annotated[str | None, Header()] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        next: Annotated[str, Query(max_length=400)] = "",
    ) -> Response:
        """The state of a topic, by key. `next` is null on the last page, else what to ask for with `?next=`."""
        principal = tokens.require(bearer(authorization), read_scope(topic))
        prefix = visible(principal, topic)
        if prefix is None:
            raise Forbidden("the token names no recipient whose inbox this could be")
        cursor, items = await journal.page(topic, prefix, next, limit + 1)
        more = json.dumps(items[limit - 1].key if len(items) > limit else None)
        page = ",".join(text_of(item) for item in items[:limit])
        body = f'{{"topic":"{topic}","items":[{page}],"cursor":"{cursor}","next":{more}}}'
        return Response(body, media_type="application/json")

    @routes.websocket(PATH, dependencies=[Depends(authenticates_itself)])
    async def follow(websocket: WebSocket) -> None:
        await stream.serve(websocket)

    return routes
