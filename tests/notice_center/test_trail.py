"""What a trail tells: all of it to operators, their own part to people, and how old ones are told from unknown ones."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from notice_center.directory import Directories
from tests.notice_center.conftest import INBOX, NOTICES, Town, get, post
from wire.ids import new_id

LONG_AGO = "01000000-0000-7000-8000-000000000000"
LINE = {"alert": "disk", "severity": "error", "recipients": ["u1", "u2"]}


async def _decided(client: httpx2.AsyncClient, path: str) -> Any:
    while not (found := await get(client, path))["decisions"]:
        pass
    return found


async def _sent_to_both(town: Town, client: httpx2.AsyncClient) -> None:
    for name in ("u1", "u2"):
        await town.recipient(name, email=f"{name}@x.test")
    await town.config("c1", {"email": {"recipients": ["u1", "u2"], "after": "0"}}, revision=7)
    await post(client, LINE | {"id": "n", "title": "91 %"})
    await _decided(client, f"{NOTICES}/n/trail")


async def test_decisions_name_the_revision_that_was_in_force(town: Town, database_url: str) -> None:
    async with town.opened(database_url) as client:
        await _sent_to_both(town, client)
        await town.config("c1", {"email": {"recipients": ["u1"], "after": "0"}}, revision=8)
        trail = await get(client, f"{NOTICES}/n/trail")
        while trail["configs"]["c1"]["revision"] != 8:
            trail = await get(client, f"{NOTICES}/n/trail")
        assert {one["revision"] for one in trail["decisions"]} == {7}
        assert trail["configs"]["c1"] == {"alert": "disk", "enabled": True, "revision": 8}
        attempts = trail["messages"][0]["attempts"]
        assert [(one["outcome"], one["error_codes"]) for one in attempts] == [
            ("failed", [{"code": "no-connection", "params": {}}]), ("sent", None),
        ]  # fmt: skip


async def test_a_person_sees_their_own_part(town: Town, database_url: str) -> None:
    one, stranger = [await town.token("inbox", recipient=name) for name in ("u1", "u3")]
    async with town.opened(database_url) as client, town.client(one) as mine, town.client(stranger) as other:
        await _sent_to_both(town, client)
        while (answer := await mine.get(f"{INBOX}/n/trail")).status_code == 401:
            pass
        trail = answer.json()
        assert "u2" not in answer.text
        assert [one["recipient"] for one in trail["recipients"]] == ["u1"]
        assert [(one["recipient"], one["reason"]) for one in trail["decisions"]] == [("u1", "unread")]
        assert [one["to"] for one in trail["messages"]] == ["u1@x.test"]
        assert {attempt["answer"] for attempt in trail["messages"][0]["attempts"]} == {None}
        assert (await mine.get(f"{NOTICES}/n/trail")).status_code == 403
        while (answer := await other.get(f"{INBOX}/n/trail")).status_code == 401:
            pass
        assert answer.status_code == 404
        assert (await mine.get(f"{INBOX}/n/trail", params={"recipient": "u2"})).status_code == 403


@pytest.mark.parametrize(
    ("named", "status"), [("absent", 404), (LONG_AGO, 410), (new_id(), 404)], ids=["foreign id", "old", "new"]
)
async def test_what_retention_deleted_is_told_from_what_never_was(
    center: httpx2.AsyncClient, named: str, status: int
) -> None:
    for path in (f"{NOTICES}/{named}", f"{NOTICES}/{named}/trail"):
        assert (await center.get(path)).status_code == status
    assert (await center.get(f"{INBOX}/{named}/trail", params={"recipient": "u1"})).status_code == status


async def test_a_config_that_was_deleted_is_told_from_one_that_was_never_heard_of(
    town: Town, database_url: str
) -> None:
    """Also when the deletion was heard by a snapshot only, and not of one that came back."""
    directories = Directories()
    known = {"id": "c1", "name": "disk", "channel": {}}
    for deleted in (lambda: directories.put_config("c1", None), lambda: directories.replace_configs([])):
        directories.put_config("c1", known)
        assert directories.now.deleted == frozenset()
        deleted()
        assert directories.now.deleted == {"c1"}
    directories.replace_configs([("c1", known)])
    assert directories.now.deleted == frozenset()

    await town.config("c1", {})
    async with town.opened(database_url) as client:
        async with asyncio.timeout(40):
            while not (await client.get("/readyz")).is_success:  # until it has heard of the config
                await asyncio.sleep(0.01)
        await town.publish("config", "c1", None)
        for name, why in (("c1", "config_gone"), ("c2", "config_unknown")):
            assert await _reason_of(client, name, why) == why


async def _reason_of(client: httpx2.AsyncClient, config: str, awaited: str) -> str:
    """Why the notices that name a config are not sent: of the first one for this reason, or of the last of many."""
    for _ in range(200):  # until the notice center has heard of the config what the others have
        notice = new_id()
        await post(client, LINE | {"id": notice, "title": "t", "config": config})
        (decision,) = (await get(client, f"{NOTICES}/{notice}/trail"))["decisions"]
        if decision["reason"] == awaited:
            break
    return str(decision["reason"])
