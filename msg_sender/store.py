"""SQL of the queue: accept, claim, record. Functions that change something name what they expect to find, and say
whether they found it. What operators ask is in `message_store` and `health_store`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, insert, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from msg_sender.destination import destination_of
from msg_sender.lanes import Room
from msg_sender.reason import Reason, because
from msg_sender.tables import attempts, messages
from service_kit.secrets import mask
from wire.message import Message

Verdict = Literal["accepted", "duplicate", "conflict"]

#: Said of an attempt whose end nobody knows.
_LOST = because("the sender stopped before the answer was recorded; it may have been sent", code="answer-lost")
_LOOKUP = 1_000
_CONTENTS = {"attachments": {"__all__": {"content"}}}


@dataclass(frozen=True)
class Claim:
    """A message that this worker may send until its lease ends. `fence` proves it."""

    number: int
    fence: int
    id: str
    channel: str
    body: str
    attempts: int
    breakdowns: int
    since: datetime
    accepted_at: datetime
    destination: str | None = None
    contents: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended, and what becomes of its message: `due_at` None means that it is finished."""

    sent: bool
    status: Literal["pending", "sent", "dead"]
    due_at: datetime | None
    breakdowns: int
    error: Reason | None = None
    answer: str | None = None
    reference: str | None = None
    reason: Reason | None = None


def accept(connection: Connection, given: Sequence[Message], now: datetime) -> list[Verdict]:
    """Store those whose id is new, due at once; one verdict for each, in order."""
    digests = [digest(message) for message in given]
    first: dict[str, int] = {}
    for index, message in enumerate(given):
        first.setdefault(str(message.id), index)
    new = _insert_new(connection, [_row(given[index], digests[index], now) for index in first.values()])
    known = _digests(connection, [name for name in first if name not in new])
    known |= {name: digests[first[name]] for name in new}
    return [
        "accepted" if str(message.id) in new and first[str(message.id)] == index
        else "duplicate" if known[str(message.id)] == digests[index]
        else "conflict"
        for index, message in enumerate(given)
    ]  # fmt: skip


