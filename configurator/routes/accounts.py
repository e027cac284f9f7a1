"""/api/v1/accounts: the people who can sign in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from configurator import account_store, accounts, links
from configurator.account_drafts import AccountPatch, AccountRequest, Role
from configurator.account_store import Standing
from configurator.author import Author
from configurator.collection import Page
from configurator.links import Link
from configurator.routes.answers import LinkView, base_url, link_view, listed
from configurator.routes.parameters import After, ItemId, Limit
from configurator.sessions import Sessions
from service_kit.auth import Principal, allow
from service_kit.database import Database
from wire.times import Timestamp, rfc3339, utc_now

PATH = "/api/v1/accounts"

log = structlog.get_logger()

MayAll = Annotated[Principal, allow("admin")]


class AccountView(BaseModel):
    """A person who can sign in, or is invited to. `sessions` are those that are open now."""

    model_config = ConfigDict(frozen=True)

    id: str
    login: str
    name: str
    role: Role
    recipient: str | None
    disabled: bool
    has_password: bool
    invited_until: Timestamp | None
    sessions: int
    signed_in_at: Timestamp | None
    created_at: Timestamp
    created_by: str


class InvitedView(AccountView):
    """A new account; its invite is shown this once."""

    invite: LinkView


class Accounts(BaseModel):
    """A page of accounts."""

    model_config = ConfigDict(frozen=True)

    items: list[AccountView]
    next: str | None


class SignedOut(BaseModel):
    """How many sessions ended."""

    model_config = ConfigDict(frozen=True)

    sessions: int


def account_routes(
    database: Database, sessions: Sessions, invite_lasts: timedelta, public_url: str | None
) -> APIRouter:
    router = APIRouter(prefix=PATH, tags=["accounts"])

    @router.post("", status_code=201, response_model=InvitedView)
    async def create(request: Request, wanted: AccountRequest, by: MayAll) -> Response:
        """Create an account and its invite. Its inbox is that of `recipient`, or of one with the id `login`."""
        link = await sessions.change(_invited, wanted, Author(by, utc_now()), invite_lasts)
        log.info("account created", account=link.account.login, role=link.account.role, by=by.name)
        invite = link_view(link, base_url(request, public_url))
        shown = {**_show(await _standing(link.account.id)), "invite": invite}
        return JSONResponse(shown, 201, {"Location": f"{PATH}/{link.account.id}"})

    @router.get("", response_model=Accounts)
    async def list_all(_: MayAll, limit: Limit = 100, after: After = None) -> Response:
        """A page of accounts, the oldest first."""
        found = await database.read(account_store.page, after, limit + 1, utc_now())
        return listed(Page(found[:limit], found[limit - 1].account.id if len(found) > limit else None), _show)

    @router.get("/{id}", response_model=AccountView)
    async def get(_: MayAll, id: ItemId) -> Response:
        """One account."""
        return JSONResponse(_show(await _standing(id)))

    @router.patch("/{id}", response_model=AccountView)
    async def change(id: ItemId, patch: AccountPatch, by: MayAll) -> Response:
        """Change name, role or `disabled`. Another role, or being disabled, signs the person out everywhere."""
        account = await sessions.change(accounts.change, id, patch, Author(by, utc_now()))
        log.info("account changed", account=account.login, by=by.name, **patch.model_dump(exclude_unset=True))
        return JSONResponse(_show(await _standing(id)))

    @router.delete("/{id}", status_code=204, response_class=Response)
    async def delete(id: ItemId, by: MayAll) -> None:
        """Delete an account and end its sessions; the recipient stays."""
        account = await sessions.change(accounts.remove, id, Author(by, utc_now()))
        log.info("account deleted", account=account.login, by=by.name)

    @router.post("/{id}/invite", status_code=201, response_model=LinkView)
    async def invite(request: Request, id: ItemId, by: MayAll) -> Response:
        """A new invite, for who lost the last one or their password; the one before opens nothing any more."""
        link = await sessions.change(links.invite, id, invite_lasts, Author(by, utc_now()))
        log.info("account invited", account=link.account.login, by=by.name)
        return JSONResponse(link_view(link, base_url(request, public_url)), 201)

    @router.post("/{id}/sign-out", response_model=SignedOut)
    async def sign_out(id: ItemId, by: MayAll) -> Response:
        """End all sessions of the account, in every browser."""
        ended = await sessions.change(accounts.sign_out, id, Author(by, utc_now()))
        log.info("account signed out", account=id, sessions=ended, by=by.name)
        return JSONResponse({"sessions": ended})

    async def _standing(id: str) -> Standing:
        found = await database.read(account_store.standing, id, utc_now())
        if found is None:
            raise accounts.absent(id)
        return found

    return router


def _invited(connection: Connection, wanted: AccountRequest, author: Author, lasting: timedelta) -> Link:
    account = accounts.create(connection, wanted, author)
    return links.invite(connection, account.id, lasting, author)


def _show(standing: Standing) -> dict[str, Any]:
    account = standing.account
    return {
        "id": account.id,
        "login": account.login,
        "name": account.name,
        "role": account.role,
        "recipient": account.recipient,
        "disabled": account.disabled,
        "has_password": account.password is not None,
        "invited_until": rfc3339(standing.invited_until) if standing.invited_until else None,
        "sessions": standing.sessions,
        "signed_in_at": rfc3339(account.signed_in_at) if account.signed_in_at else None,
        "created_at": rfc3339(account.created_at),
        "created_by": account.created_by,
    }
