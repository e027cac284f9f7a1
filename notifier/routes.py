"""The HTTP and websocket routes."""

from __future__ import annotations

import json
from typing import Annotated, Any, NoReturn

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.websockets import WebSocket

from notifier import polls
from notifier.follow import Stream
from notifier.frames import PATH
from notifier.journal import Journal
from notifier.polls import Heard, Poll
from notifier.snapshots import text_of
from notifier.topics import may_read, read_scope, visible
from service_kit.auth import Principal, allow, anyone_known, authenticates_itself
from service_kit.guard import Guard
from service_kit.openapi import BATCH_ANSWERS, NDJSON, BatchAnswer
from service_kit.problems import Forbidden
from wire.event import Event
from wire.ids import Name


class TopicState(BaseModel):
    """A page of a topic's state. `cursor` is what a follower resumes from; `next` is null on the last page."""

    model_config = ConfigDict(frozen=True)

    topic: Name
    items: list[dict[str, Any]]
    cursor: str
    next: str | None


def router(journal: Journal, stream: Stream, guard: Guard) -> APIRouter:
    routes = APIRouter(tags=["notifier"])

    @routes.post(
        "/api/v1/events", status_code=202, openapi_extra=NDJSON, responses=BATCH_ANSWERS, response_model=BatchAnswer
    )
    async def publish(_: Annotated[Principal, allow("events:write")], body: Event | list[Event]) -> NoReturn:
        """Append events: one object, an array, or NDJSON. Idempotent by id."""
        raise AssertionError("the intake answers this path before the router")

    @routes.get("/api/v1/topics/{topic}", response_model=TopicState, dependencies=[Depends(authenticates_itself)])
    async def state(
        request: Request,
        topic: Annotated[Name, Path()],
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        next: Annotated[str, Query(max_length=400)] = "",
    ) -> Response:
        """The state of a topic, by key. `next` is null on the last page, else what to ask for with `?next=`."""
        principal = await guard.caller(request.scope)
        if not may_read(principal, topic):
            raise Forbidden("the token lacks the scope {scope}", code="lacks-scope", scope=read_scope(topic))
        prefix = visible(principal, topic)
        if prefix is None:
            raise Forbidden("the token names no recipient whose inbox this could be", code="nobodys-inbox")
        cursor, items = await journal.page(topic, prefix, next, limit + 1)
        more = json.dumps(items[limit - 1].key if len(items) > limit else None)
        page = ",".join(text_of(item) for item in items[:limit])
        body = f'{{"topic":"{topic}","items":[{page}],"cursor":"{cursor}","next":{more}}}'
        return Response(body, media_type="application/json")

    @routes.post(PATH, response_model=Heard, dependencies=[anyone_known()])
    async def poll(request: Request, wanted: Poll) -> Response:
        """What the websocket of this path brings, over plain HTTP: at once, or when something happens."""
        return await polls.answer(stream, request, wanted)

    @routes.websocket(PATH, dependencies=[Depends(authenticates_itself)])
    async def follow(websocket: WebSocket) -> None:
        await stream.serve(websocket)

    return routes
