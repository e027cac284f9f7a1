"""The HTTP API of the message sender."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NoReturn

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from msg_sender import store, views
from msg_sender.desk import Desk
from msg_sender.intake import SCOPE, Intake
from service_kit.auth import Principal, allow
from service_kit.database import Database
from service_kit.openapi import BATCH_ANSWERS, NDJSON, BatchAnswer
from service_kit.problems import Conflict, NotFound
from wire.ids import Id, Name
from wire.message import Message
from wire.recipient import Address

Reader = Annotated[Principal, allow("messages:read")]
Writer = Annotated[Principal, allow(SCOPE)]
Limit = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[int | None, Query(ge=0, le=2**63 - 1, description="`next` of the page before")]


class Trial(BaseModel):
    """`to` is an address of the channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Address


def messages_router(database: Database, intake: Intake, desk: Desk) -> APIRouter:
    """The routes under /api/v1."""
    router = APIRouter(prefix="/api/v1", tags=["messages"])

    @router.post(
        "/messages", status_code=202, openapi_extra=NDJSON, responses=BATCH_ANSWERS, response_model=BatchAnswer
    )
    async def accept(_: Writer, body: Message | list[Message]) -> NoReturn:
        """Store messages: one object, an array, or NDJSON. One result for each, in order; repeating is harmless."""
        raise AssertionError("the intake answers this path before the router")

    @router.get("/messages")
    async def list_messages(
        _: Reader,
        status: Literal["pending", "sending", "sent", "dead"] | None = None,
        channel: Name | None = None,
        notice: Id | None = None,
        order: Literal["asc", "desc"] = "desc",
        attempts: bool = False,
        limit: Limit = 50,
        next: Cursor = None,
    ) -> dict[str, Any]:
        """A page of messages; with `attempts=true` each with its attempts."""
        given = {"status": status, "channel": channel, "notice": notice}
        filters = {name: value for name, value in given.items() if value is not None}
        rows, cursor = await database.read(store.page, filters, next, order == "desc", limit, attempts)
        return {"items": [views.summary(row) for row in rows], "next": cursor}

    @router.post("/messages/{message_id:path}/replay", status_code=202)
    async def replay(message_id: Id, _: Writer) -> dict[str, Any]:
        """Send a dead message anew."""
        if await database.write(store.replay, message_id, await database.now()):
            desk.wake()
            return views.whole(await _find(database, message_id))
        status = (await _find(database, message_id))["status"]
        raise Conflict(f"only a dead message can be replayed; this one is {status}")

    @router.get("/messages/{message_id:path}")
    async def one_message(message_id: Id, _: Reader) -> dict[str, Any]:
        """One message with its attempts."""
        return views.whole(await _find(database, message_id))

    @router.get("/channels", tags=["channels"])
    async def channels(_: Reader) -> dict[str, Any]:
        """Every channel: whether it is configured, what to set if not, and what waits or died in it."""
        return {"items": desk.overview(await database.read(store.backlog))}

    @router.post("/channels/{name}/test", tags=["channels"])
    async def try_channel(name: Name, trial: Trial, _: Writer) -> dict[str, Any]:
        """Send one text at once and say how it went; it is not stored and not tried again."""
        return await desk.test(name, trial.to)

    return router


async def _find(database: Database, message_id: str) -> dict[str, Any]:
    row = await database.read(store.find, message_id)
    if row is None:
        raise NotFound(f"no message {message_id}")
    return row
