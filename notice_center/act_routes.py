"""HTTP of acts: what a person does to many entries of an inbox at once, and takes back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from notice_center import act_store
from notice_center.act_store import MOST, Progress
from notice_center.acts import ActRequest, Acts
from notice_center.answers import ActAnswer, UndoAnswer
from notice_center.inbox_routes import Owner, read_your_writes
from notice_center.progress import Progress as Folding
from service_kit.database import Database
from service_kit.problems import NotFound
from wire.ids import Segment
from wire.times import rfc3339


def act_router(database: Database, progress: Folding, acts: Acts) -> APIRouter:
    """Routes under /api/v1/inbox/acts."""
    router = APIRouter(prefix="/api/v1/inbox/acts", tags=["inbox"])

    async def find(whose: str, act_id: str) -> Progress:
        found = await database.read(act_store.find, whose, act_id)
        if found is None:
            raise NotFound("no such act, or it is too old to be undone", code="no-act")
        return found

    @router.post("", response_model=ActAnswer)
    async def act(whose: Owner, body: ActRequest) -> dict[str, Any]:
        """Mark many entries: read, unread, archive or unarchive. Every open page hears of each.

        One act touches 100,000 entries at most (`more` says when there are others), and can be undone for a day.
        After some seconds it answers although it is not `done`, and goes on: ask again with the same `id`.
        """
        await read_your_writes(database, progress)
        if body.dry_run:
            wanted, number = await acts.preview(whose, body)
            return {
                "id": "", "act": body.act, "at": rfc3339(await database.now()), "as_of": str(wanted.as_of),
                "touched": min(number, MOST), "more": number > MOST, "done": False, "dry_run": True,
            }  # fmt: skip
        return _answer(await acts.do(whose, body))

    @router.get("/{act_id}", response_model=ActAnswer)
    async def one(whose: Owner, act_id: Segment) -> dict[str, Any]:
        """How far an act has come."""
        return _answer(await find(whose, act_id))

    @router.post("/{act_id}/undo", response_model=UndoAnswer)
    async def undo(whose: Owner, act_id: Segment) -> dict[str, Any]:
        """Put back exactly what this act changed. What somebody changed since stays as it is.

        After some seconds it answers although it is not `done`, and goes on: ask again.
        """
        found = await acts.undo(await find(whose, act_id))
        done = found.state == "undone"
        return {"id": found.id, "restored": found.restored, "kept": found.touched - found.restored, "done": done}

    return router


def _answer(now: Progress) -> dict[str, Any]:
    return {
        "id": now.id, "act": now.act, "at": rfc3339(now.at), "as_of": str(now.as_of), "touched": now.touched,
        "more": now.touched >= MOST, "done": now.state != "going", "dry_run": False,
    }  # fmt: skip
