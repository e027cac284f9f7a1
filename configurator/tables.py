"""The tables. Configs, recipients and alerts are documents of one shape; each of their revisions is kept for ever."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text

from service_kit.outbox import outbox_table
from service_kit.times import Time

metadata = MetaData()

#: Sorted by code point on both databases: a cursor must mean the same everywhere.
Sorted = Text().with_variant(Text(collation="C"), "postgresql")


def _documents(name: str, *own: Column[Any]) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Sorted, primary_key=True),
        Column("revision", Integer, nullable=False),
        Column("body", Text, nullable=False),
        Column("created_at", Time, nullable=False),
        Column("updated_at", Time, nullable=False),
        *own,
    )


config = _documents("config", Column("name", Text, nullable=False), Column("enabled", Boolean, nullable=False))
Index("config_name", config.c.name)
recipient = _documents("recipient")
alert = _documents("alert")

#: A deletion is a revision too, without a body: numbers go on if the same id is created anew.
revision = Table(
    "revision",
    metadata,
    Column("kind", Text, nullable=False),
    Column("id", Sorted, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("body", Text),
    Column("at", Time, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    PrimaryKeyConstraint("kind", "id", "revision", name="revision_pkey"),
)

#: `hash` is all that is known of a token's text. One with an `account` is a session: that person, signed in somewhere.
token = Table(
    "token",
    metadata,
    Column("id", Sorted, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("recipient", Text),
    Column("created_at", Time, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Time),
    Column("account", Text),
    Column("used_at", Time),
)
Index("token_account", token.c.account)
Index("token_hash", token.c.hash, unique=True)
Index("token_recipient", token.c.recipient)

#: A person who can sign in. `password` is an argon2 hash; there is none until an invite was accepted.
account = Table(
    "account",
    metadata,
    Column("id", Sorted, primary_key=True),
    Column("login", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("recipient", Text),
    Column("password", Text),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("signed_in_at", Time),
)
Index("account_login", account.c.login, unique=True)
Index("account_recipient", account.c.recipient, unique=True)

#: A one-time link: whoever has its text, of which only the hash is kept, gets into the account once.
link = Table(
    "link",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("expires_at", Time, nullable=False),
)
Index("link_account", link.c.account)

#: Who got in, who did not, and who changed what others may do. `details` is JSON.
audit = Table(
    "audit",
    metadata,
    Column("id", Sorted, primary_key=True),
    Column("at", Time, nullable=False),
    Column("action", Text, nullable=False),
    Column("by_id", Text),
    Column("by_name", Text),
    Column("about_kind", Text),
    Column("about_id", Text),
    Column("about_name", Text),
    Column("details", Text, nullable=False),
)
Index("audit_at", audit.c.at)
Index("audit_action", audit.c.action, audit.c.id)

#: Wrong passwords in a row, and when the last one was tried. Logins share counters.
guess = Table(
    "guess",
    metadata,
    Column("counter", Integer, primary_key=True, autoincrement=False),
    Column("mistakes", Integer, nullable=False),
    Column("last", Time, nullable=False),
)

#: A recipient's JWT that was issued before `since` opens nothing any more.
jwts = Table(
    "jwts",
    metadata,
    Column("recipient", Sorted, primary_key=True),
    Column("since", Time, nullable=False),
)

outbox = outbox_table(metadata)
