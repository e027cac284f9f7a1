"""The documents of one kind, as the routes use them: each call is one transaction, then a wake-up for the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import Connection

from configurator import changes, store
from configurator.author import Author
from configurator.kinds import Draft, Kind
from configurator.merge_patch import merge
from configurator.preconditions import Precondition
from configurator.store import Document, Revision
from service_kit.auth import Principal
from service_kit.database import Database
from service_kit.faults import faultpoint
from service_kit.outbox import Outbox
from wire.ids import new_id
from wire.times import utc_now

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """`next` is where the next page begins; None when this is the last."""

    items: Sequence[T]
    next: str | None


class Collection:
    """Raises the problems that `changes` names."""

    def __init__(self, kind: Kind, database: Database, outbox: Outbox) -> None:
        self.kind = kind
        self._database = database
        self._outbox = outbox

    async def get(self, id: str) -> Document:
        found = await self._database.read(store.find, self.kind.table, id)
        if found is None:
            raise changes.absent(self.kind, id)
        return found

    async def page(
        self,
        after: str | None,
        limit: int,
        filters: Mapping[str, Any] | None = None,
        keep: Callable[[Document], bool] = lambda _: True,
    ) -> Page[Document]:
        """By id; `filters` are columns, `keep` looks into the documents."""
        found = await self._database.read(store.page, self.kind.table, after, limit + 1, filters or {}, keep)
        return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)

    async def ask(self, question: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The answer of a function that only reads."""
        return await self._database.read(question, *args, **kwargs)

    async def create(self, draft: Draft, by: Principal) -> tuple[Document, bool]:
        """(the document, whether it is new); the draft may bring its id."""
        return await self._change(changes.create, self.kind, draft.get("id") or new_id(), draft, _author(by))

    async def put(self, id: str, draft: Draft, precondition: Precondition, by: Principal) -> tuple[Document, bool]:
        """Create or replace."""
        return await self._change(changes.put, self.kind, id, draft, precondition, _author(by))

    async def replace(self, id: str, draft: Draft, precondition: Precondition, by: Principal) -> Document:
        return await self._change(changes.change, self.kind, id, precondition, lambda _: draft, _author(by))

    async def patch(self, id: str, patch: Draft, precondition: Precondition, by: Principal) -> Document:
        """`patch` is a JSON merge patch."""
        return await self._change(
            changes.change, self.kind, id, precondition, lambda draft: merge(draft, patch), _author(by)
        )

    async def remove(self, id: str, precondition: Precondition, by: Principal) -> None:
        await self._change(changes.remove, self.kind, id, precondition, _author(by))

    async def restore(self, id: str, number: int, precondition: Precondition, by: Principal) -> Document:
        return await self._change(changes.restore, self.kind, id, number, precondition, _author(by))

    async def revisions(self, id: str, before: int | None, limit: int) -> Page[Revision]:
        """The newest first; also of a document that was deleted."""
        found = await self._database.read(store.page_revisions, self.kind.name, id, before, limit + 1)
        if not found and before is None:
            raise changes.absent(self.kind, id)
        return Page(found[:limit], str(found[limit - 1].revision) if len(found) > limit else None)

    async def act(self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of a function that changes several documents at once."""
        return await self._change(change, *args, **kwargs)

    async def _change(self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        result = await self._database.write(change, *args, **kwargs)
        faultpoint("configurator.committed")
        self._outbox.wake()
        return result


def _author(by: Principal) -> Author:
    return Author(by, utc_now())
