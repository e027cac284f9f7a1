"""Tokens: shown once, known by their hash ever after.

`create_token` also serves the command line on a data directory where no server runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from configurator import announce, audit, jwts, store, tables
from configurator.audit import About
from configurator.author import Author
from configurator.drafts import TokenRequest
from configurator.store import Token
from service_kit import outbox as events
from service_kit.auth import SERVICE, Principal, TokenTable
from service_kit.database import Database
from service_kit.faults import faultpoint
from service_kit.outbox import Outbox
from service_kit.problems import Forbidden, NotFound
from service_kit.secrets import Secret, hash_token, new_token
from wire.ids import new_id
from wire.times import rfc3339

log = structlog.get_logger()

#: Whoever can write the data directory may do everything.
OPERATOR = Principal("operator", "operator", frozenset({SERVICE}))
#: An answer waits this long for a change to be known everywhere; then the outbox goes on by itself.
_FLUSH_SECONDS = 1.0
#: On a shared database other processes create and revoke too; look this often.
_RELOAD_SECONDS = 2.0


@dataclass(frozen=True)
class NewToken:
    """`token` is the text that is shown this once; `row` is what stays."""

    token: Secret
    row: Token


def refusal(creator: Principal, request: TokenRequest, now: datetime) -> Forbidden | None:
    """Why `creator` may not make this token; None when they may. Nobody grants what they may not do.

    An inbox is the exception: an admin has none, and hands out those of others. A session ends, the person's right does
    not: what they create may outlive it.
    """
    beyond = [scope for scope in request.scopes if not creator.may(scope) and scope != "inbox"]
    if beyond or not creator.may("admin"):
        scopes = ", ".join(beyond or request.scopes)
        return Forbidden("you may not grant {scopes}", code="may-not-grant", scopes=scopes)
    until = None if creator.account else creator.expires_at
    if until and (request.expires_in is None or now + request.expires_in > until):
        said = "the token would outlive yours, which expires at {until}"
        return Forbidden(said, code="outlives-yours", until=rfc3339(until))
    return None


def make_token(request: TokenRequest, now: datetime, creator: Principal) -> NewToken:
    """A new token, not yet stored. Raises Forbidden."""
    reason = refusal(creator, request, now)
    if reason:
        raise reason
    text = new_token()
    row = Token(
        id=new_id(),
        hash=hash_token(text),
        name=request.name,
        scopes=" ".join(sorted(set(request.scopes))),
        recipient=request.recipient,
        created_at=now,
        created_by=creator.id,
        expires_at=now + request.expires_in if request.expires_in else None,
    )
    return NewToken(Secret(text), row)


async def create_token(
    database: Database, request: TokenRequest, now: datetime, creator: Principal = OPERATOR
) -> NewToken:
    """Make and store a token; its event leaves with the outbox. Raises Forbidden or Unavailable."""
    made = make_token(request, now, creator)
    await database.write(_add, made.row, Author(creator, now))
    faultpoint("configurator.committed")
    return made


async def revoke_token(database: Database, id: str, author: Author) -> None:
    """Forget a token. Raises NotFound."""
    await database.write(_remove, id, author)
    faultpoint("configurator.committed")


class OwnTokens:
    """Feeds this service's own TokenTable from its own store: it waits for nobody to know its tokens."""

    def __init__(self, database: Database, table: TokenTable, outbox: Outbox) -> None:
        self._database = database
        self._table = table
        self._outbox = outbox
        self._one_at_a_time = asyncio.Lock()

    async def known_everywhere(self) -> None:
        """Returns when what is committed now counts here, and, if the notifier is not away, in all services."""
        await self.reload()
        await self._outbox.flushed(_FLUSH_SECONDS)

    async def reload(self) -> None:
        """Take what is committed now. In turns, so that an older look never replaces a newer one."""
        async with self._one_at_a_time:
            self._table.replace(iter(await self._database.read(_entities)))

    async def keep_reloading(self) -> None:
        """For ever; cancel to stop. While the storage is away the tokens stay as they were last seen."""
        while True:
            await asyncio.sleep(_RELOAD_SECONDS)
            try:
                await self.reload()
            except Exception as error:
                log.warning("the tokens cannot be read", error=str(error))


def tell_revoked(connection: Connection, tokens: Sequence[Token], author: Author) -> None:
    """These were removed; sessions among them have no record of their own: what ended them has one."""
    for tell in (announce.token_revoked, announce.use_forgotten):
        events.put(connection, tables.outbox, [tell(token, author.now) for token in tokens])
    for token in tokens:
        if token.account is None:
            audit.note(connection, "token-revoked", author.now, author.who, _about(token))
    faultpoint("configurator.changed")


def _entities(connection: Connection) -> list[tuple[str, dict[str, Any]]]:
    """What the topic `token` holds."""
    told = [announce.jwts_revoked(recipient, since) for recipient, since in jwts.revoked(connection)]
    tokens = [(token.hash, announce.token_entity(token)) for token in store.all_tokens(connection)]
    return [*tokens, *((event.key, event.data or {}) for event in told)]


def _add(connection: Connection, token: Token, author: Author) -> None:
    store.add_token(connection, token)
    events.put(connection, tables.outbox, [announce.token_created(token)])
    may = {"scopes": token.scopes.split(), "recipient": token.recipient}
    expires_at = rfc3339(token.expires_at) if token.expires_at else None
    audit.note(connection, "token-created", author.now, author.who, _about(token), **may, expires_at=expires_at)
    faultpoint("configurator.changed")


def _remove(connection: Connection, id: str, author: Author) -> None:
    token = store.remove_token(connection, id)
    if token is None:
        raise NotFound("no token with the id {id}", code="no-token", id=id)
    tell_revoked(connection, [token], author)


def _about(token: Token) -> About:
    return About("token", token.id, token.name)
