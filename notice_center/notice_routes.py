"""HTTP of notices: what producers post, what operators look up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, NoReturn, Protocol

from fastapi import APIRouter, Depends

from msg_sender.client import HandOverFailed
from notice_center import notice_store
from notice_center.fold import NoticeState, loads
from notice_center.inbox_routes import read_your_writes
from notice_center.intake import SCOPE
from notice_center.notice_store import Trail
from notice_center.paging import Cursor, Limit, NoticeFilter, cut
from notice_center.progress import Progress
from service_kit.auth import Principal, allow
from service_kit.database import Database
from service_kit.openapi import BATCH_ANSWERS, NDJSON, BatchAnswer
from service_kit.problems import NotFound
from wire.notice import Notice
from wire.times import rfc3339

Reader = Annotated[Principal, allow("notices:read")]


class Messages(Protocol):
    """What is needed of the message sender. Raises HandOverFailed when it cannot be asked."""

    async def of_notice(self, notice_id: str) -> list[dict[str, Any]]: ...


def notice_router(database: Database, progress: Progress, messages: Messages) -> APIRouter:
    """Routes under /api/v1/notices."""
    router = APIRouter(prefix="/api/v1/notices", tags=["notices"])

    @router.post("", status_code=202, openapi_extra=NDJSON, responses=BATCH_ANSWERS, response_model=BatchAnswer)
    async def post(_: Annotated[Principal, allow(SCOPE)], body: Notice | list[Notice]) -> NoReturn:
        """Accept one notice, an array, or NDJSON (application/x-ndjson). Answers once they are on disk."""
        raise AssertionError("the hot path answers this route: see intake.py")

    @router.get("")
    async def page(
        _: Reader, chosen: Annotated[NoticeFilter, Depends()], limit: Limit = 50, next: Cursor | None = None
    ) -> dict[str, Any]:
        """Notices, newest first."""
        await read_your_writes(database, progress)
        rows = await database.read(notice_store.page, chosen, int(next) if next else None, limit + 1)
        some, more = cut(rows, limit)
        return {"items": [render(state) for state in some], "next": str(some[-1].number) if more else None}

    @router.get("/{notice_id}")
    async def one(_: Reader, notice_id: str) -> dict[str, Any]:
        """A notice, by its own id or by that of any emission that went into it."""
        await read_your_writes(database, progress)
        found = await database.read(notice_store.find, notice_id)
        if found is None:
            raise NotFound("no such notice")
        return render(found)

    @router.get("/{notice_id}/trail")
    async def trail(_: Reader, notice_id: str) -> dict[str, Any]:
        """All that happened to a notice: what was said, who has it, what was decided and why, what was sent."""
        await read_your_writes(database, progress)
        found = await database.read(notice_store.trail, notice_id)
        if found is None:
            raise NotFound("no such notice")
        try:
            return {**render_trail(found), "messages": await messages.of_notice(found.notice.id), "missing": None}
        except (HandOverFailed, OSError) as error:
            return {**render_trail(found), "messages": [], "missing": f"msg_sender cannot be asked: {error}"}

    return router


def render_trail(found: Trail) -> dict[str, Any]:
    """What is stored here about a notice, as JSON."""
    return {
        "notice": render(found.notice),
        "emissions": [{**_timed(row), "body": json.loads(row["body"])} for row in found.emissions],
        "recipients": [_timed(vars(one)) for one in found.entries],
        "steps": [_timed(row) for row in found.steps],
        "decisions": [_timed(row) for row in found.decisions],
    }


def _timed(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row without inner numbers, its times as text."""
    shown = {name: value for name, value in row.items() if name not in ("notice", "seq", "fence")}
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in shown.items()}


def render(state: NoticeState) -> dict[str, Any]:
    """A notice as JSON."""
    plain = ("id", "alert", "key", "config", "status", "severity", "title", "message", "url", "count", "round")
    times = ("starts_at", "ends_at", "created_at", "updated_at")
    return {
        **{name: getattr(state, name) for name in plain},
        **{name: loads(getattr(state, name)) for name in ("entity", "labels", "actions", "attachments", "data")},
        **{name: None if (at := getattr(state, name)) is None else rfc3339(at) for name in times},
    }
