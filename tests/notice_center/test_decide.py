"""Whether a step is sent, to whom, and why not: the whole table."""

# ruff: noqa: E501 - one case, one line

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notice_center.compose import compose, message_id
from notice_center.decide import Situation, Step, decide, due_at
from notice_center.directory import Directories
from notice_center.fold import Emission, fold
from notice_center.inbox import Entry
from wire.notice import Notice

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRED = NOW - timedelta(minutes=10)
PEOPLE = {
    "u1": {"email": "u1@x.test"},
    "u2": {"email": "u2@x.test"},
    "u3": {"telegram": "3"},
    "u4": {"email": "u1@x.test"},
}
EMAIL = {"recipients": ["u1", "u2"], "after": "10m"}
CHAT = {"to": ["team@x.test"], "after": "10m"}


def situation(
    settings: dict[str, Any] | None, *, seen: dict[str, str] | None = None, enabled: bool = True, gone: bool = False,
    round: int = 1, status: str = "firing", sent: set[str] | None = None, audience: tuple[str, ...] = ("u1", "u2"),
) -> Situation:  # fmt: skip
    directories = Directories()
    channel = {} if settings is None else {"email": settings}
    config = {"id": "c1", "name": "disk", "channel": channel, "enabled": enabled}
    directories.replace_configs([] if gone else [("c1", config)])
    directories.replace_recipients([(key, {"id": key, "addresses": to}) for key, to in PEOPLE.items()])
    notice = fold(None, Emission(7, "n", FIRED, Notice(alert="disk", key="k", title="t"))).notice
    assert notice is not None
    entries = {name: Entry(name, 7, FIRED, **{mark: NOW for who, mark in (seen or {}).items() if who == name})
               for name in audience}  # type: ignore[arg-type]  # fmt: skip
    step = Step(1, 7, "c1", "email", round, 1, 1)
    return Situation(
        step, replace(notice, status=status, round=max(round, 1)), entries, directories.now, sent or set(), NOW
    )


CASES: list[tuple[str, Situation, list[tuple[str, str, str | None]]]] = [
    ("unread", situation(EMAIL), [("send", "unread", "u1"), ("send", "unread", "u2")]),
    ("one read", situation(EMAIL, seen={"u1": "read_at"}), [("skip", "read", "u1"), ("send", "unread", "u2")]),
    ("acknowledged", situation(EMAIL, seen={"u2": "acknowledged_at"}), [("send", "unread", "u1"), ("skip", "acknowledged", "u2")]),
    ("archived", situation(EMAIL, seen={"u1": "archived_at"}), [("skip", "archived", "u1"), ("send", "unread", "u2")]),
    ("config gone", situation(EMAIL, gone=True), [("skip", "config_gone", None)]),
    ("config disabled", situation(EMAIL, enabled=False), [("skip", "config_disabled", None)]),
    ("channel removed", situation(None), [("skip", "channel_removed", None)]),
    ("resolved", situation(EMAIL, status="resolved"), [("skip", "resolved", None)]),
    ("after made longer", situation({**EMAIL, "after": "15m"}), [("wait", "not_due", None)]),
    ("after made shorter", situation({**EMAIL, "after": "0"}), [("send", "unread", "u1"), ("send", "unread", "u2")]),
    ("no address", situation({**EMAIL, "recipients": ["u3"]}), [("skip", "no_address", "u3")]),
    ("unknown person", situation({**EMAIL, "recipients": ["u9"]}), [("skip", "unknown_recipient", "u9")]),
    ("names nobody: the audience", situation({"after": "0"}, audience=("u2",)), [("send", "unread", "u2")]),
    ("nobody at all", situation({"after": "0"}, audience=()), [("skip", "nobody", None)]),
    ("own address", situation(CHAT), [("send", "unread", None)]),
    ("own address, one has read", situation(CHAT, seen={"u2": "read_at"}), [("skip", "read", None)]),
    ("own address, one acknowledged", situation(CHAT, seen={"u1": "acknowledged_at"}), [("skip", "acknowledged", None)]),
    ("own address, one archived", situation(CHAT, seen={"u1": "archived_at"}), [("send", "unread", None)]),
    ("both kinds", situation({**CHAT, "recipients": ["u1"]}), [("send", "unread", "u1"), ("send", "unread", None)]),
    ("sent for another config", situation(EMAIL, sent={"u1@x.test"}), [("skip", "already_sent", "u1"), ("send", "unread", "u2")]),
    ("a shared address", situation({**EMAIL, "recipients": ["u1", "u4"]}), [("send", "unread", "u1"), ("skip", "already_sent", "u4")]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_table(given: Situation, expected: list[tuple[str, str, str | None]]) -> None:
    assert [(one.verdict, one.reason, one.recipient) for one in decide(given)] == expected


def test_an_older_round_is_superseded() -> None:
    given = situation(EMAIL)
    later = replace(given, notice=replace(given.notice, round=2))
    assert [one.reason for one in decide(later)] == ["superseded"]


def test_a_step_is_due_as_its_config_says_now_and_at_once_without_its_channel() -> None:
    config = situation(EMAIL).directory.configs["c1"]
    assert due_at(config, "email", FIRED, NOW) == FIRED + timedelta(minutes=10)
    assert due_at(config, "telegram", FIRED, NOW) == NOW


def test_a_wait_says_until_when() -> None:
    assert decide(situation({**EMAIL, "after": "1h"}))[0].until == FIRED + timedelta(hours=1)


def test_the_same_message_has_the_same_id_and_another_round_another() -> None:
    given = situation(EMAIL)
    first, again = (compose(given, decide(given)[0]) for _ in range(2))
    assert first == again
    assert (first.to, first.title, first.notice) == ("u1@x.test", "t", "n")
    assert len({first.id, message_id(given, "u2@x.test"), message_id(situation(EMAIL, round=2), "u1@x.test")}) == 3
