"""Tokens: shown once, known by their hash ever after.

`create_token` also serves the command line on a data directory where no server runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from configurator import announce, store, tables
from configurator.drafts import TokenRequest
from configurator.store import Token
from service_kit import outbox
from service_kit.auth import SERVICE, Principal, TokenTable
from service_kit.database import Database
from service_kit.faults import faultpoint
from service_kit.problems import Forbidden, NotFound
from service_kit.secrets import Secret, hash_token, new_token
from wire.ids import new_id
from wire.times import rfc3339

log = structlog.get_logger()

#: Whoever can write the data directory may do everything.
OPERATOR = Principal("operator", "operator", frozenset({SERVICE}))
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
    await database.write(_add, made.row)
    faultpoint("configurator.committed")
    return made


async def revoke_token(database: Database, id: str, now: datetime) -> None:
    """Forget a token. Raises NotFound."""
    await database.write(_remove, id, now)
    faultpoint("configurator.committed")


class OwnTokens:
    """Feeds this service's own TokenTable from its own store: it waits for nobody to know its tokens."""

    def __init__(self, database: Database, table: TokenTable) -> None:
        self._database = database
        self._table = table
        self._one_at_a_time = asyncio.Lock()

    async def reload(self) -> None:
        """Take what is committed now. In turns, so that an older look never replaces a newer one."""
        async with self._one_at_a_time:
            tokens = await self._database.read(store.all_tokens)
            self._table.replace(iter(_entities(tokens)))

    async def keep_reloading(self) -> None:
        """For ever; cancel to stop. While the storage is away the tokens stay as they were last seen."""
        while True:
            await asyncio.sleep(_RELOAD_SECONDS)
            try:
                await self.reload()
            except Exception as error:
                log.warning("the tokens cannot be read", error=str(error))


def _entities(tokens: Iterable[Token]) -> list[tuple[str, dict[str, object]]]:
    return [(token.hash, announce.token_entity(token)) for token in tokens]


def _add(connection: Connection, token: Token) -> None:
    store.add_token(connection, token)
    outbox.put(connection, tables.outbox, [announce.token_created(token)])
    faultpoint("configurator.changed")


def _remove(connection: Connection, id: str, now: datetime) -> None:
    token = store.remove_token(connection, id)
    if token is None:
        raise NotFound("no token with the id {id}", code="no-token", id=id)
    outbox.put(connection, tables.outbox, [announce.token_revoked(token, now), announce.use_forgotten(token, now)])
    faultpoint("configurator.changed")
