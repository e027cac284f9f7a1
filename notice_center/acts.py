"""Acts: what is asked for, and carrying it out to its end.

Once an act is stored it is carried out, whatever becomes of the request that brought it: the request itself goes on
with it for a while, so that a short act is answered as done; what is left then, or was left by a process that died, is
done by `run`. Between two stretches everybody else gets their turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Annotated

import structlog
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from notice_center import act_store, emissions
from notice_center.act_store import Act, Progress, Wanted
from notice_center.filters import InboxFilter
from service_kit.database import Database
from service_kit.outbox import Outbox
from service_kit.problems import Conflict
from wire.ids import Id, Segment, new_id
from wire.refusal import Refusal

log = structlog.get_logger()

#: Entries that can be named one by one.
_MAX_IDS = 1000
#: How long a request goes on with its act before it answers that it is not done: well below what proxies wait.
PATIENCE_SECONDS = 5.0
#: A process that died, or storage that failed, may have left one behind: look this often without a hint.
_POLL_SECONDS = 5.0


class ActRequest(BaseModel):
    """Either `ids` or a `filter`. `as_of` (of a page) bounds it: what came later is not touched.

    With an `id` of the caller's choice repeating the request is harmless.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Segment | None = None
    act: Act
    ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=_MAX_IDS)] | None = None
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
        """What was asked, to be compared with what is asked again, and to be carried out from."""
        return self.model_dump_json(exclude={"id", "dry_run"}, exclude_none=True, by_alias=True)


class Acts:
    """Carries acts out. `run` for ever; everything else may be called beside it."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox
        self._hint = asyncio.Event()

    async def preview(self, whose: str, asked: ActRequest) -> tuple[Wanted, int]:
        """What it would be, and how many entries it would touch; one more than it may when there are more."""
        wanted = asked.wanted(whose, await self._bound(asked))
        return wanted, await self._database.read(act_store.count, wanted)

    async def do(self, whose: str, asked: ActRequest) -> Progress:
        """Begin the act, or find the one of this id, and go on with it. Raises Conflict when that is another act."""
        wanted, now = asked.wanted(whose, await self._bound(asked)), await self._database.now()
        begun = await self._database.write(act_store.begin, wanted, asked.id or new_id(), asked.text(), now)
        if begun.request != asked.text():
            raise Conflict("id: another act has this id already", code="act-id-taken")
        return await self._for_a_while(begun)

    async def undo(self, found: Progress) -> Progress:
        """Put back what it changed. Raises Conflict while it is still going on."""
        if found.state == "going":
            raise Conflict("the act is still going on; try again", code="act-going-on")
        if found.state == "done":
            found = await self._database.write(act_store.undo_some, found.number)
            self._outbox.wake()
        return await self._for_a_while(found)

    async def run(self) -> None:
        """Finish what nobody waits for; cancel to stop."""
        while True:
            self._hint.clear()  # before looking: a hint during the look must not be lost
            try:
                left = await self._database.read(act_store.unfinished)
            except Exception as error:
                log.warning("acts wait: the storage does not answer", error=str(error))
                left = []
            if not [one for one in left if await self._one_more(one)]:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await self._hint.wait()

    async def _one_more(self, one: Progress) -> bool:
        """A stretch of one act; one that fails does not hold up those of others."""
        try:
            await self._stretch(one)
        except Exception as error:
            log.warning("an act does not get on; it is tried again", act=one.id, error=str(error))
            return False
        return True

    async def _for_a_while(self, progress: Progress) -> Progress:
        until = time.monotonic() + PATIENCE_SECONDS
        try:
            while progress.is_open and time.monotonic() < until:
                progress = await self._stretch(progress)
        finally:
            if progress.is_open:
                self._hint.set()
        return progress

    async def _stretch(self, progress: Progress) -> Progress:
        if progress.state == "undoing":
            progress = await self._database.write(act_store.undo_some, progress.number)
        else:
            wanted = wanted_of(progress)
            stretch = await self._database.read(act_store.look, wanted, progress)
            progress = await self._database.write(act_store.go_on, progress.number, wanted, stretch)
        self._outbox.wake()
        return progress

    async def _bound(self, asked: ActRequest) -> int:
        return int(asked.as_of) if asked.as_of else await self._database.read(emissions.last_folded)


def wanted_of(progress: Progress) -> Wanted:
    """What a stored act is about."""
    return ActRequest.model_validate_json(progress.request).wanted(progress.recipient, progress.as_of)
