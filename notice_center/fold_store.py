"""SQL of folding: a batch of emissions becomes notices, inbox entries, steps and events in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, select, text, tuple_, update

from notice_center import emissions, inbox
from notice_center.audience import Audience, audience
from notice_center.directory import PANEL, Directory
from notice_center.fold import Effect, Emission, NoticeState, fold
from notice_center.inbox import Entry
from notice_center.tables import decision, emission, entry, notice, outbox, outcome, step
from service_kit import outbox as outbox_rows
from service_kit.bulk import insert_rows, update_rows
from service_kit.faults import faultpoint
from service_kit.times import from_micros
from wire.notice import Notice

_validate = Notice.__pydantic_validator__.validate_json

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
    """What one batch writes. `notices` and `entries` hold the newest state of each that was touched.

    `outcomes`, `steps` and `decisions` are rows: values in the order of the table's columns, without a counted id.
    """

    directory: Directory
    notices: dict[int, NoticeState] = field(default_factory=dict)
    open: dict[tuple[str, str], int] = field(default_factory=dict)
    entries: dict[int, dict[str, Entry]] = field(default_factory=dict)
    new_notices: list[int] = field(default_factory=list)
    outcomes: list[tuple[Any, ...]] = field(default_factory=list)
    steps: list[tuple[Any, ...]] = field(default_factory=list)
    decisions: list[tuple[Any, ...]] = field(default_factory=list)
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
        insert_rows(connection, outcome, [(seq, None, "set_aside", reason)])


def next_seq(connection: Connection) -> int | None:
    """The emission that is next to be folded."""
    after = emission.c.seq > emissions.last_folded(connection)
    return connection.execute(select(emission.c.seq).where(after).order_by(emission.c.seq).limit(1)).scalar()


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN)


def _next(connection: Connection, after: int, limit: int) -> list[Emission]:
    """On the raw driver: every notice goes through here. What came in one commit shares its time."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    rows = connection.exec_driver_sql(_NEXT.format(mark=mark), (after, limit)).all()
    times = {at: from_micros(at) for at in {row[2] for row in rows}}
    return [Emission(seq, id_, times[at], _validate(body)) for seq, id_, at, body in rows]


_NEXT = "SELECT seq, id, received_at, body FROM emission WHERE seq > {mark} ORDER BY seq LIMIT {mark}"


def _begin(connection: Connection, directory: Directory, batch: Sequence[Emission]) -> Work:
    """Load the open notices that the batch may touch, with their entries."""
    work = Work(directory)
    keys = sorted({(one.said.alert, one.said.key) for one in batch if one.said.key is not None})
    if not keys:
        return work
    is_open = (notice.c.status == "firing") & tuple_(notice.c.alert, notice.c.key).in_(keys)
    for row in connection.execute(select(notice).where(is_open)).all():
        state = NoticeState(*row)
        work.notices[state.number] = state
        work.open[state.alert, state.key or ""] = state.number
        work.entries[state.number] = {}
    for row in connection.execute(select(entry).where(entry.c.notice.in_(list(work.notices)))).all():
        known = Entry(*row)
        work.entries[known.notice][known.recipient] = known
    return work


def _fold_one(work: Work, one: Emission) -> None:
    key = (one.said.alert, one.said.key) if one.said.key is not None else None
    number = work.open.get(key) if key else None
    folded = fold(work.notices[number] if number is not None else None, one)
    state = folded.notice
    work.outcomes.append((one.seq, state.number if state else None, folded.effect, None))
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
    said = one.said if one.said.config == state.config else one.said.model_copy(update={"config": state.config})
    if effect == "escalated":
        work.rounds.add(state.number)
        for name, known in entries.items():
            entries[name] = replace(known, read_at=None, acknowledged_at=None, acknowledge_note=None, archived_at=None)
    for name in entries:
        work.events.setdefault((state.number, name), "updated")
    asks = effect in ("opened", "escalated") and state.status == "firing"
    heard = audience(work.directory, said, entries)
    if heard.why != "named" and (asks or heard.people):
        work.decisions += _nobody_in_particular(state, heard)
    for name in heard.people:
        if name not in entries:
            entries[name] = Entry(name, state.number, one.received_at)
            work.events[state.number, name] = "created"
    if asks:
        work.steps += _steps(work.directory, state, said)
        if said.config and not work.directory.speaking(said):
            work.decisions.append(_no_config(work.directory, state, said.config))


def _steps(directory: Directory, state: NoticeState, said: Notice) -> list[tuple[Any, ...]]:
    return [
        (state.number, config.id, channel, state.round, "pending", state.fired_at + settings.after, 0, 0, None)
        for config in directory.speaking(said)
        for channel, settings in config.channel.items()
        if channel != PANEL
    ]


def _no_config(directory: Directory, state: NoticeState, config: str) -> tuple[Any, ...]:
    """It speaks for a config that has no say: the trail tells why no channel was used."""
    gone = "config_gone" if config in directory.deleted else "config_unknown"
    reason = "config_disabled" if config in directory.configs else gone
    return (state.number, config, None, state.round, None, None, "skip", reason, None, state.fired_at, None)


def _nobody_in_particular(state: NoticeState, heard: Audience) -> list[tuple[Any, ...]]:
    """Into whose inbox it went since nobody was named; or that there is not even an operator."""
    verdict, people = ("send", heard.people) if heard.people else ("skip", (None,))
    at = state.updated_at
    return [(state.number, None, PANEL, state.round, name, None, verdict, heard.why, None, at, None) for name in people]


def _write(connection: Connection, work: Work) -> int:
    """Everything of the batch; returns the number of events."""
    new = set(work.new_notices)
    changed = [_row(state) for number, state in work.notices.items() if number not in new]
    insert_rows(connection, notice, [_row(work.notices[number]) for number in work.new_notices])
    update_rows(connection, notice, changed)
    created = [key for key, action in work.events.items() if action == "created"]
    insert_rows(connection, entry, [_row(work.entries[number][name]) for number, name in created])
    fresh = set(created)
    reopened = [one for number in work.rounds for one in work.entries[number].values()]
    again = [one for one in reopened if (one.notice, one.recipient) not in fresh]
    if again:
        connection.execute(_REOPEN, [{"of": one.notice, "whose": one.recipient} for one in again])
    insert_rows(connection, step, work.steps)
    insert_rows(connection, decision, work.decisions)
    insert_rows(connection, outcome, work.outcomes)
    outbox_rows.put_texts(connection, outbox, _events(work))
    return len(work.events)


_REOPEN = (
    update(entry)
    .where(entry.c.notice == bindparam("of"), entry.c.recipient == bindparam("whose"))
    .values(read_at=None, acknowledged_at=None, acknowledge_note=None, archived_at=None)
)


def _row(one: NoticeState | Entry) -> tuple[Any, ...]:
    """The fields stand in the order of the table's columns."""
    return tuple(vars(one).values())


def _events(work: Work) -> list[str]:
    common = {number: inbox.common(work.notices[number]) for number, _ in work.events}
    return [
        inbox.event(work.notices[number], work.entries[number][name], action, common[number])
        for (number, name), action in work.events.items()
    ]
