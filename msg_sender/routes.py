"""The HTTP API of the message sender."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NoReturn

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from msg_sender import message_store, views
from msg_sender.channel_health import Channels, channels_health
from msg_sender.desk import Desk, TrialResult
from msg_sender.filters import ChosenMessages
from msg_sender.intake import SCOPE, Intake
from msg_sender.replay import ReplayOrder, ReplayPlan, replay
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

    @router.get("/messages", response_model=views.Messages, response_model_exclude_unset=True)
    async def list_messages(
        _: Reader,
        chosen: ChosenMessages,
        order: Literal["asc", "desc"] = "desc",
        attempts: bool = False,
        limit: Limit = 50,
        next: Cursor = None,
    ) -> dict[str, Any]:
        """A page of messages; with `attempts=true` each with its attempts.

        A request for a text looks at 20,000 messages at most: when few of very many hold it, go on with `next` until it
        is null.
        """
        rows, cursor = await database.read(message_store.page, chosen, next, order == "desc", limit, attempts)
        return {"items": [views.summary(row) for row in rows], "next": cursor}

    @router.post("/messages/replay", response_model=ReplayPlan)
    async def replay_many(order: ReplayOrder, _: Writer) -> ReplayPlan:
        """Send dead messages anew by a filter; with `dry_run` only say what would happen."""
        return await replay(database, desk, order)

    @router.post("/messages/{message_id:path}/replay", status_code=202, response_model=views.MessageView)
    async def replay_one(message_id: Id, _: Writer) -> dict[str, Any]:
        """Send a dead message anew."""
        if await database.write(message_store.replay, message_id, await database.now()):
            desk.wake()
            return views.whole(await _find(database, message_id))
        status = (await _find(database, message_id))["status"]
        raise Conflict("only a dead message can be replayed; this one is {status}", code="not-dead", status=status)

    @router.get("/messages/{message_id:path}", response_model=views.MessageView)
    async def one_message(message_id: Id, _: Reader) -> dict[str, Any]:
        """One message with its attempts."""
        return views.whole(await _find(database, message_id))

    @router.get("/channels", tags=["channels"], response_model=Channels)
    async def channels(_: Reader) -> Channels:
        """Every channel: whether it is configured, what to set if not, what waits or died in it, how it fared."""
        return await channels_health(database, desk)

    @router.post("/channels/{name}/test", tags=["channels"], response_model=TrialResult)
    async def try_channel(name: Name, trial: Trial, _: Writer) -> TrialResult:
        """Send one text at once and say how it went; it is not stored and not tried again."""
        return await desk.test(name, trial.to)

    return router


async def _find(database: Database, message_id: str) -> dict[str, Any]:
    row = await database.read(message_store.find, message_id)
    if row is None:
        raise NotFound("no message {id}", code="no-message", id=message_id)
    return row
