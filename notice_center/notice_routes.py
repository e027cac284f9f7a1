"""HTTP of notices: what producers post, what operators look up."""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

from fastapi import APIRouter, Depends

from notice_center import notice_store
from notice_center.fold import NoticeState, loads
from notice_center.inbox_routes import read_your_writes
from notice_center.intake import SCOPE
from notice_center.paging import Cursor, Limit, NoticeFilter, cut
from notice_center.progress import Progress
from service_kit.auth import Principal, allow
from service_kit.database import Database
from service_kit.problems import NotFound
from wire.notice import Notice
from wire.times import rfc3339

Reader = Annotated[Principal, allow("notices:read")]
_PER_ITEM: dict[int | str, dict[str, Any]] = {
    202: {"description": "All accepted, now or before: {results, accepted, duplicate, conflict, rejected}"},
    207: {"description": "Some were rejected or in conflict; `results` says which, in the order of the items"},
    409: {"description": "The id was accepted before with other content"},
    413: {"description": "The body is too large"},
    422: {"description": "Nothing was accepted; `errors` and `results` say why"},
    503: {"description": "Not now; try again after Retry-After seconds"},
}


def notice_router(database: Database, progress: Progress) -> APIRouter:
    """Routes under /api/v1/notices."""
    router = APIRouter(prefix="/api/v1/notices", tags=["notices"])

    @router.post("", status_code=202, responses=_PER_ITEM, response_model=None)
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

    return router


def render(state: NoticeState) -> dict[str, Any]:
    """A notice as JSON."""
    plain = ("id", "alert", "key", "config", "status", "severity", "title", "message", "url", "count", "round")
    times = ("starts_at", "ends_at", "created_at", "updated_at")
    return {
        **{name: getattr(state, name) for name in plain},
        **{name: loads(getattr(state, name)) for name in ("entity", "labels", "actions", "attachments", "data")},
        **{name: None if (at := getattr(state, name)) is None else rfc3339(at) for name in times},
    }
