"""/api/v1/session and /api/v1/invites: signing in and out, in a browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from configurator import account_store, links
from configurator.account_drafts import Acceptance, LinkRequest, PasswordChange, Role, SignIn
from configurator.account_store import Account
from configurator.author import Author
from configurator.routes.answers import LinkView, base_url, link_view
from configurator.sessions import Sessions, SignedIn
from service_kit.auth import SERVICE, Principal, allow, anyone_known, bearer, public
from service_kit.database import Database
from service_kit.guard import Guard, is_https
from service_kit.problems import Forbidden, Unauthorized
from wire.times import Timestamp, rfc3339, utc_now

PATH = "/api/v1/session"

Anyone = Annotated[Principal, anyone_known()]


async def in_session(by: Anyone) -> Principal:
    """A person in their session."""
    if by.account is None:
        raise Forbidden("this token belongs to no account", code="no-person")
    return by


Signed = Annotated[Principal, Depends(in_session)]
Service = Annotated[Principal, allow(SERVICE)]


class Person(BaseModel):
    """Who it is. A token that belongs to no account has its own id and name, and no login."""

    model_config = ConfigDict(frozen=True)

    id: str
    login: str | None
    name: str
    has_password: bool


class SessionView(BaseModel):
    """Who is signed in, what they may, whose inbox is theirs, and until when."""

    model_config = ConfigDict(frozen=True)

    account: Person
    role: Role
    scopes: list[str]
    recipient: str | None
    expires_at: Timestamp | None


def session_routes(database: Database, sessions: Sessions, guard: Guard, public_url: str | None) -> APIRouter:
    router = APIRouter(tags=["accounts"])

    @router.post(PATH, response_model=SessionView, dependencies=[Depends(public)])
    async def sign_in(request: Request, given: SignIn) -> Response:
        """Sign in by login and password, or by a one-time link. The session travels in a cookie."""
        guard.refuse_other_pages(request.scope)
        if given.link is not None:
            return _welcome(request, await sessions.by_link(given.link))
        assert given.login is not None
        assert given.password is not None
        return _welcome(request, await sessions.by_password(given.login, given.password))

    @router.get(PATH, response_model=SessionView)
    async def who(by: Anyone) -> Response:
        """Who the caller is: a person in their session, or any other token."""
        account = await database.read(account_store.find, by.account) if by.account else None
        if by.account and account is None:
            raise Unauthorized("this account is gone", code="account-gone")
        return JSONResponse(_view(by, account))

    @router.delete(PATH, status_code=204, response_class=Response, dependencies=[Depends(public)])
    async def sign_out(request: Request) -> Response:
        """End this session everywhere and drop its cookie; when there is none, that is fine too."""
        guard.refuse_other_pages(request.scope)
        session = guard.session(request.scope)
        if session is not None:
            guard.require_own_page(request.scope)
            await sessions.sign_out(session)
        return _with_cookie(request, Response(status_code=204), "", timedelta(0))

    @router.put(PATH + "/password", status_code=204, response_class=Response)
    async def change_password(request: Request, by: Signed, given: PasswordChange) -> None:
        """Choose another password; all other sessions of the account end."""
        session = bearer(request.headers.get("authorization")) or guard.session(request.scope) or ""
        await sessions.change_password(by, session, given.old, given.new)

    @router.post("/api/v1/invites/accept", response_model=SessionView, dependencies=[Depends(public)])
    async def accept(request: Request, given: Acceptance) -> Response:
        """Choose a password by an invite, and be signed in. Sessions from before end."""
        guard.refuse_other_pages(request.scope)
        return _welcome(request, await sessions.by_invite(given.invite, given.password))

    @router.post(PATH + "/link", status_code=201, response_model=LinkView)
    async def link(request: Request, by: Service, wanted: LinkRequest | None = None) -> Response:
        """A one-time link for whoever has the bootstrap token: it signs the first admin in, or whom `login` names."""
        login = wanted.login if wanted else None
        made = await sessions.change(links.sign_in, login, Author(by, utc_now()))
        return JSONResponse(link_view(made, base_url(request, public_url)), 201)

    def _welcome(request: Request, signed_in: SignedIn) -> Response:
        row, account = signed_in.session.row, signed_in.account
        assert row.expires_at is not None
        principal = Principal(
            account.id, account.name, frozenset(row.scopes.split()), account.recipient, row.expires_at, account.id
        )
        text = signed_in.session.token.get_secret_value()
        return _with_cookie(request, JSONResponse(_view(principal, account)), text, row.expires_at - row.created_at)

    def _with_cookie(request: Request, response: Response, session: str, lasting: timedelta) -> Response:
        response.set_cookie(
            guard.cookie(request.scope), session, max_age=int(lasting.total_seconds()), path="/",
            secure=is_https(public_url), httponly=True, samesite="strict",
        )  # fmt: skip
        return response

    return router


def _view(by: Principal, account: Account | None) -> dict[str, Any]:
    return {
        "account": {
            "id": by.account or by.id,
            "login": account.login if account else None,
            "name": account.name if account else by.name,
            "has_password": bool(account and account.password),
        },
        "role": account.role if account else _like(by),
        "scopes": sorted(by.scopes),
        "recipient": by.recipient,
        "expires_at": rfc3339(by.expires_at) if by.expires_at else None,
    }


def _like(by: Principal) -> Role:
    """The role whose rooms a token can use."""
    return "admin" if by.may("admin") else "operator" if by.may("configs:read") else "viewer"
