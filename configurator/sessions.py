"""Signing in and out. A session is a token with an account: known everywhere, and revoked everywhere, as tokens are.

It lasts a fixed time from the moment of signing in, and is never lengthened.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection

from configurator import account_store, accounts, announce, audit, guesses, store, tables
from configurator.account_store import Account, LinkKind
from configurator.guesses import Guesses
from configurator.passwords import Passwords
from configurator.settings import ConfiguratorSettings
from configurator.store import Token
from configurator.tokens import NewToken, OwnTokens
from service_kit import outbox as events
from service_kit.auth import Principal
from service_kit.database import Database
from service_kit.faults import faultpoint
from service_kit.outbox import Outbox
from service_kit.problems import Forbidden, Problem, TooMany, Unauthorized, refused, wrong
from service_kit.secrets import Secret, hash_token, new_token
from wire.ids import new_id
from wire.times import utc_now

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

#: Sessions of one account; another one ends the oldest.
MOST = 50
_SWEEP_SECONDS = 600.0


@dataclass(frozen=True)
class SignedIn:
    """A new session of an account."""

    account: Account
    session: NewToken


class Sessions:
    """All that changes who is signed in; each call is one transaction, then known everywhere."""

    def __init__(
        self,
        database: Database,
        own: OwnTokens,
        outbox: Outbox,
        passwords: Passwords,
        guesses: Guesses,
        settings: ConfiguratorSettings,
    ) -> None:
        self._database = database
        self._own = own
        self._outbox = outbox
        self._passwords = passwords
        self._guesses = guesses
        self._lasting = settings.session
        self._audited = settings.audit

    async def by_password(self, login: str, password: Secret) -> SignedIn:
        """Raises Unauthorized, or 429 when this login was guessed at too often."""
        account = await self._database.read(account_store.find_login, login)
        if not await self._is_right(login, account, password) or account is None:
            known = account.login if account else None  # what nobody is called may be a password in the wrong field
            log.warning("sign-in refused", login=known)
            await self._database.write(_refused, account, utc_now())
            raise _wrong_password()
        kept = account.password or ""
        if self._passwords.is_outdated(kept):
            kept = await self._passwords.hash(password.get_secret_value())
        return await self._signed_in("password", _after_password, account, kept, self._lasting, utc_now())

    async def by_link(self, link: Secret) -> SignedIn:
        """Raises Unauthorized when the link opens nothing (any more)."""
        return await self._signed_in("link", _by_link, _hash(link), "sign-in", None, self._lasting, utc_now())

    async def by_invite(self, invite: Secret, password: Secret) -> SignedIn:
        """The account gets this password, and loses the sessions it had. Raises Unauthorized or Invalid."""
        account = await self._database.read(account_store.find_link, _hash(invite), "invite", utc_now())
        if account is None:
            raise _used_up()
        hashed = await self._hash_new(password, account, "/password")
        return await self._signed_in("invite", _by_link, _hash(invite), "invite", hashed, self._lasting, utc_now())

    async def sign_out(self, session: str) -> None:
        """The session is over; when it was over already, nothing happens."""
        await self.change(_sign_out, hash_token(session), utc_now())

    async def change_password(self, by: Principal, session: str, old: Secret | None, new: Secret) -> None:
        """All other sessions of the account end. Raises Forbidden, Invalid, or 429."""
        account = await self._database.read(account_store.find, by.account or "")
        if account is None:
            raise Forbidden("this token belongs to no account", code="no-person")
        if account.password and not (old and await self._is_right(account.login, account, old)):
            raise refused([wrong("/old", "this is not your password", code="not-your-password")])
        hashed = await self._hash_new(new, account, "/new")
        await self.change(_replace_password, account, hashed, hash_token(session), utc_now())
        log.info("password changed", account=account.login)

    async def change(self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of a function that changes accounts or sessions, when it is known everywhere."""
        result = await self._database.write(change, *args, **kwargs)
        faultpoint("configurator.committed")
        await self._own.known_everywhere()
        return result

    async def sweep(self) -> None:
        """Forget sessions and links whose time is over, and what happened long ago, for ever; cancel to stop."""
        while True:
            try:
                if await self._database.write(_sweep, utc_now()):
                    self._outbox.wake()
                while await self._database.write(audit.forget, self._audited, utc_now()):
                    pass
            except Problem as error:  # the storage is away; they open nothing meanwhile either
                log.warning("old sessions cannot be forgotten", error=str(error))
            await asyncio.sleep(_SWEEP_SECONDS)

    async def _is_right(self, login: str, account: Account | None, password: Secret) -> bool:
        wait = await self._guesses.wait(login)
        if wait:
            said, seconds = "too many wrong passwords: try again in {seconds} s", math.ceil(wait)
            raise TooMany(said, code="many-wrong-passwords", retry_after=seconds, seconds=seconds)
        stored = account.password if account and not account.disabled else None
        right = await self._passwords.fits(password.get_secret_value(), stored)
        if right:
            await self._guesses.right(login)
        return right

    async def _hash_new(self, password: Secret, account: Account, path: str) -> str:
        text = password.get_secret_value()
        if text.strip().lower() in (account.login, account.name.lower()) or len(set(text)) < 4:
            raise refused([wrong(path, "expected a password that is harder to guess", code="weak-password")])
        return await self._passwords.hash(text)

    async def _signed_in(
        self, how: str, change: Callable[Concatenate[Connection, P], SignedIn], *args: P.args, **kwargs: P.kwargs
    ) -> SignedIn:
        signed_in = await self.change(change, *args, **kwargs)
        log.info("signed in", account=signed_in.account.login, by=how, session=signed_in.session.row.id)
        return signed_in


