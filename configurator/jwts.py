"""JWT of people: the customer's issuer makes them, and here it is kept since when those of a recipient count.

It travels on the topic `token`, as revoked tokens do. Sync functions over a Connection.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from configurator import announce, audit, tables
from configurator.audit import About
from configurator.author import Author
from service_kit import outbox
from service_kit.faults import faultpoint


def revoke(connection: Connection, recipient: str, author: Author) -> datetime:
    """Those of this recipient's JWT that were issued before the answer open nothing any more."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(tables.jwts).values(recipient=recipient, since=author.now)
    later = new.excluded.since > tables.jwts.c.since  # a clock that was set back must not open what was shut
    connection.execute(
        new.on_conflict_do_update(index_elements=["recipient"], set_={"since": new.excluded.since}, where=later)
    )
    stored = select(tables.jwts.c.since).where(tables.jwts.c.recipient == recipient)
    since: datetime = connection.execute(stored).scalar_one()
    outbox.put(connection, tables.outbox, [announce.jwts_revoked(recipient, since)])
    audit.note(connection, "jwts-revoked", author.now, author.who, About("recipient", recipient, recipient))
    faultpoint("configurator.changed")
    return since


def revoked(connection: Connection) -> list[tuple[str, datetime]]:
    """(recipient, since when their JWT count) of all whose JWT were ever revoked."""
    return [(row.recipient, row.since) for row in connection.execute(select(tables.jwts))]
