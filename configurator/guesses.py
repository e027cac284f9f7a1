"""How often a password was guessed wrong, in bounded space: who guesses, waits longer and longer.

The counts are in the database: a restart forgets none of them, and all processes count together.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from configurator.tables import guess
from service_kit.database import Database
from service_kit.secrets import Secret

#: Nobody waits for this many mistakes; then a second, two, four, …, and never longer than a minute: whoever knows the
#: password must not be locked out by those who do not.
_FREE = 5
_LONGEST = 60.0
_DOUBLINGS = 6
#: After this long without a guess all is forgotten.
_FORGET = timedelta(minutes=15)
#: Logins share this many counters, so that inventing logins fills no disk and pushes nobody out.
_COUNTERS = 16_384


class Guesses:
    """`secret` is what all processes of this installation share, and nobody else knows."""

    def __init__(self, database: Database, secret: Secret) -> None:
        self._database = database
        self._key = secret.get_secret_value().encode()

    async def wait(self, login: str) -> float:
        """Seconds until this login may be tried; 0 when now, and then the try counts as a mistake until it is none."""
        return await self._database.write(wait, self._counter(login), await self._database.now())

    async def right(self, login: str) -> None:
        """That was the password."""
        await self._database.write(right, self._counter(login))

    def _counter(self, login: str) -> int:
        """Keyed, so that a stranger cannot find two logins that share one."""
        digest = hmac.digest(self._key, login.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return int.from_bytes(digest[:8], "big") % _COUNTERS


def wait(connection: Connection, counter: int, now: datetime) -> float:
    """As `Guesses.wait`, in one transaction."""
    _make(connection, counter, now)
    row = connection.execute(select(guess).where(guess.c.counter == counter).with_for_update()).one()
    mistakes = row.mistakes if now - row.last <= _FORGET else 0
    # never longer than the pause itself: the clock may have been set back
    left: float = pause(mistakes) - max((now - row.last).total_seconds(), 0.0)
    if left > 0:
        return left
    connection.execute(update(guess).where(guess.c.counter == counter).values(mistakes=mistakes + 1, last=now))
    return 0.0


def right(connection: Connection, counter: int) -> None:
    connection.execute(delete(guess).where(guess.c.counter == counter))


def forget(connection: Connection, now: datetime) -> None:
    """Drop the counters that nobody touched for long."""
    connection.execute(delete(guess).where(guess.c.last < now - _FORGET))


def pause(mistakes: int) -> float:
    """Seconds to wait after this many mistakes in a row."""
    return 0.0 if mistakes < _FREE else min(2.0 ** min(mistakes - _FREE, _DOUBLINGS), _LONGEST)


def _make(connection: Connection, counter: int, now: datetime) -> None:
    """So that there is a row to lock: two processes must not both see none."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(guess).values(counter=counter, mistakes=0, last=now)
    connection.execute(new.on_conflict_do_nothing(index_elements=["counter"]))
