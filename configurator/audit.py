"""The audit trail: who got in, who did not, and who changed what others may do. Only ever added to, and read.

What was done and its record are one transaction. Configs and recipients have revisions instead.
Every function is sync over a Connection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sqlalchemy import Connection, Row, delete, insert, select

from configurator import tables
from service_kit.auth import Principal
from wire.ids import new_id

Action = Literal[
    "signed-in", "sign-in-refused", "signed-out", "password-changed", "sign-in-link-made", "account-created",
    "account-changed", "account-deleted", "account-invited", "sessions-ended", "token-created", "token-revoked",
    "jwts-revoked",
]  # fmt: skip
#: Strangers write these: more of them push out the oldest of their kind, and nothing else.
_MOST_REFUSALS = 10_000
#: Records of either kind that are forgotten in one transaction.
_AT_ONCE = 500


class Named(Protocol):
    """Whoever acts: a Principal, or an Account that signs in."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class About:
    """What an act was done to: an account by its login, a token by its name, a recipient. Outlives it."""

    kind: Literal["account", "token", "recipient"]
    id: str
    name: str


@dataclass(frozen=True)
class Record:
    """`by` is None for a stranger. `details` depend on the action; there is never a secret in them."""

    id: str
    at: datetime
    action: str
    by: tuple[str, str] | None
    about: About | None
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Search:
    """Which records; None takes all. `by` and `about` are ids."""

    action: Action | None = None
    by: str | None = None
    about: str | None = None


def note(
    connection: Connection, action: Action, at: datetime, by: Named | None, about: About | None, /, **details: Any
) -> None:
    """Add a record to the transaction that is open."""
    values = {
        "id": new_id(), "at": at, "action": action, "details": json.dumps(details, ensure_ascii=False),
        "by_id": _lasting(by) if by else None, "by_name": by.name if by else None,
        "about_kind": about.kind if about else None, "about_id": about.id if about else None,
        "about_name": about.name if about else None,
    }  # fmt: skip
    connection.execute(insert(tables.audit).values(values))


def page(connection: Connection, search: Search, before: str | None, limit: int) -> list[Record]:
    """The newest first, beginning below the id `before`."""
    columns = tables.audit.c
    wanted = {columns.action: search.action, columns.by_id: search.by, columns.about_id: search.about}
    question = select(tables.audit).where(*(column == value for column, value in wanted.items() if value is not None))
    question = question.where(columns.id < before) if before is not None else question
    return [_record(row) for row in connection.execute(question.order_by(columns.id.desc()).limit(limit))]


def forget(connection: Connection, keep: timedelta, now: datetime) -> int:
    """Drop records that are older than `keep`, and refusals beyond the newest; how many, a bounded number at a time."""
    columns = tables.audit.c
    refusals = select(columns.id).where(columns.action == "sign-in-refused").order_by(columns.id.desc())
    old = select(columns.id).where(columns.at < now - keep).order_by(columns.id)
    surplus = refusals.offset(_MOST_REFUSALS)
    doomed = {id for question in (old, surplus) for id in connection.scalars(question.limit(_AT_ONCE))}
    connection.execute(delete(tables.audit).where(columns.id.in_(doomed)))
    return len(doomed)


def _lasting(by: Named) -> str:
    """The id that outlives a session: that of its account."""
    return by.account if isinstance(by, Principal) and by.account else by.id


def _record(row: Row[Any]) -> Record:
    by = (row.by_id, row.by_name) if row.by_id is not None else None
    about = About(row.about_kind, row.about_id, row.about_name) if row.about_id is not None else None
    return Record(row.id, row.at, row.action, by, about, json.loads(row.details))
