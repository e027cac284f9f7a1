"""/api/v1/tokens"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from configurator import store, tokens
from configurator.announce import token_entity
from configurator.author import Author
from configurator.collection import Page
from configurator.drafts import TokenRequest
from configurator.routes.answers import listed
from configurator.routes.parameters import After, ItemId, Limit
from configurator.store import Token
from configurator.tokens import OwnTokens
from service_kit.auth import Principal, allow
from service_kit.database import Database
from wire.times import Timestamp, rfc3339, utc_now

PATH = "/api/v1/tokens"

MayAll = Annotated[Principal, allow("admin")]


class TokenView(BaseModel):
    """A token, without its text, which nobody knows any more."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    scopes: list[str]
    recipient: str | None
    expires_at: Timestamp | None
    created_at: Timestamp
    created_by: str
    used_at: Timestamp | None = Field(description="last use, as some service told: up to 5 minutes behind")


class NewTokenView(TokenView):
    """A new token; `token` is shown this once."""

    token: str


class Tokens(BaseModel):
    """A page of tokens."""

    model_config = ConfigDict(frozen=True)

    items: list[TokenView]
    next: str | None


def token_routes(database: Database, own: OwnTokens) -> APIRouter:
    router = APIRouter(prefix=PATH, tags=["tokens"])

    @router.post("", status_code=201, response_model=NewTokenView)
    async def create(request: TokenRequest, by: MayAll) -> Response:
        """Create a token. It works everywhere when the answer arrives, and is shown only in it."""
        made = await tokens.create_token(database, request, utc_now(), by)
        await own.known_everywhere()
        shown = {**_show(made.row), "token": made.token.get_secret_value()}
        return JSONResponse(shown, 201, {"Location": f"{PATH}/{made.row.id}"})

    @router.get("", response_model=Tokens)
    async def list_all(_: MayAll, limit: Limit = 100, after: After = None) -> Response:
        """A page of tokens, by id."""
        found = await database.read(store.page_tokens, after, limit + 1)
        return listed(Page(found[:limit], found[limit - 1].id if len(found) > limit else None), _show)

    @router.delete("/{id}", status_code=204, response_class=Response)
    async def revoke(id: ItemId, by: MayAll) -> None:
        """Revoke a token: it works nowhere when the answer arrives."""
        await tokens.revoke_token(database, id, Author(by, utc_now()))
        await own.known_everywhere()

    return router


def _show(token: Token) -> dict[str, Any]:
    return {
        **token_entity(token),
        "created_at": rfc3339(token.created_at),
        "created_by": token.created_by,
        "used_at": rfc3339(token.used_at) if token.used_at else None,
    }
