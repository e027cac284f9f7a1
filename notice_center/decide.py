"""Whether a step that is due is sent, to whom, and why not. Pure: a situation in, decisions with named reasons out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from notice_center.directory import Directory
from notice_center.fold import NoticeState
from notice_center.inbox import Entry
from wire.config import ChannelSettings, Config

Verdict = Literal["send", "wait", "skip"]
Reason = Literal[
    "unread",  # send: nobody has seen it in time
    "not_due",  # wait: the config's `after` was made longer meanwhile
    "superseded",  # skip: it became more severe since, and the steps of that round count
    "config_unknown",  # skip: the notice names a config of which nothing was known (yet) when it came
    "resolved", "config_gone", "config_disabled", "channel_removed", "nobody", "read", "acknowledged", "archived",
    "unknown_recipient", "no_address",
    "already_sent",  # skip: another config wrote to this address on this channel for the same round
    "refused",  # skip: the message sender will never take this message
    "failed",  # skip: it could not be decided or composed, time and again
]  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One claim of one row of `step`. `fence` is this claim's number; `tries` counts claims."""

    id: int
    notice: int
    config: str
    channel: str
    round: int
    fence: int
    tries: int


@dataclass(frozen=True)
class Situation:
    """What a decision rests on. `entries` by recipient; `sent`: addresses that were written to on this channel."""

    step: Step
    notice: NoticeState
    entries: Mapping[str, Entry]
    directory: Directory
    sent: Set[str]
    now: datetime


@dataclass(frozen=True)
class Decision:
    """For one receiver, or for the whole step when it names neither `recipient` nor `address`."""

    verdict: Verdict
    reason: Reason
    recipient: str | None = None
    address: str | None = None
    until: datetime | None = None


def decide(situation: Situation) -> tuple[Decision, ...]:
    """At least one decision. A `wait` stands alone, and says until when."""
    config = situation.directory.configs.get(situation.step.config)
    settings = config.channel.get(situation.step.channel) if config else None
    if config is None or not config.enabled or settings is None:
        return (Decision("skip", _why_no_settings(config is None, config is not None and not config.enabled)),)
    if situation.step.round < situation.notice.round:
        return (Decision("skip", "superseded"),)
    if situation.notice.status == "resolved":
        return (Decision("skip", "resolved"),)
    due = situation.notice.fired_at + settings.after
    if due > situation.now:
        return (Decision("wait", "not_due", until=due),)
    return _each(situation, settings) or (Decision("skip", "nobody"),)


def due_at(config: Config, channel: str, fired_at: datetime, now: datetime) -> datetime:
    """When a step has to be decided; at once when the config has lost its channel."""
    settings = config.channel.get(channel)
    return fired_at + settings.after if settings else now


def _why_no_settings(gone: bool, disabled: bool) -> Reason:
    return "config_gone" if gone else "config_disabled" if disabled else "channel_removed"


def _each(situation: Situation, settings: ChannelSettings) -> tuple[Decision, ...]:
    """Everyone once: who shares an address with someone before is not written to again."""
    taken = set(situation.sent)
    decided = []
    for decision in _receivers(situation, settings):
        if decision.verdict == "send" and decision.address in taken:
            decided.append(Decision("skip", "already_sent", decision.recipient, decision.address))
            continue
        if decision.verdict == "send" and decision.address:
            taken.add(decision.address)
        decided.append(decision)
    return tuple(decided)


def _receivers(situation: Situation, settings: ChannelSettings) -> Iterator[Decision]:
    addresses = settings.addresses
    people = settings.recipients or (() if addresses else tuple(sorted(situation.entries)))
    for name in dict.fromkeys(people):
        yield _person(situation, name)
    seen = next((why for one in situation.entries.values() if (why := _seen(one))), None)
    for address in dict.fromkeys(addresses):
        yield Decision("skip", seen, None, address) if seen else Decision("send", "unread", None, address)


def _person(situation: Situation, name: str) -> Decision:
    entry = situation.entries.get(name)
    if entry and (why := _seen(entry, archived=True)):
        return Decision("skip", why, name)
    recipient = situation.directory.recipients.get(name)
    if recipient is None:
        return Decision("skip", "unknown_recipient", name)
    address = recipient.addresses.get(situation.step.channel)
    return Decision("send", "unread", name, address) if address else Decision("skip", "no_address", name)


def _seen(entry: Entry, archived: bool = False) -> Reason | None:
    if entry.acknowledged_at:
        return "acknowledged"
    if entry.read_at:
        return "read"
    return "archived" if archived and entry.archived_at else None
