"""HTTP of one notice: what it says, everything that happened to it, and its pictures; for operators and for the person
who has it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import APIRouter

from msg_sender.client import HandOverFailed
from notice_center import notice_store
from notice_center.answers import NoticeItem
from notice_center.directory import Directories
from notice_center.inbox_routes import Owner, read_your_writes
from notice_center.notice_store import Trail
from notice_center.progress import Progress
from notice_center.trail import TrailAnswer, only_of, render, render_trail
from service_kit.auth import Principal, allow
from service_kit.database import Database
from service_kit.problems import Gone, NotFound, Problem
from wire.ids import Id

Found = TypeVar("Found")
Reader = Annotated[Principal, allow("notices:read")]


class Messages(Protocol):
    """What is needed of the message sender. Raises HandOverFailed when it cannot be asked."""

    async def of_notice(self, notice_id: Id) -> list[dict[str, Any]]: ...


def trail_router(
    database: Database, progress: Progress, messages: Messages, directories: Directories, keep: timedelta
) -> APIRouter:
    """Routes under /api/v1/notices/{notice_id} and /api/v1/inbox/{notice_id}."""
    router = APIRouter(prefix="/api/v1")

    async def find(how: Callable[..., Found | None], named: str, *more: str) -> Found:
        await read_your_writes(database, progress)
        found = await database.read(how, named, *more)
        if found is None:
            raise absent(named, await database.now(), keep)
        return found

    async def whole(found: Trail) -> dict[str, Any]:
        try:
            sent, missing = await messages.of_notice(found.notice.id), None
        except (HandOverFailed, OSError) as error:
            sent, missing = [], f"msg_sender cannot be asked: {error}"
        return render_trail(found, sent, missing, directories.now)

    @router.get("/notices/{notice_id}", response_model=NoticeItem, response_model_exclude_unset=True, tags=["notices"])
    async def one(_: Reader, notice_id: Id) -> dict[str, Any]:
        """A notice, by its own id or by that of any emission that went into it."""
        return render(await find(notice_store.find, notice_id))

    @router.get(
        "/notices/{notice_id}/trail", response_model=TrailAnswer, response_model_exclude_unset=True, tags=["notices"]
    )
    async def trail(_: Reader, notice_id: Id) -> dict[str, Any]:
        """All that happened to a notice: what was said, who has it, what was decided and why, what was sent."""
        return await whole(await find(notice_store.trail, notice_id))

    @router.get(
        "/inbox/{notice_id}/trail", response_model=TrailAnswer, response_model_exclude_unset=True, tags=["inbox"]
    )
    async def own_trail(whose: Owner, notice_id: Id) -> dict[str, Any]:
        """The same for the person who has the notice: what concerns nobody but them, or everyone."""
        return only_of(await whole(await find(notice_store.trail_of, notice_id, whose)), whose)

    return router


def absent(named: str, now: datetime, keep: timedelta) -> Problem:
    """Why there is no such notice, as far as its id tells: ours hold the time at which they were made."""
    try:
        made = uuid.UUID(named)
    except ValueError:
        return _no_notice()
    at = datetime.fromtimestamp((made.int >> 80) / 1000, UTC) if made.version == 7 else now
    if at < now - keep:
        said = "notices that are over are kept for {days} days; this one was deleted"
        return Gone(said, code="notice-deleted", days=keep.days)
    return _no_notice()


def _no_notice() -> NotFound:
    return NotFound("no such notice", code="no-notice")