def _after_password(connection: Connection, seen: Account, kept: str, lasting: timedelta, now: datetime) -> SignedIn:
    """What was seen must still hold: meanwhile the password may have been changed, or the account disabled."""
    account = account_store.lock(connection, seen.id)
    if account is None or account.disabled or account.password != seen.password:
        raise _wrong_password()
    if kept != account.password:
        account_store.change(connection, account.id, password=kept)
    return _open(connection, account, "password", lasting, now)


def _by_link(
    connection: Connection, hash: str, kind: LinkKind, password: str | None, lasting: timedelta, now: datetime
) -> SignedIn:
    id = account_store.take_link(connection, hash, kind, now)
    account = account_store.lock(connection, id) if id else None
    if account is None or account.disabled:
        raise _used_up()
    if password is not None:
        _set_password(connection, account, password, now)
        account = replace(account, password=password)
    return _open(connection, account, kind, lasting, now)


def _open(connection: Connection, account: Account, how: str, lasting: timedelta, now: datetime) -> SignedIn:
    text = new_token()
    row = Token(
        id=new_id(),
        hash=hash_token(text),
        name=account.name,
        scopes=" ".join(accounts.ROLES[account.role]),
        recipient=account.recipient,
        created_at=now,
        created_by=account.id,
        expires_at=now + lasting,
        account=account.id,
    )
    for oldest in account_store.sessions_of(connection, account.id)[: 1 - MOST]:
        ended = account_store.remove_session(connection, oldest.hash)
        accounts.tell_ended(connection, [ended] if ended else [], now)
    store.add_token(connection, row)
    events.put(connection, tables.outbox, [announce.token_created(row)])
    account_store.change(connection, account.id, signed_in_at=now)
    audit.note(connection, "signed-in", now, account, accounts.about(account), how=how, session=row.id)
    faultpoint("configurator.changed")
    return SignedIn(account, NewToken(Secret(text), row))


def _sign_out(connection: Connection, hash: str, now: datetime) -> None:
    ended = account_store.remove_session(connection, hash)
    if ended is None:
        return
    accounts.tell_ended(connection, [ended], now)
    account = account_store.find(connection, ended.account or "")
    if account is not None:
        audit.note(connection, "signed-out", now, account, accounts.about(account), session=ended.id)


def _refused(connection: Connection, account: Account | None, now: datetime) -> None:
    audit.note(connection, "sign-in-refused", now, None, accounts.about(account) if account else None)


def _replace_password(connection: Connection, seen: Account, password: str, session: str, now: datetime) -> None:
    account = accounts.existing(connection, seen.id)
    if account.disabled or account.password != seen.password:
        raise Forbidden("the account was changed meanwhile", code="account-changed")
    _set_password(connection, account, password, now, keep=session)


def _set_password(
    connection: Connection, account: Account, password: str, now: datetime, keep: str | None = None
) -> None:
    """Whoever got in by what was there before is out: sessions, but for `keep`, and links that are still open."""
    account_store.change(connection, account.id, password=password)
    account_store.forget_links(connection, account.id)
    accounts.end_sessions(connection, account.id, now, keep=keep)
    audit.note(connection, "password-changed", now, account, accounts.about(account))


def _sweep(connection: Connection, now: datetime) -> int:
    guesses.forget(connection, now)
    return accounts.tell_ended(connection, account_store.remove_expired(connection, now), now)


def _hash(text: Secret) -> str:
    return hash_token(text.get_secret_value())


def _wrong_password() -> Unauthorized:
    """The same for a wrong password, an unknown login and a disabled account."""
    return Unauthorized("login and password do not fit together", code="wrong-password")


def _used_up() -> Unauthorized:
    said = "this link was used before, replaced by another, or is too old: ask for a new one"
    return Unauthorized(said, code="link-used-up")
