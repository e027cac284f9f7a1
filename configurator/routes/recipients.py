"""/api/v1/recipients"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from configurator import jwts
from configurator.announce import entity
from configurator.author import Author
from configurator.collection import Collection
from configurator.drafts import RecipientDraft
from configurator.preconditions import if_match, required_if_match
from configurator.routes.answers import CREATED, READ, TAGGED, Revisions, changed, created, history, listed, shown
from configurator.routes.parameters import After, Before, IfMatch, IfNoneMatch, ItemId, Limit, Number
from configurator.tokens import OwnTokens
from service_kit.auth import Principal, allow
from wire.recipient import Recipient
from wire.times import Timestamp, rfc3339, utc_now

PATH = "/api/v1/recipients"

MayRead = Annotated[Principal, allow("configs:read")]
MayWrite = Annotated[Principal, allow("configs:write")]


class Recipients(BaseModel):
    """A page of recipients."""

    model_config = ConfigDict(frozen=True)

    items: list[Recipient]
    next: str | None


class JwtsRevoked(BaseModel):
    """Those of the recipient's JWT that were issued before `since` open nothing any more."""

    model_config = ConfigDict(frozen=True)

    recipient: str
    since: Timestamp


def recipient_routes(recipients: Collection, tokens: OwnTokens) -> APIRouter:
    router = APIRouter(prefix=PATH, tags=["recipients"])

    @router.post("", status_code=201, response_model=Recipient, responses=CREATED)
    async def create(draft: RecipientDraft, by: MayWrite) -> Response:
        """Create a recipient. The same again, with the same `id`, answers 200; another body with that id 409."""
        document, new = await recipients.create(draft.model_dump(), by)
        return created("recipient", document, new, PATH)

    @router.get("", response_model=Recipients)
    async def list_all(_: MayRead, limit: Limit = 100, after: After = None) -> Response:
        """A page of recipients, by id."""
        return listed(await recipients.page(after, limit), lambda item: entity("recipient", item))

    @router.get("/{id}", response_model=Recipient, responses=READ)
    async def get(_: MayRead, id: ItemId, if_none_match: IfNoneMatch = None) -> Response:
        """One recipient, with its ETag."""
        return shown("recipient", await recipients.get(id), if_none_match)

    @router.put("/{id}", response_model=Recipient, responses=TAGGED)
    async def replace(id: ItemId, draft: RecipientDraft, by: MayWrite, match: IfMatch = None) -> Response:
        """Replace a recipient that the caller has read: If-Match is required."""
        return changed("recipient", await recipients.replace(id, draft.model_dump(), required_if_match(match), by))

    @router.patch("/{id}", response_model=Recipient, responses=TAGGED)
    async def patch(id: ItemId, patch: dict[str, Any], by: MayWrite, match: IfMatch = None) -> Response:
        """Change members of a recipient by a JSON merge patch (RFC 7396): If-Match is required."""
        return changed("recipient", await recipients.patch(id, patch, required_if_match(match), by))

    @router.delete("/{id}", status_code=204, response_class=Response)
    async def delete(id: ItemId, by: MayWrite, match: IfMatch = None) -> None:
        """Delete a recipient and revoke their tokens."""
        await recipients.remove(id, if_match(match), by)
        await tokens.known_everywhere()

    @router.post("/{id}/revoke-jwts", response_model=JwtsRevoked)
    async def revoke_jwts(id: ItemId, by: MayWrite) -> Response:
        """Shut out who has a JWT of this recipient that was issued until now; the recipient need not be known here.

        Their sockets are closed. JWT that are issued from now on open the inbox; tokens and sessions stay.
        """
        since = await recipients.act(jwts.revoke, id, Author(by, utc_now()))
        await tokens.known_everywhere()
        return JSONResponse({"recipient": id, "since": rfc3339(since)})

    @router.get("/{id}/revisions", response_model=Revisions)
    async def revisions(_: MayRead, id: ItemId, limit: Limit = 100, before: Before = None) -> Response:
        """Every revision, the newest first: who, when, what."""
        return history("recipient", await recipients.revisions(id, before, limit))

    @router.post("/{id}/revisions/{number}/restore", response_model=Recipient, responses=TAGGED)
    async def restore(id: ItemId, number: Number, by: MayWrite, match: IfMatch = None) -> Response:
        """Make an old revision the newest again, also of a recipient who was deleted. Their tokens stay revoked."""
        return changed("recipient", await recipients.restore(id, number, if_match(match), by))

    return router
