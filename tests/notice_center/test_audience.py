"""Who hears of a notice, and that what concerns nobody in particular reaches the operators, and the trail says so."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from notice_center.audience import audience
from notice_center.directory import Directories, Directory
from notice_center.fold import NoticeState
from notice_center.inbox import Entry
from notice_center.tables import entry, notice
from tests.conftest import eventually
from tests.notice_center.conftest import INBOX, NOTICES, Town, get, post
from wire.notice import Notice

CHAT = {"telegram": {"chat_id": [-1], "after": "0"}}
NAMED = {"panel": {"recipients": ["u1"]}}


def directory(channel: dict[str, Any] | None, operators: tuple[str, ...] = ("o1", "o2"), **more: Any) -> Directory:
    directories = Directories()
    config = {"id": "c1", "name": "disk", "channel": channel} | more
    directories.replace_configs([] if channel is None else [("c1", config)])
    roles: dict[str, list[str]] = {"u1": [], "u2": ["auditor"]} | {name: ["operator"] for name in operators}
    directories.replace_recipients([(name, {"id": name, "roles": roles[name]}) for name in roles])
    return directories.now


CASES: list[tuple[str, Directory, dict[str, Any], tuple[str, ...], tuple[tuple[str, ...], str]]] = [
    ("its own recipients", directory(None), {"recipients": ["u2", "u1"]}, (), (("u1", "u2"), "named")),
    ("the config's too", directory(NAMED), {"recipients": ["u2"]}, (), (("u1", "u2"), "named")),
    ("no config, nobody named", directory(None), {}, (), (("o1", "o2"), "operator")),
    ("a config with chats only", directory(CHAT), {}, (), (("o1", "o2"), "operator")),
    ("a disabled config names nobody", directory(NAMED, enabled=False), {}, (), (("o1", "o2"), "operator")),
    ("a config that is gone", directory(NAMED), {"config": "c9"}, (), (("o1", "o2"), "operator")),
    ("a repeat stays with those who have it", directory(None), {}, ("u2",), ((), "named")),
    ("no operator either", directory(None, ()), {}, (), ((), "nobody")),
]


@pytest.mark.parametrize(
    ("given", "said", "having", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_the_audience(given: Directory, said: dict[str, Any], having: tuple[str, ...], expected: Any) -> None:
    found = audience(given, Notice(alert="disk", title="t", **said), having)
    assert (found.people, found.why) == expected


async def test_operators_get_what_names_nobody_and_chats_get_it_as_well(town: Town, database_url: str) -> None:
    await town.publish("recipient", "o1", {"id": "o1", "roles": ["operator"]})
    await town.recipient("u1")
    await town.config("c1", CHAT)
    async with town.opened(database_url) as client:
        line = {"alert": "disk", "key": "k", "title": "full"}
        await post(client, line | {"id": "n"}, line, {"alert": "other", "id": "m", "title": "t", "recipients": ["u1"]})
        assert [one["id"] for one in (await get(client, INBOX, recipient="o1"))["items"]] == ["n"]
        rows = (await get(client, f"{NOTICES}/n/trail"))["decisions"]
        assert [(r["channel"], r["recipient"], r["verdict"], r["reason"]) for r in rows if r["channel"] == "panel"] == [
            ("panel", "o1", "send", "operator")
        ]
        await eventually(lambda: town.sender.messages)
        assert [(one["channel"], one["to"]) for one in town.sender.messages.values()] == [("telegram", "-1")]


async def test_the_trail_tells_that_there_was_nobody_at_all(town: Town, database_url: str) -> None:
    async with town.opened(database_url) as client:
        await post(client, {"id": "n", "alert": "disk", "key": "k"}, {"alert": "disk", "key": "k"})
        rows = (await get(client, f"{NOTICES}/n/trail"))["decisions"]
        assert [(row["channel"], row["verdict"], row["reason"]) for row in rows] == [("panel", "skip", "nobody")]
        await town.publish("recipient", "o1", {"id": "o1", "roles": ["operator"]})
        async with asyncio.timeout(40):
            while not (await get(client, INBOX, recipient="o1"))["items"]:
                await post(client, {"alert": "disk", "key": "k"})


def test_rows_are_written_in_the_order_of_the_columns() -> None:
    assert list(NoticeState.__dataclass_fields__) == [column.name for column in notice.c]
    assert list(Entry.__dataclass_fields__) == [column.name for column in entry.c]
