"""SQL of steps: claim what is due, with all that a decision rests on, in one transaction; finish only what is ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from notice_center.decide import Decision, Step, due_at
from notice_center.fold import NoticeState
from notice_center.inbox import Entry
from notice_center.tables import decision, entry, notice, step
from wire.config import Config

#: (notice, round, channel): where an address must not be written to twice.
Spot = tuple[int, int, str]


@dataclass(frozen=True)
class Claims:
    """Steps that this claim owns until the lease lapses, and what stood in the inboxes at that moment."""

    steps: list[Step]
    notices: dict[int, NoticeState]
    entries: dict[int, dict[str, Entry]]
    sent: dict[Spot, set[str]]


@dataclass(frozen=True)
class Finished:
    """A step and what was decided. `message_ids` by address, for those that were handed over. `revision` is that of
    the config by which it was decided; None when there was none."""

    step: Step
    decisions: tuple[Decision, ...]
    message_ids: dict[str, str]
    revision: int | None = None


def claim(connection: Connection, now: datetime, lease: timedelta, limit: int) -> Claims:
    """Take up to `limit` due steps, longest due first. What another process is just claiming is left to it."""
    due = select(step.c.id).where(step.c.state == "pending", step.c.wake_at <= now).order_by(step.c.wake_at)
    ids = list(connection.execute(due.limit(limit).with_for_update(skip_locked=True)).scalars())
    if not ids:
        return Claims([], {}, {}, {})
    taken = (
        update(step)
        .where(step.c.id.in_(ids), step.c.state == "pending", step.c.wake_at <= now)
        .values(fence=step.c.fence + 1, tries=step.c.tries + 1, wake_at=now + lease)
        .returning(*(step.c[name] for name in Step.__dataclass_fields__))
    )
    steps = sorted((Step(**row._mapping) for row in connection.execute(taken)), key=lambda one: one.id)
    return _with_surroundings(connection, steps)


def inherit(connection: Connection, now: datetime) -> int:
    """End the leases of a predecessor that is known to be dead, so that `claim` finds what it held. How many."""
    held = (step.c.state == "pending") & (step.c.tries > 0) & (step.c.wake_at > now)
    return connection.execute(update(step).where(held).values(wake_at=now)).rowcount


def finish(connection: Connection, done: Sequence[Finished], now: datetime) -> int:
    """Record decisions and close the steps; a step that someone else claimed since is left alone.

    Returns how many steps were ours.
    """
    ours = 0
    for one in done:
        until = next((each.until for each in one.decisions if each.verdict == "wait"), None)
        values = {"wake_at": until, "tries": 0} if until else {"state": "done"}
        if _update_mine(connection, one.step, values):
            ours += 1
            connection.execute(insert(decision), [_row(one, each, now) for each in one.decisions])
    return ours


def back_off(connection: Connection, steps: Sequence[tuple[Step, datetime]], error: str) -> None:
    """Look at these again at the given times; nothing was decided."""
    for one, at in steps:
        _update_mine(connection, one, {"wake_at": at, "error": error})


def sooner(connection: Connection, configs: Mapping[str, Config], now: datetime) -> list[tuple[int, datetime]]:
    """Steps that nobody has claimed, and that these configs, as they are now, want sooner: (id, when).

    Never later: that is found out when they are due.
    """
    waiting = select(step.c.id, step.c.config, step.c.channel, step.c.wake_at, notice.c.fired_at)
    rows = connection.execute(waiting.join(notice, notice.c.number == step.c.notice).where(*_UNCLAIMED))
    return [
        (row.id, at)
        for row in rows
        if row.config in configs and (at := due_at(configs[row.config], row.channel, row.fired_at, now)) < row.wake_at
    ]


def bring_forward(connection: Connection, steps: Sequence[tuple[int, datetime]]) -> None:
    """Move them, as far as nobody has claimed them meanwhile."""
    moved = update(step).where(step.c.id == bindparam("of"), *_UNCLAIMED).values(wake_at=bindparam("at"))
    connection.execute(moved, [{"of": id_, "at": at} for id_, at in steps])


_UNCLAIMED = (step.c.state == "pending", step.c.tries == 0)


def next_wake(connection: Connection) -> datetime | None:
    """When the next step has to be looked at."""
    at: datetime | None = connection.execute(select(func.min(step.c.wake_at)).where(step.c.state == "pending")).scalar()
    return at


def _update_mine(connection: Connection, one: Step, values: dict[str, Any]) -> bool:
    mine = update(step).where(step.c.id == one.id, step.c.fence == one.fence, step.c.state == "pending")
    return connection.execute(mine.values(**values)).rowcount == 1


def _with_surroundings(connection: Connection, steps: list[Step]) -> Claims:
    numbers = sorted({one.notice for one in steps})
    rows = connection.execute(select(notice).where(notice.c.number.in_(bindparam("of", numbers, expanding=True))))
    notices = {row.number: NoticeState(**row._mapping) for row in rows}
    entries: dict[int, dict[str, Entry]] = {number: {} for number in numbers}
    for row in connection.execute(select(entry).where(entry.c.notice.in_(numbers))):
        entries[row.notice][row.recipient] = Entry(**row._mapping)
    sent: dict[Spot, set[str]] = defaultdict(set)
    was_sent = select(decision).where(decision.c.notice.in_(numbers), decision.c.verdict == "send")
    for row in connection.execute(was_sent):
        sent[row.notice, row.round, row.channel].add(row.address)
    return Claims(steps, notices, entries, sent)


def _row(one: Finished, each: Decision, now: datetime) -> dict[str, Any]:
    return {
        "notice": one.step.notice, "config": one.step.config, "channel": one.step.channel, "round": one.step.round,
        "recipient": each.recipient, "address": each.address, "verdict": each.verdict, "reason": each.reason,
        "message": one.message_ids.get(each.address) if each.address else None, "at": now,
        "revision": one.revision,
    }  # fmt: skip
