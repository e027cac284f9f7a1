"""Configs over HTTP, on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from tests.configurator.conftest import RecordingNotifier, configurator
from tests.conftest import eventually

CONFIGS = "/api/v1/configs"
DISK: dict[str, Any] = {
    "name": "disk-space",
    "metric": {"max_pct": 90, "note": None},
    "channel": {"email": {"recipients": ["u1"], "after": "15m"}, "telegram": {"chat_id": [-1001]}},
    "enabled": True,
}


async def create(client: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post(CONFIGS, json=DISK | changes)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_config_is_created_read_and_listed(client: httpx2.AsyncClient) -> None:
    answer = await client.post(CONFIGS, json=DISK)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"{CONFIGS}/{made['id']}"
    assert answer.headers["etag"] == '"1"'
    assert made["revision"] == 1
    assert made["metric"] == DISK["metric"]
    assert made["channel"]["email"]["after"] == "15m"
    assert made["channel"]["telegram"]["chat_id"] == [-1001]
    read = await client.get(answer.headers["location"])
    assert (read.status_code, read.json(), read.headers["etag"]) == (200, made, '"1"')
    assert (await client.get(CONFIGS)).json() == {"items": [made], "next": None}


async def test_a_reader_that_has_the_revision_is_told_so(client: httpx2.AsyncClient) -> None:
    path = f"{CONFIGS}/{(await create(client))['id']}"
    answer = await client.get(path, headers={"If-None-Match": '"1"'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')
    assert (await client.get(path, headers={"If-None-Match": 'W/"1", "7"'})).status_code == 304
    assert (await client.get(path, headers={"If-None-Match": '"2"'})).status_code == 200


async def test_creating_the_same_again_answers_with_what_is_stored(
    client: httpx2.AsyncClient, notifier: RecordingNotifier
) -> None:
    made = await create(client, id="disk-1")
    again = await client.post(CONFIGS, json=DISK | {"id": "disk-1"})
    assert (again.status_code, again.json()) == (200, made)
    other = await client.post(CONFIGS, json=DISK | {"id": "disk-1", "enabled": False})
    assert other.status_code == 409
    assert other.headers["content-type"] == "application/problem+json"
    assert (await client.get(f"{CONFIGS}/disk-1")).json() == made
    await eventually(lambda: len(notifier.events) == 1)


async def test_racing_creators_of_one_id_make_one_config(client: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post(CONFIGS, json=DISK | {"id": "one"}) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]


async def test_the_list_is_paged_and_filtered(client: httpx2.AsyncClient) -> None:
    for number in range(7):
        await create(client, id=f"c{number}", name="even" if number % 2 == 0 else "odd", enabled=number < 4)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = (await client.get(CONFIGS, params=query)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["next"] = page["next"]
    assert seen == [f"c{number}" for number in range(7)]
    odd = (await client.get(CONFIGS, params={"name": "odd", "enabled": "true"})).json()
    assert [item["id"] for item in odd["items"]] == ["c1", "c3"]
    assert (await client.get(CONFIGS, params={"enabled": "false", "limit": 3})).json()["next"] is None


async def test_a_change_needs_the_etag_of_what_was_read(client: httpx2.AsyncClient) -> None:
    path = f"{CONFIGS}/{(await create(client))['id']}"
    for method in ("PUT", "PATCH"):
        assert (await client.request(method, path, json=DISK)).status_code == 428
        assert (await client.request(method, path, json=DISK, headers={"If-Match": '"2"'})).status_code == 412
        assert (await client.request(method, path, json=DISK, headers={"If-Match": 'W/"1"'})).status_code == 412
        assert (await client.request(method, path, json=DISK, headers={"If-Match": "rubbish"})).status_code == 412
    changed = await client.put(path, json=DISK | {"enabled": False}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["enabled"]) == (200, '"2"', False)
    assert (await client.put(path, json=DISK, headers={"If-Match": '"1"'})).status_code == 412
    assert (await client.get(path)).json() == changed.json()


async def test_putting_the_same_makes_no_revision(client: httpx2.AsyncClient) -> None:
    path = f"{CONFIGS}/{(await create(client))['id']}"
    assert (await client.put(path, json=DISK, headers={"If-Match": '"1"'})).headers["etag"] == '"1"'
    assert len((await client.get(f"{path}/revisions")).json()["items"]) == 1


async def test_a_patch_merges(client: httpx2.AsyncClient) -> None:
    path = f"{CONFIGS}/{(await create(client, metric={'a': {'b': 1, 'c': 2}, 'd': [1, 2]}))['id']}"
    patch = {"metric": {"a": {"b": None, "e": 3}, "d": [3]}, "channel": {"telegram": None}}
    headers = {"If-Match": '"1"', "content-type": "application/merge-patch+json"}
    answer = await client.patch(path, json=patch, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["metric"] == {"a": {"c": 2, "e": 3}, "d": [3]}
    assert list(answer.json()["channel"]) == ["email"]
    broken = await client.patch(path, json={"name": None}, headers={"If-Match": '"2"'})
    assert (broken.status_code, broken.json()["errors"][0]["path"]) == (422, "/name")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"revision": 1}, "/revision"),
        ({"created_at": "now"}, "/created_at"),
        ({"id": "a/b"}, "/id"),
        ({"id": ".."}, "/id"),
        ({"name": "no spaces"}, "/name"),
        ({"enabled": "yes"}, "/enabled"),
        ({"metric": [1]}, "/metric"),
        ({"channel": {"email": {"afterwards": "1m"}}}, "/channel/email/afterwards"),
        ({"channel": {"email": {"after": "soon"}}}, "/channel/email/after"),
        ({"channel": {"telegram": {"chat_id": [1.5]}}}, "/channel/telegram/chat_id/0/constrained-str"),
    ],
)
async def test_wrong_fields_are_named(client: httpx2.AsyncClient, change: dict[str, Any], path: str) -> None:
    answer = await client.post(CONFIGS, json=DISK | change)
    assert answer.status_code == 422
    assert path in [error["path"] for error in answer.json()["errors"]]
    made = await create(client)
    answer = await client.put(f"{CONFIGS}/{made['id']}", json=DISK | change, headers={"If-Match": '"1"'})
    assert answer.status_code == 422


async def test_the_id_of_a_config_cannot_be_changed(client: httpx2.AsyncClient) -> None:
    await create(client, id="one")
    for method in ("PUT", "PATCH"):
        answer = await client.request(method, f"{CONFIGS}/one", json=DISK | {"id": "two"}, headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "/id")
        same = await client.request(method, f"{CONFIGS}/one", json=DISK | {"id": "one"}, headers={"If-Match": '"1"'})
        assert same.status_code == 200


async def test_two_writers_lose_no_update(client: httpx2.AsyncClient) -> None:
    path = f"{CONFIGS}/{(await create(client, metric={'count': 0}))['id']}"
    lost = 0

    async def count(times: int) -> None:
        nonlocal lost
        for _ in range(times):
            while True:
                read = await client.get(path)
                patch = {"metric": {"count": read.json()["metric"]["count"] + 1}}
                answer = await client.patch(path, json=patch, headers={"If-Match": read.headers["etag"]})
                if answer.status_code == 200:
                    break
                assert answer.status_code == 412
                lost += 1

    await asyncio.gather(count(150), count(150))
    final = (await client.get(path)).json()
    assert (final["metric"]["count"], final["revision"]) == (300, 301)
    assert lost > 0, "the writers never met, so nothing was shown"


async def test_every_revision_is_kept_with_who_and_when(client: httpx2.AsyncClient) -> None:
    path = f"{CONFIGS}/{(await create(client))['id']}"
    await client.patch(path, json={"enabled": False}, headers={"If-Match": '"1"'})
    assert (await client.delete(path, headers={"If-Match": '"1"'})).status_code == 412
    assert (await client.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.delete(path)).status_code == 404
    page = (await client.get(f"{path}/revisions")).json()
    assert [(item["revision"], item["action"]) for item in page["items"]] == [
        (3, "deleted"), (2, "updated"), (1, "created"),
    ]  # fmt: skip
    assert page["items"][0]["body"] is None
    assert page["items"][1]["body"]["enabled"] is False
    assert all(item["by"] == {"id": "bootstrap", "name": "service"} for item in page["items"])
    assert all(item["at"].endswith("Z") for item in page["items"])
    first = (await client.get(f"{path}/revisions", params={"limit": 2})).json()
    rest = (await client.get(f"{path}/revisions", params={"limit": 2, "next": first["next"]})).json()
    assert [*first["items"], *rest["items"]] == page["items"]


async def test_an_old_revision_is_restored(client: httpx2.AsyncClient, notifier: RecordingNotifier) -> None:
    made = await create(client)
    path = f"{CONFIGS}/{made['id']}"
    await client.patch(path, json={"enabled": False, "metric": {"max_pct": 50}}, headers={"If-Match": '"1"'})
    stale = await client.post(f"{path}/revisions/1/restore", headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    restored = await client.post(f"{path}/revisions/1/restore")
    assert (restored.status_code, restored.json()) == (200, made | {"revision": 3})
    await client.delete(path)
    assert (await client.post(f"{path}/revisions/4/restore")).status_code == 409
    revived = await client.post(f"{path}/revisions/2/restore")
    assert (revived.json()["revision"], revived.json()["metric"]) == (5, {"max_pct": 50, "note": None})
    assert (await client.post(f"{path}/revisions/9/restore")).status_code == 404
    assert (await client.post(f"{CONFIGS}/none/revisions/1/restore")).status_code == 404
    actions = [item["action"] for item in (await client.get(f"{path}/revisions")).json()["items"]]
    assert actions == ["restored", "deleted", "restored", "updated", "created"]
    await eventually(lambda: notifier.state("config").get(made["id"], {}).get("revision") == 5)


async def test_every_change_is_told(client: httpx2.AsyncClient, notifier: RecordingNotifier) -> None:
    made = await create(client)
    path = f"{CONFIGS}/{made['id']}"
    changed = (await client.patch(path, json={"enabled": False}, headers={"If-Match": '"1"'})).json()
    await client.delete(path)
    await eventually(lambda: len(notifier.events) == 3)
    assert [(event["action"], event.get("data")) for event in notifier.events] == [
        ("created", made), ("updated", changed), ("deleted", None),
    ]  # fmt: skip
    assert {(event["topic"], event["key"]) for event in notifier.events} == {("config", made["id"])}


async def test_the_current_state_is_told_again_at_each_start_with_the_same_ids(
    database_url: str, notifier: RecordingNotifier
) -> None:
    async with configurator(database_url, notifier) as client:
        await create(client, id="stays")
        await create(client, id="goes")
        await client.patch(f"{CONFIGS}/stays", json={"enabled": False}, headers={"If-Match": '"1"'})
        await client.delete(f"{CONFIGS}/goes")
        await client.post("/api/v1/recipients", json={"id": "u1", "addresses": {"email": "u1@example.org"}})
        await client.post("/api/v1/tokens", json={"name": "t", "scopes": ["events:read"]})
        await eventually(lambda: len(notifier.events) == 6)
    lost = RecordingNotifier()
    async with configurator(database_url, lost):
        await eventually(lambda: len(lost.events) == 3)
    for topic in ("config", "recipient", "token"):
        assert lost.state(topic) == notifier.state(topic)
    told = [event for event in lost.events if event not in notifier.events]
    assert told == [], "telling again must be the very same event, else it is a change"


async def test_a_deleted_id_may_be_used_again_and_its_events_are_new(
    client: httpx2.AsyncClient, notifier: RecordingNotifier
) -> None:
    await create(client, id="again")
    await client.delete(f"{CONFIGS}/again")
    made = await create(client, id="again")
    assert made["revision"] == 3
    await eventually(lambda: len({event["id"] for event in notifier.events}) == 3)
    assert notifier.state("config")["again"] == made


async def test_changes_are_taken_while_the_notifier_is_down_and_told_later(
    client: httpx2.AsyncClient, notifier: RecordingNotifier
) -> None:
    notifier.down = True
    made = await create(client)
    assert notifier.events == []
    notifier.down = False
    await eventually(lambda: notifier.state("config") == {made["id"]: made})


async def test_a_document_has_a_size(client: httpx2.AsyncClient) -> None:
    answer = await client.post(CONFIGS, json=DISK | {"metric": {"x": "y" * 300_000}})
    assert answer.status_code == 413
