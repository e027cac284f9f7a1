"""All SQL. Sync functions over a Connection, run by `database.read` and `database.write`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Table, case, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from configurator import tables

#: Ids of one question: databases bound how many parameters a statement has.
_AT_ONCE = 500


@dataclass(frozen=True)
class Document:
    """A config, recipient or alert as it is now. `body` is JSON text without its id."""

    id: str
    revision: int
    body: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Revision:
    """A document as somebody left it; `body` is None when they deleted it."""

    id: str
    revision: int
    action: str
    body: str | None
    at: datetime
    by_id: str
    by_name: str


@dataclass(frozen=True)
class Token:
    """A token, known by its hash. `scopes` are separated by spaces. With an `account` it is a session of theirs."""

    id: str
    hash: str
    name: str
    scopes: str
    recipient: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    account: str | None = None
    used_at: datetime | None = None


def find(connection: Connection, table: Table, id: str) -> Document | None:
    row = connection.execute(_documents(table).where(table.c.id == id)).one_or_none()
    return _document(row) if row else None


def find_all(connection: Connection, table: Table, ids: Collection[str]) -> list[Document]:
    """Those of `ids` that there are."""
    found: list[Document] = []
    for some in _chunks(sorted(ids)):
        found += [_document(row) for row in connection.execute(_documents(table).where(table.c.id.in_(some)))]
    return found


def page(
    connection: Connection,
    table: Table,
    after: str | None,
    limit: int | None,
    filters: Mapping[str, Any],
    keep: Callable[[Document], bool] = lambda _: True,
) -> list[Document]:
    """The documents whose columns equal `filters` and that `keep` takes, by id, beginning after `after`.

    `keep` looks at one document after the other: operators have hundreds of configs, or a few thousand.
    """
    question = _documents(table).order_by(table.c.id)
    question = question.where(*(table.c[name] == value for name, value in filters.items()))
    question = question.where(table.c.id > after) if after is not None else question
    found = filter(keep, map(_document, connection.execute(question)))
    return list(islice(found, limit))


def ids(connection: Connection, table: Table) -> set[str]:
    return set(connection.scalars(select(table.c.id)))


def count_configs(connection: Connection) -> dict[str, tuple[int, int]]:
    """Alert → (its configs, those of them that are enabled)."""
    columns = tables.config.c
    enabled = func.sum(case((columns.enabled, 1), else_=0))
    question = select(columns.name, func.count(), enabled).group_by(columns.name)
    return {name: (total, on) for name, total, on in connection.execute(question)}


def lock_all(connection: Connection, table: Table) -> list[Document]:
    """Every document, which nobody changes until this transaction ends."""
    return [_document(row) for row in connection.execute(_documents(table).order_by(table.c.id).with_for_update())]


def add(connection: Connection, table: Table, document: Document, columns: Mapping[str, Any]) -> bool:
    """Whether it was added; False when the id is taken."""
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(**vars(document), **columns))
    except IntegrityError:
        return False
    return True


def replace(
    connection: Connection, table: Table, document: Document, columns: Mapping[str, Any], expected: int
) -> bool:
    """Whether it was replaced; False when it is not at the `expected` revision any more."""
    change = update(table).where(table.c.id == document.id, table.c.revision == expected)
    return connection.execute(change.values(**vars(document), **columns)).rowcount == 1


def remove(connection: Connection, table: Table, id: str, expected: int) -> bool:
    """Whether it was removed; False when it is not at the `expected` revision any more."""
    return connection.execute(delete(table).where(table.c.id == id, table.c.revision == expected)).rowcount == 1


def add_revision(connection: Connection, kind: str, revision: Revision) -> None:
    connection.execute(insert(tables.revision).values(kind=kind, **vars(revision)))


def last_revision(connection: Connection, kind: str, id: str) -> int:
    """The number of the newest revision that ever was; 0 when there was none."""
    column = tables.revision.c.revision
    question = select(func.max(column)).where(tables.revision.c.kind == kind, tables.revision.c.id == id)
    return connection.execute(question).scalar_one() or 0


def find_revision(connection: Connection, kind: str, id: str, number: int) -> Revision | None:
    row = connection.execute(_revisions(kind, id).where(tables.revision.c.revision == number)).one_or_none()
    return _revision(row) if row else None


def page_revisions(connection: Connection, kind: str, id: str, before: int | None, limit: int) -> list[Revision]:
    """The newest first, beginning below `before`."""
    column = tables.revision.c.revision
    question = _revisions(kind, id).order_by(column.desc()).limit(limit)
    question = question.where(column < before) if before is not None else question
    return [_revision(row) for row in connection.execute(question)]


def add_token(connection: Connection, token: Token) -> None:
    connection.execute(insert(tables.token).values(**vars(token)))


def page_tokens(connection: Connection, after: str | None, limit: int) -> list[Token]:
    """Tokens that were created as such: no sessions."""
    question = select(tables.token).where(tables.token.c.account.is_(None)).order_by(tables.token.c.id).limit(limit)
    question = question.where(tables.token.c.id > after) if after is not None else question
    return [_token(row) for row in connection.execute(question)]


def all_tokens(connection: Connection) -> list[Token]:
    return [_token(row) for row in connection.execute(select(tables.token).order_by(tables.token.c.id))]


def lock_tokens(connection: Connection) -> list[Token]:
    """Every token, which nobody revokes until this transaction ends."""
    return [_token(row) for row in connection.execute(select(tables.token).with_for_update())]


def remove_token(connection: Connection, id: str) -> Token | None:
    """The token that was removed; None when there was none. A session is none: its account signs it out."""
    chosen = (tables.token.c.id == id) & tables.token.c.account.is_(None)
    row = connection.execute(delete(tables.token).where(chosen).returning(tables.token)).one_or_none()
    return _token(row) if row else None


def note_use(connection: Connection, id: str, at: datetime) -> None:
    """Several services tell of uses, in any order: the latest counts."""
    columns = tables.token.c
    older = columns.used_at.is_(None) | (columns.used_at < at)
    connection.execute(update(tables.token).where(columns.id == id, older).values(used_at=at))


def remove_tokens_of(connection: Connection, recipient: str) -> list[Token]:
    """The tokens that were removed."""
    change = delete(tables.token).where(tables.token.c.recipient == recipient).returning(tables.token)
    return [_token(row) for row in connection.execute(change)]


def waiting_events(connection: Connection) -> set[str]:
    """What the outbox holds, as JSON texts."""
    return set(connection.execute(select(tables.outbox.c.event)).scalars())


def answers(connection: Connection) -> None:
    """Returns when the database answers questions."""
    connection.execute(text("SELECT 1"))


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _documents(table: Table) -> Any:
    columns = table.c
    return select(columns.id, columns.revision, columns.body, columns.created_at, columns.updated_at)


def _revisions(kind: str, id: str) -> Any:
    columns = tables.revision.c
    return select(
        columns.id, columns.revision, columns.action, columns.body, columns.at, columns.by_id, columns.by_name
    ).where(columns.kind == kind, columns.id == id)


def _document(row: Row[Any]) -> Document:
    return Document(**row._mapping)


def _revision(row: Row[Any]) -> Revision:
    return Revision(**row._mapping)


def _token(row: Row[Any]) -> Token:
    return Token(**row._mapping)
