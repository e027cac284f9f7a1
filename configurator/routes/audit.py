"""/api/v1/audit: what happened to accounts, sessions and tokens."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from configurator import audit
from configurator.audit import Action, Record, Search
from configurator.collection import Page
from configurator.routes.answers import Author, listed
from configurator.routes.parameters import After, Limit
from service_kit.auth import Principal, allow
from service_kit.database import Database
from wire.ids import Id
from wire.times import Timestamp, rfc3339

MayAll = Annotated[Principal, allow("admin")]
ByAction = Annotated[Action | None, Query(description="Only records of this action.")]
By = Annotated[Id | None, Query(description="Only what this account or token did, by its id.")]
About = Annotated[Id | None, Query(description="Only what was done to this account, token or recipient, by its id.")]


class AboutView(BaseModel):
    """What it was done to; `name` is the login of an account. It may be gone."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["account", "token", "recipient"]
    id: str
    name: str


class RecordView(BaseModel):
    """One act. `by` is null for a stranger, `about` when there is no account of that login.

    `details` depend on the action: `how` and `session` of a sign-in, [before, after] of each changed member of an
    account, `scopes` of a token.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    at: Timestamp
    action: Action
    by: Author | None
    about: AboutView | None
    details: dict[str, Any]


class Records(BaseModel):
    """The newest first."""

    model_config = ConfigDict(frozen=True)

    items: list[RecordView]
    next: str | None


def audit_routes(database: Database) -> APIRouter:
    router = APIRouter(tags=["accounts"])

    @router.get("/api/v1/audit", response_model=Records)
    async def trail(
        _: MayAll, action: ByAction = None, by: By = None, about: About = None, limit: Limit = 100, before: After = None
    ) -> Response:
        """Who signed in, or failed to, and who changed accounts, invites and tokens; the newest first."""
        found = await database.read(audit.page, Search(action, by, about), before, limit + 1)
        return listed(Page(found[:limit], found[limit - 1].id if len(found) > limit else None), _show)

    return router


def _show(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "at": rfc3339(record.at),
        "action": record.action,
        "by": {"id": record.by[0], "name": record.by[1]} if record.by else None,
        "about": vars(record.about) if record.about else None,
        "details": record.details,
    }
