"""HTTP of notices: what producers post, what operators look up."""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

from fastapi import APIRouter

from notice_center import notice_store
from notice_center.answers import NoticePage
from notice_center.filters import ChosenNotices
from notice_center.inbox_routes import read_your_writes
from notice_center.intake import SCOPE
from notice_center.paging import Cursor, Limit
from notice_center.progress import Progress
from notice_center.trail import render
from service_kit.auth import Principal, allow
from service_kit.database import Database
from service_kit.openapi import BATCH_ANSWERS, NDJSON, BatchAnswer
from wire.notice import Notice

Reader = Annotated[Principal, allow("notices:read")]


def notice_router(database: Database, progress: Progress) -> APIRouter:
    """Routes under /api/v1/notices."""
    router = APIRouter(prefix="/api/v1/notices", tags=["notices"])

    @router.post("", status_code=202, openapi_extra=NDJSON, responses=BATCH_ANSWERS, response_model=BatchAnswer)
    async def post(_: Annotated[Principal, allow(SCOPE)], body: Notice | list[Notice]) -> NoReturn:
        """Accept one notice, an array, or NDJSON (application/x-ndjson). Answers once they are on disk."""
        raise AssertionError("the hot path answers this route: see intake.py")

    @router.get("", response_model=NoticePage, response_model_exclude_unset=True)
    async def page(_: Reader, chosen: ChosenNotices, limit: Limit = 50, next: Cursor | None = None) -> dict[str, Any]:
        """All notices, newest first.

        A request looks at 20,000 notices at most: when few of very many match, go on with `next` until it is null.
        """
        await read_your_writes(database, progress)
        found, following = await database.read(notice_store.page, chosen, int(next) if next else None, limit)
        return {"items": [render(state) for state in found], "next": None if following is None else str(following)}

    return router
