"""HTTP of the overview."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from notice_center.inbox_routes import read_your_writes
from notice_center.overview import Overview, Overviews, step_of, window_of
from notice_center.progress import Progress
from service_kit.auth import Principal, allow
from service_kit.database import Database
from wire.durations import Duration
from wire.times import Timestamp

Since = Annotated[Timestamp | None, Query(description="the first moment; a day before `until`, if absent")]
Until = Annotated[Timestamp | None, Query(description="the moment behind the last; now, if absent")]
Step = Annotated[Duration | None, Query(description="how long a bucket is, such as 15m; chosen, if absent")]


def overview_router(database: Database, progress: Progress) -> APIRouter:
    """The route /api/v1/overview."""
    router = APIRouter(prefix="/api/v1", tags=["notices"])
    overviews = Overviews(database)

    @router.get("/overview", response_model=Overview)
    async def overview(
        _: Annotated[Principal, allow("notices:read")], since: Since = None, until: Until = None, step: Step = None
    ) -> Overview:
        """Notices over time by severity and by alert, how much of it was read, and what nobody read."""
        await read_your_writes(database, progress)
        window = window_of(since, until, await database.now())
        return await overviews.make(window, step_of(step, window))

    return router
