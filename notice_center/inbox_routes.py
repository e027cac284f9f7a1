"""HTTP of the inbox: everyone their own; operators and services anyone's, by `?recipient=`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.requests import HTTPConnection

from notice_center import emissions, inbox_store
from notice_center.act_store import MOST
from notice_center.acts import ActRequest, Acts
from notice_center.answers import Counts, InboxEntry, InboxPage, Opened, ReadAllAnswer
from notice_center.filters import ChosenEntries, InboxFilter
from notice_center.inbox import render
from notice_center.inbox_store import Mark
from notice_center.paging import Cursor, Limit
from notice_center.progress import Progress
from service_kit.auth import Permission, Principal
from service_kit.database import Database
from service_kit.outbox import Outbox
from service_kit.problems import Forbidden, Invalid, NotFound
from wire.ids import Id, Segment
from wire.notice import SEVERITIES

#: How long a reader waits for what was accepted before to be folded: then it gets what there is.
PATIENCE_SECONDS = 1.0


@dataclass(frozen=True)
class InboxPermission(Permission):
    """The scope `inbox`; an operator needs none when naming whose inbox it is."""

    async def __call__(self, connection: HTTPConnection) -> Principal:
        try:
            return await super().__call__(connection)
        except Forbidden as lacking:
            try:
                return await Permission("admin")(connection)
            except Forbidden:
                raise lacking from None


async def owner(
    principal: Annotated[Principal, Depends(InboxPermission("inbox"))],
    recipient: Annotated[Segment | None, Query(description="whose inbox; operators and services only")] = None,
) -> str:
    """Whose inbox the request is about."""
    if principal.may("admin"):
        if chosen := recipient or principal.recipient:
            return chosen
        said = "recipient: expected whose inbox it is, since the token names nobody"
        raise Invalid(said, code="whose-inbox")
    if principal.recipient is None:
        raise Forbidden("the token names no recipient", code="no-recipient-of-yours")
    if recipient not in (None, principal.recipient):
        raise Forbidden("the token is for another recipient's inbox", code="another-inbox")
    return principal.recipient


Owner = Annotated[str, Depends(owner)]


class Acknowledgement(BaseModel):
    """Why, or what is being done about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    note: Annotated[str, StringConstraints(max_length=4000)] | None = None


class ReadAll(InboxFilter):
    """Which entries. `until`: the `as_of` of a page, or a time; what fired after it stays unread."""

    until: Annotated[str, StringConstraints(max_length=64)] | None = None


