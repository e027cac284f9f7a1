"""All SQL of accounts, their sessions and their one-time links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from configurator import tables
from configurator.store import Token

LinkKind = Literal["sign-in", "invite"]


@dataclass(frozen=True)
class Account:
    """A person who can sign in. `password` is an argon2 hash, None until they chose one."""

    id: str
    login: str
    name: str
    role: str
    recipient: str | None
    password: str | None
    disabled: bool
    created_at: datetime
    created_by: str
    signed_in_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """An account, with how many sessions it has now, and until when its invite can be accepted."""

    account: Account
    sessions: int
    invited_until: datetime | None


def add(connection: Connection, account: Account) -> bool:
    """Whether it was added; False when the login, or the recipient, is somebody else's."""
    try:
        with connection.begin_nested():
            connection.execute(insert(tables.account).values(**vars(account)))
    except IntegrityError:
        return False
    return True


def find(connection: Connection, id: str) -> Account | None:
    return _one(connection, select(tables.account).where(tables.account.c.id == id))


def find_login(connection: Connection, login: str) -> Account | None:
    return _one(connection, select(tables.account).where(tables.account.c.login == login))


def find_recipient(connection: Connection, recipient: str) -> Account | None:
    """Whose inbox this is."""
    return _one(connection, select(tables.account).where(tables.account.c.recipient == recipient))


def lock(connection: Connection, id: str) -> Account | None:
    """The account, which nobody changes until this transaction ends."""
    return _one(connection, select(tables.account).where(tables.account.c.id == id).with_for_update())


def lock_admins(connection: Connection) -> list[Account]:
    """The admins who can sign in, by id; nobody changes them until this transaction ends."""
    columns = tables.account.c
    question = select(tables.account).where(columns.role == "admin", columns.disabled.is_(False))
    return [_account(row) for row in connection.execute(question.order_by(columns.id).with_for_update())]


def change(connection: Connection, id: str, **values: Any) -> None:
    connection.execute(update(tables.account).where(tables.account.c.id == id).values(**values))


def remove(connection: Connection, id: str) -> None:
    connection.execute(delete(tables.account).where(tables.account.c.id == id))


def unlink(connection: Connection, recipient: str) -> None:
    """The recipient is gone: the account that had it has no inbox any more."""
    connection.execute(update(tables.account).where(tables.account.c.recipient == recipient).values(recipient=None))


def standing(connection: Connection, id: str, now: datetime) -> Standing | None:
    found = connection.execute(_standings(now).where(tables.account.c.id == id)).one_or_none()
    return _standing(found) if found else None


def page(connection: Connection, after: str | None, limit: int, now: datetime) -> list[Standing]:
    question = _standings(now).order_by(tables.account.c.id).limit(limit)
    question = question.where(tables.account.c.id > after) if after is not None else question
    return [_standing(row) for row in connection.execute(question)]


def sessions_of(connection: Connection, account: str) -> list[Token]:
    """The oldest first."""
    question = select(tables.token).where(tables.token.c.account == account).order_by(tables.token.c.id)
    return [Token(**row._mapping) for row in connection.execute(question)]


def remove_sessions(connection: Connection, account: str, keep: str | None = None) -> list[Token]:
    """The sessions that were removed: all of the account but the one with the hash `keep`."""
    change = delete(tables.token).where(tables.token.c.account == account)
    change = change.where(tables.token.c.hash != keep) if keep is not None else change
    return [Token(**row._mapping) for row in connection.execute(change.returning(tables.token))]


def remove_session(connection: Connection, hash: str) -> Token | None:
    """The session that was removed; None when there was none."""
    change = delete(tables.token).where(tables.token.c.hash == hash, tables.token.c.account.is_not(None))
    row = connection.execute(change.returning(tables.token)).one_or_none()
    return Token(**row._mapping) if row else None


def remove_expired(connection: Connection, now: datetime) -> list[Token]:
    """The sessions that were removed since their time is over, and with them the links whose time is."""
    connection.execute(delete(tables.link).where(tables.link.c.expires_at <= now))
    change = delete(tables.token).where(tables.token.c.account.is_not(None), tables.token.c.expires_at <= now)
    return [Token(**row._mapping) for row in connection.execute(change.returning(tables.token))]


def put_link(connection: Connection, hash: str, kind: LinkKind, account: str, expires_at: datetime) -> None:
    """Store a link; the one of its kind before it opens nothing any more."""
    connection.execute(delete(tables.link).where(tables.link.c.account == account, tables.link.c.kind == kind))
    connection.execute(insert(tables.link).values(hash=hash, kind=kind, account=account, expires_at=expires_at))


def find_link(connection: Connection, hash: str, kind: LinkKind, now: datetime) -> Account | None:
    """The account that the link would open."""
    columns = tables.link.c
    question = select(tables.account).join(tables.link, columns.account == tables.account.c.id)
    return _one(connection, question.where(columns.hash == hash, columns.kind == kind, columns.expires_at > now))


def take_link(connection: Connection, hash: str, kind: LinkKind, now: datetime) -> str | None:
    """The account that the link opens; it opens nothing more."""
    columns = tables.link.c
    chosen = and_(columns.hash == hash, columns.kind == kind, columns.expires_at > now)
    return connection.execute(delete(tables.link).where(chosen).returning(columns.account)).scalar_one_or_none()


def forget_links(connection: Connection, account: str) -> None:
    connection.execute(delete(tables.link).where(tables.link.c.account == account))


def _standings(now: datetime) -> Any:
    token, link = tables.token.c, tables.link.c
    alive = and_(token.account == tables.account.c.id, or_(token.expires_at.is_(None), token.expires_at > now))
    sessions = select(func.count()).where(alive).scalar_subquery()
    invite = and_(link.account == tables.account.c.id, link.kind == "invite", link.expires_at > now)
    until = select(func.max(link.expires_at)).where(invite).scalar_subquery()
    return select(tables.account, sessions.label("sessions"), until.label("invited_until"))


def _one(connection: Connection, question: Any) -> Account | None:
    row = connection.execute(question).one_or_none()
    return _account(row) if row else None


def _account(row: Row[Any]) -> Account:
    return Account(**row._mapping)


def _standing(row: Row[Any]) -> Standing:
    values = dict(row._mapping)
    sessions, until = values.pop("sessions"), values.pop("invited_until")
    return Standing(Account(**values), sessions, until)