def digest(message: Message) -> str:
    """Equal for equal messages, whatever the order of the members in `data`."""
    return hashlib.sha256(json.dumps(message.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def claim(
    connection: Connection, channel: str, limit: int, now: datetime, lease_until: datetime, room: Room | None = None
) -> list[Claim]:
    """Take messages of a channel that are due: new ones, and those whose holder's lease has ended.

    As many as there is `room` for, `limit` at most.
    """
    room = room or Room(limit)
    room.free = min(room.free, limit)
    numbers = _pick(connection, channel, room, now)
    lost = _lose_unfinished(connection, numbers, now)
    rows = connection.execute(
        update(messages)
        .where(messages.c.number.in_(numbers), messages.c.due_at <= now)
        .values(status="sending", due_at=lease_until, fence=messages.c.fence + 1)
        .returning(messages)
    ).mappings()
    claims = [_claim(row, row["number"] in lost) for row in rows]
    return sorted(claims, key=lambda one: numbers.index(one.number))


def _pick(connection: Connection, channel: str, room: Room, now: datetime) -> list[int]:
    """Longest due first. Each look closes a destination at least, or is the last."""
    picked: list[int] = []
    while room.free > 0:
        asked = room.free
        due = (
            select(messages.c.number, messages.c.destination)
            .where(messages.c.channel == channel, messages.c.due_at <= now, messages.c.number.not_in(picked))
            .where(_open(room.closed()))
            .order_by(messages.c.due_at, messages.c.number)
            .limit(asked)
        )
        if connection.dialect.name == "postgresql":
            due = due.with_for_update(skip_locked=True)
        rows = connection.execute(due).all()
        picked += [row.number for row in rows if room.take(row.destination)]
        if len(rows) < asked:
            break
    return picked


def _open(closed: Sequence[str]) -> ColumnElement[bool]:
    """Messages whose destination is none of `closed`."""
    if not closed:
        return true()
    return or_(messages.c.destination.is_(None), messages.c.destination.not_in(closed))


def inherit(connection: Connection, now: datetime) -> int:
    """End the leases of a predecessor that is known to be dead, so that `claim` finds what it held. How many."""
    change = update(messages).where(messages.c.status == "sending", messages.c.due_at > now).values(due_at=now)
    return connection.execute(change).rowcount


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Delete up to `limit` messages that were finished before then, with their attempts; answers how many."""
    old = select(messages.c.number).where(messages.c.finished_at < before).limit(limit)
    return connection.execute(delete(messages).where(messages.c.number.in_(old))).rowcount


def extend(connection: Connection, held: Sequence[Claim], lease_until: datetime) -> set[int]:
    """Prolong the leases; answers the numbers that are still held."""
    return {one.number for one in held if connection.execute(_held(one).values(due_at=lease_until)).rowcount}


def release(connection: Connection, held: Claim, due_at: datetime, reason: Reason | None = None) -> bool:
    """Give a message back untried, to be claimed again at `due_at`. `reason` is what operators see meanwhile."""
    why = _columns("reason", reason) if reason else {}
    return bool(connection.execute(_held(held).values(status="pending", due_at=due_at, **why)).rowcount)


def begin(connection: Connection, held: Claim, now: datetime, lease_until: datetime) -> bool:
    """Write down that an attempt starts; False when the message is no longer ours: then nothing may be sent."""
    mine = connection.execute(
        _held(held).values(due_at=lease_until, attempts=held.attempts + 1, breakdowns=held.breakdowns)
    ).rowcount
    if mine:
        row = {"message": held.number, "channel": held.channel, "fence": held.fence, "started_at": now}
        connection.execute(insert(attempts).values(row | {"outcome": "started"}))
    return bool(mine)


def finish(connection: Connection, held: Claim, outcome: Outcome, now: datetime) -> bool:
    """Write down how the attempt ended. False when another worker has the message since: its record stands."""
    mine = connection.execute(
        _held(held).values(
            status=outcome.status,
            due_at=outcome.due_at,
            breakdowns=outcome.breakdowns,
            **_columns("reason", outcome.reason),
            finished_at=None if outcome.due_at else now,
        )
    ).rowcount
    if mine and outcome.status == "sent" and held.contents is not None:
        connection.execute(update(messages).where(messages.c.number == held.number).values(contents=None))
    if mine:
        connection.execute(
            update(attempts)
            .where(attempts.c.message == held.number, attempts.c.fence == held.fence)
            .values(
                finished_at=now,
                outcome="sent" if outcome.sent else "failed",
                **_columns("error", outcome.error),
                answer=outcome.answer,
                reference=outcome.reference,
            )
        )
    return bool(mine)


def bury(connection: Connection, held: Claim, reason: Reason, now: datetime) -> bool:
    """To the dead letters without another attempt."""
    dead = {"status": "dead", "due_at": None, "finished_at": now, **_columns("reason", reason)}
    return bool(connection.execute(_held(held).values(**dead)).rowcount)


def next_due(connection: Connection, channel: str, closed: Sequence[str] = ()) -> datetime | None:
    """When the next message of a channel is due, be it past, to a destination that is none of `closed`."""
    mine = select(func.min(messages.c.due_at)).where(messages.c.channel == channel, _open(closed))
    at: datetime | None = connection.scalar(mine)
    return at


def _columns(name: str, reason: Reason | None) -> dict[str, str | None]:
    """`reason` in its two columns."""
    return {name: reason.text if reason else None, f"{name}_codes": reason.stored() if reason else None}


def _held(held: Claim) -> Any:
    """The UPDATE that hits only while `held` is the latest claim of its message."""
    return update(messages).where(
        messages.c.number == held.number, messages.c.fence == held.fence, messages.c.status == "sending"
    )


def _lose_unfinished(connection: Connection, numbers: Sequence[int], now: datetime) -> set[int]:
    """Close the attempts that a dead worker left open; answers their messages."""
    change = (
        update(attempts)
        .where(and_(attempts.c.message.in_(numbers), attempts.c.outcome == "started"))
        .values(outcome="lost", finished_at=now, **_columns("error", _LOST))
        .returning(attempts.c.message)
    )
    return set(connection.scalars(change))


def _claim(row: RowMapping, lost: bool) -> Claim:
    return Claim(
        number=row["number"], fence=row["fence"], id=row["id"], channel=row["channel"], body=row["body"],
        attempts=row["attempts"], breakdowns=row["breakdowns"] + lost, since=row["since"],
        accepted_at=row["accepted_at"], destination=row["destination"], contents=row["contents"],
    )  # fmt: skip


def _contents(message: Message) -> str | None:
    found = {place: one.content for place, one in enumerate(message.attachments) if one.content is not None}
    return json.dumps(found) if found else None


def _row(message: Message, content: str, now: datetime) -> dict[str, Any]:
    return {
        "id": message.id, "channel": message.channel, "address": message.to, "notice": message.notice,
        "body": message.model_dump_json(exclude=_CONTENTS), "contents": _contents(message),
        "digest": content, "status": "pending", "due_at": now, "fence": 0,
        "attempts": 0, "breakdowns": 0, "accepted_at": now, "since": now,
        "replaces": message.replaces,
        "destination": destination_of(message.to), "search": f"{mask(message.to)}\n{message.title}".casefold(),
    }  # fmt: skip


def _insert_new(connection: Connection, rows: Sequence[dict[str, Any]]) -> set[str]:
    """The ids of those that were not there. The numbers follow the order of the rows."""
    if not rows:
        return set()
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(messages).on_conflict_do_nothing(index_elements=["id"]).returning(messages.c.id)
    return set(connection.scalars(statement, rows))


def _digests(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(ids), _LOOKUP):
        query = select(messages.c.id, messages.c.digest).where(messages.c.id.in_(ids[start : start + _LOOKUP]))
        found |= {row.id: row.digest for row in connection.execute(query)}
    return found
