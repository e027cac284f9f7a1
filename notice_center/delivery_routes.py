"""HTTP of deliveries: what was sent to one person, what was not, and why; for operators and for the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from msg_sender.client import HandOverFailed
from notice_center import delivery_store
from notice_center.answers import When
from notice_center.audience import Why
from notice_center.decide import Reason, Verdict
from notice_center.delivery_store import Deliveries, Delivery
from notice_center.inbox_routes import Owner, read_your_writes
from notice_center.paging import Cursor, Limit
from notice_center.progress import Progress
from service_kit.database import Database
from service_kit.openapi import Coded
from service_kit.secrets import mask
from wire.ids import Name
from wire.notice import Severity
from wire.times import rfc3339


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DeliveryMessage(_Answer):
    """How the message of a delivery fares. `status` is null while nobody can tell."""

    id: str
    status: str | None = Field(description="pending, sending, sent, or dead")
    reason: str | None
    reason_codes: list[Coded] | None = Field(None, description="`reason` for a program")
    finished_at: When | None


class DeliveryItem(_Answer):
    """What was decided for the person on one channel. `message` is there when one was handed over."""

    at: When
    notice: str
    title: str
    alert: str
    key: str | None
    severity: Severity
    config: str | None
    channel: str
    round: int
    address: str | None
    verdict: Verdict
    reason: Reason | Why
    message: DeliveryMessage | None


class DeliveryPage(_Answer):
    """Newest first. `next` is null at the end; `missing` says why no message has a status."""

    items: list[DeliveryItem]
    next: str | None
    missing: str | None


class Messages(Protocol):
    """What is needed of the message sender. Raises HandOverFailed when it cannot be asked."""

    async def of_ids(self, ids: Sequence[str]) -> list[dict[str, Any]]: ...


#: What a delivery tells of its message.
_FARING = ("status", "reason", "reason_codes", "finished_at")
AskedVerdict = Annotated[Verdict | None, Query(description="`send`: what was handed over; `skip`: what was not")]
AskedChannel = Annotated[Name | None, Query(description="by this channel")]


def delivery_router(database: Database, progress: Progress, messages: Messages) -> APIRouter:
    """The route /api/v1/inbox/deliveries."""
    router = APIRouter(prefix="/api/v1/inbox", tags=["inbox"])

    async def told(ids: Sequence[str]) -> tuple[Mapping[str, dict[str, Any]], str | None]:
        try:
            return {one["id"]: one for one in await messages.of_ids(ids)}, None
        except (HandOverFailed, OSError) as error:
            return {}, f"msg_sender cannot be asked: {error}"

    @router.get("/deliveries", response_model=DeliveryPage)
    async def page(
        whose: Owner, verdict: AskedVerdict = None, channel: AskedChannel = None, limit: Limit = 50,
        next: Cursor | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """What was sent to a person outside of the panel, and what was not, with the reason."""
        await read_your_writes(database, progress)
        chosen = Deliveries(whose, verdict, channel)
        found, following = await database.read(delivery_store.page, chosen, int(next) if next else None, limit)
        status, missing = await told([one.message for one in found if one.message])
        items = [_item(one, status.get(one.message or "", {})) for one in found]
        return {"items": items, "next": None if following is None else str(following), "missing": missing}

    return router


def _item(one: Delivery, status: Mapping[str, Any]) -> dict[str, Any]:
    """An address may be a URL with a credential in it."""
    plain = {name: value for name, value in vars(one).items() if name not in ("number", "message")}
    message = {"id": one.message, **{name: status.get(name) for name in _FARING}}
    return {
        **plain, "at": rfc3339(one.at), "address": one.address and mask(one.address),
        "message": message if one.message else None,
    }  # fmt: skip