def inbox_router(database: Database, progress: Progress, outbox: Outbox, acts: Acts) -> APIRouter:
    """Routes under /api/v1/inbox."""
    router = APIRouter(prefix="/api/v1/inbox", tags=["inbox"])

    @router.get("", response_model=InboxPage, response_model_exclude_unset=True)
    async def page(
        whose: Owner, chosen: ChosenEntries, limit: Limit = 50, next: Cursor | None = None
    ) -> dict[str, Any]:
        """Entries, newest first. `as_of` says up to where this is the truth: give it to an act on the same filter.

        A request looks at 20,000 entries at most: when few of very many match, go on with `next` until it is null.
        """
        await read_your_writes(database, progress)
        found = await database.read(inbox_store.page, whose, chosen, int(next) if next else None, limit)
        following = None if found.next is None else str(found.next)
        return {"items": [render(*pair) for pair in found.pairs], "next": following, "as_of": str(found.as_of)}

    @router.get("/counts", response_model=Counts)
    async def counts(whose: Owner) -> dict[str, Any]:
        """Unread entries, in all and by severity."""
        await read_your_writes(database, progress)
        found = await database.read(inbox_store.unread_by_severity, whose)
        by_severity = {name: found.by_severity.get(name, 0) for name in SEVERITIES}
        return {"unread": sum(by_severity.values()), "by_severity": by_severity, "exact": found.exact}

    @router.get("/{notice_id}", response_model=InboxEntry, response_model_exclude_unset=True)
    async def one(whose: Owner, notice_id: Id) -> dict[str, Any]:
        """One entry."""
        await read_your_writes(database, progress)
        found = await database.read(inbox_store.find, whose, notice_id)
        if found is None:
            raise _no_entry()
        return render(*found)

    @router.post("/read-all", response_model=ReadAllAnswer)
    async def read_all(whose: Owner, body: ReadAll | None = None) -> dict[str, Any]:
        """Mark unread entries as read; returns how many. Without `until`: all that is there now. An act like others."""
        asked = body or ReadAll()
        as_of = None if asked.until is None else await position_of(database, asked.until)
        chosen = InboxFilter.model_validate(asked.model_dump(exclude={"until"}, by_alias=True) | {"view": "unread"})
        done = await acts.do(whose, ActRequest(act="read", filter=chosen, as_of=as_of))
        return {"read": done.touched, "id": done.id, "done": not done.is_open and done.touched < MOST}

    async def mark(whose: str, notice_id: Id, what: Mark, note: str | None = None) -> dict[str, Any]:
        await read_your_writes(database, progress)
        found = await database.write(inbox_store.mark, whose, notice_id, what, note, await database.now())
        if found is None:
            raise _no_entry()
        outbox.wake()
        return render(*found)

    @router.post("/{notice_id}/read", response_model=InboxEntry, response_model_exclude_unset=True)
    async def read(whose: Owner, notice_id: Id) -> dict[str, Any]:
        """It was seen: steps that are still due are skipped for this person."""
        return await mark(whose, notice_id, "read")

    @router.post("/{notice_id}/unread", response_model=InboxEntry, response_model_exclude_unset=True)
    async def unread(whose: Owner, notice_id: Id) -> dict[str, Any]:
        """As if it had not been seen."""
        return await mark(whose, notice_id, "unread")

    @router.post("/{notice_id}/acknowledge", response_model=InboxEntry, response_model_exclude_unset=True)
    async def acknowledge(whose: Owner, notice_id: Id, body: Acknowledgement | None = None) -> dict[str, Any]:
        """Someone takes care of it."""
        return await mark(whose, notice_id, "acknowledge", body.note if body else None)

    @router.post("/{notice_id}/archive", response_model=InboxEntry, response_model_exclude_unset=True)
    async def archive(whose: Owner, notice_id: Id) -> dict[str, Any]:
        """Out of sight."""
        return await mark(whose, notice_id, "archive")

    @router.post("/{notice_id}/unarchive", response_model=InboxEntry, response_model_exclude_unset=True)
    async def unarchive(whose: Owner, notice_id: Id) -> dict[str, Any]:
        """Back into sight, as it was."""
        return await mark(whose, notice_id, "unarchive")

    @router.post("/{notice_id}/open", response_model=Opened, response_model_exclude_unset=True)
    async def opened(whose: Owner, notice_id: Id) -> dict[str, Any]:
        """A click: it is read, and the answer says where to go. Only http, https and paths are ever stored as `url`."""
        entry = await mark(whose, notice_id, "read")
        return {"entry": entry, "url": entry["url"]}

    return router


async def read_your_writes(database: Database, progress: Progress) -> None:
    """Wait, within reason, until what was accepted before this request is in the inboxes."""
    await progress.folded_to(await database.read(emissions.last_accepted), PATIENCE_SECONDS)


async def position_of(database: Database, until: str) -> str:
    """What a client says of how far an act reaches, as a position: that of a page, or the last up to a time."""
    if until.isascii() and until.isdigit() and len(until) <= 18:
        return until
    try:
        after = datetime.fromisoformat(until) + timedelta(microseconds=1)
        if after.tzinfo is None:
            raise ValueError
        return str(await database.read(emissions.first_since, after.astimezone(UTC)) - 1)
    except (ValueError, OverflowError):
        said = "until: expected the as_of of a page, or a time such as 2026-11-20T09:30:00Z"
        raise Invalid(said, code="wrong-until") from None


def _no_entry() -> NotFound:
    return NotFound("no such entry in this inbox", code="no-entry")
