"""HTTP of acts: what a person does to many entries of an inbox at once, and takes back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from notice_center import act_store, emissions
from notice_center.act_store import MOST, Act, Progress, Wanted
from notice_center.answers import ActAnswer, UndoAnswer
from notice_center.filters import InboxFilter
from notice_center.inbox_routes import Owner, read_your_writes
from notice_center.progress import Progress as Folding
from service_kit.database import Database
from service_kit.outbox import Outbox
from service_kit.problems import Conflict, NotFound
from wire.ids import Segment, new_id
from wire.refusal import Refusal
from wire.times import rfc3339

#: Entries that can be named one by one.
_MAX_IDS = 1000

NoticeId = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ActRequest(BaseModel):
    """Either `ids` or a `filter`. `as_of` (of a page) bounds it: what came later is not touched.

    With an `id` of the caller's choice repeating the request is harmless.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Segment | None = None
    act: Act
    ids: Annotated[tuple[NoticeId, ...], Field(min_length=1, max_length=_MAX_IDS)] | None = None
    filter: InboxFilter | None = None
    as_of: Annotated[str, StringConstraints(pattern=r"^\d{1,18}$")] | None = None
    dry_run: bool = Field(False, description="only tell how many it would touch")

    @model_validator(mode="after")
    def _says_which(self) -> ActRequest:
        if (self.ids is None) == (self.filter is None):
            raise Refusal("expected either ids or filter", code="ids-or-filter")
        return self

    def wanted(self, recipient: str, as_of: int) -> Wanted:
        """As the store takes it."""
        return Wanted(recipient, self.act, self.ids, self.filter or InboxFilter(), as_of)

    def text(self) -> str:
        """What was asked, to be compared with what is asked again."""
        return self.model_dump_json(exclude={"id", "dry_run"}, exclude_none=True)


def act_router(database: Database, progress: Folding, outbox: Outbox) -> APIRouter:
    """Routes under /api/v1/inbox/acts."""
    router = APIRouter(prefix="/api/v1/inbox/acts", tags=["inbox"])

    @router.post("", response_model=ActAnswer)
    async def act(whose: Owner, body: ActRequest) -> dict[str, Any]:
        """Mark many entries: read, unread, archive or unarchive. Every open page hears of each.

        One act touches 100,000 entries at most (`more` says when there are others), and can be undone for a day.
        """
        await read_your_writes(database, progress)
        as_of = int(body.as_of) if body.as_of else await database.read(emissions.last_folded)
        wanted = body.wanted(whose, as_of)
        if body.dry_run:
            return await _counted(database, wanted)
        begun = await database.write(act_store.begin, wanted, body.id or new_id(), body.text(), await database.now())
        if begun.request != body.text():
            raise Conflict("id: another act has this id already", code="act-id-taken")
        wanted = body.wanted(whose, begun.as_of)
        while begun.state == "going":
            begun = await database.write(act_store.go_on, begun.number, wanted)
            outbox.wake()
        return _answer(begun)

    @router.post("/{act_id}/undo", response_model=UndoAnswer)
    async def undo(whose: Owner, act_id: str) -> dict[str, Any]:
        """Put back exactly what this act changed. What somebody changed since stays as it is."""
        found = await database.read(act_store.find, whose, act_id)
        if found is None:
            raise NotFound("no such act, or it is too old to be undone", code="no-act")
        if found.state == "going":
            raise Conflict("the act is still going on; try again", code="act-going-on")
        while found.state != "undone":
            found = await database.write(act_store.undo_some, found.number)
            outbox.wake()
        return {"id": found.id, "restored": found.restored, "kept": found.touched - found.restored}

    return router


async def _counted(database: Database, wanted: Wanted) -> dict[str, Any]:
    number = await database.read(act_store.count, wanted)
    return {
        "id": "", "act": wanted.act, "at": rfc3339(await database.now()), "as_of": str(wanted.as_of),
        "touched": min(number, MOST), "more": number > MOST, "dry_run": True,
    }  # fmt: skip


def _answer(done: Progress) -> dict[str, Any]:
    return {
        "id": done.id, "act": done.act, "at": rfc3339(done.at), "as_of": str(done.as_of), "touched": done.touched,
        "more": done.touched >= MOST, "dry_run": False,
    }  # fmt: skip
