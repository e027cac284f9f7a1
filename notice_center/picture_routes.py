"""HTTP of a notice's pictures: numbered as its attachments are, so that nobody can ask us to fetch anything else."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from notice_center import inbox_store, notice_store, pictures
from notice_center.fold import NoticeState, loads
from notice_center.inbox_routes import Owner, read_your_writes
from notice_center.pictures import MAX_BYTES
from notice_center.progress import Progress
from notice_center.seats import Seats
from service_kit.auth import Principal, allow
from service_kit.database import Database
from service_kit.egress import Egress
from service_kit.problems import NotFound
from wire.ids import Id

Reader = Annotated[Principal, allow("notices:read")]
Number = Annotated[int, Path(ge=0, le=1000, description="which attachment of the notice, from 0")]

#: Fetches at a time, and of them from one host.
_AT_ONCE, _OF_ONE_HOST = 8, 2
_HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, max-age=3600",
    "content-disposition": "inline",
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/*": {}}, "description": f"The picture: PNG, JPEG, GIF or WebP, up to {MAX_BYTES} bytes."}
}


def picture_router(database: Database, progress: Progress, egress: Egress) -> APIRouter:
    """Routes under /api/v1/notices/{notice_id}/pictures and /api/v1/inbox/{notice_id}/pictures."""
    router = APIRouter(prefix="/api/v1")
    seats = Seats(_AT_ONCE, _OF_ONE_HOST)

    async def show(state: NoticeState | None, number: int) -> Response:
        attachments = loads(state.attachments) if state else []
        if number >= len(attachments):
            raise NotFound("no such picture", code="no-such-picture")
        url = attachments[number]["url"]
        async with seats.take(url):
            picture = await pictures.fetch(egress, url)
        return Response(picture.body, media_type=picture.kind, headers=_HEADERS)

    @router.get("/notices/{notice_id}/pictures/{number}", response_class=Response, responses=_ANSWERS, tags=["notices"])
    async def of_notice(_: Reader, notice_id: Id, number: Number) -> Response:
        """An attachment of a notice, when it is a picture."""
        await read_your_writes(database, progress)
        return await show(await database.read(notice_store.find, notice_id), number)

    @router.get("/inbox/{notice_id}/pictures/{number}", response_class=Response, responses=_ANSWERS, tags=["inbox"])
    async def of_entry(whose: Owner, notice_id: Id, number: Number) -> Response:
        """The same for the person who has the notice."""
        await read_your_writes(database, progress)
        found = await database.read(inbox_store.find, whose, notice_id)
        return await show(found and found[0], number)

    return router
