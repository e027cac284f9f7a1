"""SQL of folding: a batch of emissions becomes notices, inbox entries, steps and events in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, insert, select, text, tuple_, update

from notice_center import emissions, inbox
from notice_center.directory import PANEL, Directory
from notice_center.fold import Effect, Emission, NoticeState, fold
from notice_center.inbox import Entry
from notice_center.tables import decision, emission, entry, notice, outbox, outcome, step
from service_kit import outbox as outbox_rows
from service_kit.faults import faultpoint
from wire.event import Event
from wire.notice import Notice

#: Two processes on one PostgreSQL fold in turns.
_TURN = text("SELECT pg_advisory_xact_lock(1852798052)")


@dataclass(frozen=True)
class Report:
    """How far folding has come, how many emissions this batch held, whether there are events and steps."""

    folded_to: int
    count: int
    steps: int = 0
    events: int = 0


@dataclass
class Work:
    """What one batch writes. `notices` and `entries` hold the newest state of each that was touched."""

    directory: Directory
    notices: dict[int, NoticeState] = field(default_factory=dict)
    open: dict[tuple[str, str], int] = field(default_factory=dict)
    entries: dict[int, dict[str, Entry]] = field(default_factory=dict)
    new_notices: list[int] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    events: dict[tuple[int, str], Literal["created", "updated"]] = field(default_factory=dict)
    rounds: set[int] = field(default_factory=set)


def fold_batch(connection: Connection, directory: Directory, limit: int) -> Report:
    """Fold the next `limit` emissions, in order. Raises when one of them cannot be folded; then none is."""
    _take_turn(connection)
    before = emissions.last_folded(connection)
    batch = _next(connection, before, limit)
    if not batch:
        return Report(before, 0)
    work = _begin(connection, directory, batch)
    for one in batch:
        _fold_one(work, one)
    events = _write(connection, work)
    faultpoint("fold.written")
    return Report(batch[-1].seq, len(batch), len(work.steps), events)


def set_aside(connection: Connection, seq: int, reason: str) -> None:
    """Go on behind an emission that cannot be folded. It stays stored, and its reason with it."""
    _take_turn(connection)
    if emissions.last_folded(connection) < seq:
        row = {"seq": seq, "notice": None, "effect": "set_aside", "reason": reason}
        connection.execute(insert(outcome), [row])


def next_seq(connection: Connection) -> int | None:
    """The emission that is next to be folded."""
    after = emission.c.seq > emissions.last_folded(connection)
    return connection.execute(select(emission.c.seq).where(after).order_by(emission.c.seq).limit(1)).scalar()


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN)


def _next(connection: Connection, after: int, limit: int) -> list[Emission]:
    rows = connection.execute(select(emission).where(emission.c.seq > after).order_by(emission.c.seq).limit(limit))
    return [Emission(row.seq, row.id, row.received_at, Notice.model_validate_json(row.body)) for row in rows]


def _begin(connection: Connection, directory: Directory, batch: Sequence[Emission]) -> Work:
    """Load the open notices that the batch may touch, with their entries."""
    work = Work(directory)
    keys = sorted({(one.said.alert, one.said.key) for one in batch if one.said.key is not None})
    if not keys:
        return work
    is_open = (notice.c.status == "firing") & tuple_(notice.c.alert, notice.c.key).in_(keys)
    for row in connection.execute(select(notice).where(is_open)):
        state = NoticeState(**row._mapping)
        work.notices[state.number] = state
        work.open[state.alert, state.key or ""] = state.number
        work.entries[state.number] = {}
    for row in connection.execute(select(entry).where(entry.c.notice.in_(list(work.notices)))):
        work.entries[row.notice][row.recipient] = Entry(**row._mapping)
    return work


def _fold_one(work: Work, one: Emission) -> None:
    key = (one.said.alert, one.said.key) if one.said.key is not None else None
    number = work.open.get(key) if key else None
    folded = fold(work.notices[number] if number is not None else None, one)
    state = folded.notice
    work.outcomes.append(
        {"seq": one.seq, "notice": state.number if state else None, "effect": folded.effect, "reason": None}
    )
    if state is None:
        return
    if folded.effect == "opened":
        work.new_notices.append(state.number)
        work.entries[state.number] = {}
    work.notices[state.number] = state
    if key:
        _track(work, key, state)
    _tell(work, state, one, folded.effect)


def _track(work: Work, key: tuple[str, str], state: NoticeState) -> None:
    if state.status == "firing":
        work.open[key] = state.number
    else:
        work.open.pop(key, None)


def _tell(work: Work, state: NoticeState, one: Emission, effect: Effect) -> None:
    """Entries for the audience, and steps when it asks for attention."""
    entries = work.entries[state.number]
    said = one.said if one.said.config else one.said.model_copy(update={"config": state.config})
    if effect == "escalated":
        work.rounds.add(state.number)
        for name, known in entries.items():
            entries[name] = replace(known, read_at=None, acknowledged_at=None, acknowledge_note=None, archived_at=None)
    for name in entries:
        work.events.setdefault((state.number, name), "updated")
    for name in work.directory.audience(said):
        if name not in entries:
            entries[name] = Entry(name, state.number, one.received_at)
            work.events[state.number, name] = "created"
    if effect in ("opened", "escalated") and state.status == "firing":
        work.steps += _steps(work.directory, state, said)
        if said.config and not work.directory.speaking(said):
            work.decisions.append(_no_config(work.directory, state, said.config))


def _steps(directory: Directory, state: NoticeState, said: Notice) -> list[dict[str, Any]]:
    return [
        {
            "notice": state.number, "config": config.id, "channel": channel, "round": state.round, "state": "pending",
            "wake_at": state.fired_at + settings.after, "fence": 0, "tries": 0, "error": None,
        }
        for config in directory.speaking(said)
        for channel, settings in config.channel.items()
        if channel != PANEL
    ]  # fmt: skip


def _no_config(directory: Directory, state: NoticeState, config: str) -> dict[str, Any]:
    """It speaks for a config that has no say: the trail tells why no channel was used."""
    return {
        "notice": state.number, "config": config, "channel": None, "round": state.round, "recipient": None,
        "address": None, "verdict": "skip", "message": None, "at": state.fired_at,
        "reason": "config_disabled" if config in directory.configs else "config_gone",
    }  # fmt: skip


def _write(connection: Connection, work: Work) -> int:
    """Everything of the batch; returns the number of events."""
    new = set(work.new_notices)
    changed = [vars(state) for number, state in work.notices.items() if number not in new]
    _many(connection, insert(notice), [vars(work.notices[number]) for number in work.new_notices])
    _many(connection, _UPDATE_NOTICE, [_renamed(row) for row in changed])
    created = [key for key, action in work.events.items() if action == "created"]
    _many(connection, insert(entry), [vars(work.entries[number][name]) for number, name in created])
    fresh = set(created)
    reopened = [one for number in work.rounds for one in work.entries[number].values()]
    again = [one for one in reopened if (one.notice, one.recipient) not in fresh]
    _many(connection, _REOPEN, [{"of": one.notice, "whose": one.recipient} for one in again])
    _many(connection, insert(step), work.steps)
    _many(connection, insert(decision), work.decisions)
    _many(connection, insert(outcome), work.outcomes)
    events = [_event(work, number, name, action) for (number, name), action in work.events.items()]
    outbox_rows.put(connection, outbox, events)
    return len(events)


_UPDATE_NOTICE = (
    update(notice)
    .where(notice.c.number == bindparam("of"))
    .values({column.name: bindparam(f"new_{column.name}") for column in notice.c if column.name != "number"})
)
_REOPEN = (
    update(entry)
    .where(entry.c.notice == bindparam("of"), entry.c.recipient == bindparam("whose"))
    .values(read_at=None, acknowledged_at=None, acknowledge_note=None, archived_at=None)
)


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    return {"of" if name == "number" else f"new_{name}": value for name, value in row.items()}


def _many(connection: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)


def _event(work: Work, number: int, name: str, action: Literal["created", "updated"]) -> Event:
    return inbox.event(work.notices[number], work.entries[number][name], action)
