"""The inbox over HTTP: everyone sees their own, pages stand still, and marking does not catch what came meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from tests.notice_center.conftest import BOOTSTRAP, INBOX, NOTICES, Town, get, post

U1 = {"recipient": "u1"}


async def test_nobody_sees_or_touches_anothers_entries(town: Town, database_url: str) -> None:
    one, two = [await town.token("inbox", recipient=name) for name in ("u1", "u2")]
    async with town.opened(database_url) as service, town.client(one) as mine, town.client(two) as other:
        await post(service, {"id": "n", "title": "t", "recipients": ["u1"]})
        await _known(mine, other)
        assert [item["id"] for item in (await get(mine, INBOX))["items"]] == ["n"]
        assert (await get(other, INBOX))["items"] == []
        for mark in ("read", "unread", "acknowledge", "archive"):
            assert (await other.post(f"{INBOX}/n/{mark}")).status_code == 404
            assert (await other.post(f"{INBOX}/n/{mark}", params=U1)).status_code == 403
        assert (await other.get(INBOX, params=U1)).status_code == 403
        assert (await other.post(f"{INBOX}/read-all")).json()["read"] == 0
        assert (await get(mine, f"{INBOX}/counts"))["unread"] == 1


async def test_pages_stand_still_while_new_entries_arrive(center: httpx2.AsyncClient) -> None:
    await post(center, *({"id": f"n{number}", "title": "t", "recipients": ["u1"]} for number in range(60)))
    seen, cursor = [], None
    while True:
        page = await get(center, INBOX, limit=7, **U1, **({"next": cursor} if cursor else {}))
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        await post(center, {"title": "meanwhile", "recipients": ["u1"]})
        if cursor is None:
            break
    assert seen == [f"n{number}" for number in range(59, -1, -1)]


FILTERS = [
    ({"view": "unread"}, ["c", "a"]), ({"alert": "disk"}, ["b", "a"]),
    ({"severity": "error"}, ["b"]), ({"status": "resolved"}, ["c"]), ({"q": "ЖЁЛ"}, ["a"]), ({"q": "100%"}, ["b"]),
    ({"q": "_"}, []), ({"view": "archived"}, ["d"]), ({"alert": "disk", "view": "unread"}, ["a"]),
]  # fmt: skip


@pytest.mark.parametrize(("chosen", "expected"), FILTERS)
async def test_filters(center: httpx2.AsyncClient, chosen: dict[str, str], expected: list[str]) -> None:
    await post(
        center,
        {"id": "a", "alert": "disk", "title": "жёлтый", "recipients": ["u1"]},
        {"id": "b", "alert": "disk", "message": "is 100% full", "severity": "error", "recipients": ["u1"]},
        {"id": "c", "alert": "load", "title": "over", "status": "resolved", "recipients": ["u1"]},
        {"id": "d", "alert": "load", "title": "gone", "recipients": ["u1"]},
    )
    await center.post(f"{INBOX}/b/read", params=U1)
    await center.post(f"{INBOX}/d/archive", params=U1)
    assert [one["id"] for one in (await get(center, INBOX, **U1, **chosen))["items"]] == expected


async def test_counts_are_by_severity_and_leave_out_what_is_read_or_archived(center: httpx2.AsyncClient) -> None:
    severities = ("info", "error", "error", "critical", "critical")
    await post(
        center, *({"id": f"n{i}", "title": "t", "severity": s, "recipients": ["u1"]} for i, s in enumerate(severities))
    )
    await center.post(f"{INBOX}/n1/read", params=U1)
    await center.post(f"{INBOX}/n3/archive", params=U1)
    found = await get(center, f"{INBOX}/counts", **U1)
    by_severity = {"info": 1, "success": 0, "warning": 0, "error": 1, "critical": 1}
    assert found == {"unread": 3, "by_severity": by_severity, "exact": True}


async def test_read_all_up_to_a_page_leaves_what_came_after_it(center: httpx2.AsyncClient) -> None:
    await post(center, *({"id": f"n{number}", "title": "t", "recipients": ["u1"]} for number in range(3)))
    as_of = (await get(center, INBOX, **U1))["as_of"]
    await post(center, {"id": "late", "title": "t", "recipients": ["u1"]})
    done = (await center.post(f"{INBOX}/read-all", params=U1, json={"until": as_of})).json()
    assert (done["read"], done["done"]) == (3, True)
    assert [one["id"] for one in (await get(center, INBOX, view="unread", **U1))["items"]] == ["late"]
    undone = await center.post(f"{INBOX}/acts/{done['id']}/undo", params=U1)
    assert undone.json()["restored"] == 3, "it is an act like others"


async def test_read_all_up_to_a_time_includes_that_moment(center: httpx2.AsyncClient) -> None:
    for name in "abc":
        await post(center, {"id": name, "title": "t", "recipients": ["u1"]})
    at = (await get(center, f"{INBOX}/b", **U1))["created_at"]
    assert (await center.post(f"{INBOX}/read-all", params=U1, json={"until": at})).json()["read"] == 2
    assert [one["id"] for one in (await get(center, INBOX, view="unread", **U1))["items"]] == ["c"]


async def test_read_all_beside_a_stream_of_new_entries_ends(center: httpx2.AsyncClient) -> None:
    async def stream() -> None:
        for number in range(30):
            await post(center, {"id": f"s{number}", "title": "t", "recipients": ["u1"]})

    await post(center, *({"title": "t", "recipients": ["u1"]} for _ in range(1200)))
    as_of = (await get(center, INBOX, **U1))["as_of"]
    reading = center.post(f"{INBOX}/read-all", params=U1, json={"until": as_of})
    _, answer = await asyncio.gather(stream(), reading)
    assert answer.json()["read"] == 1200
    assert (await get(center, f"{INBOX}/counts", **U1))["unread"] == 30


@pytest.mark.parametrize("until", ["soon", "2026-11-20", "-1", "9" * 30])
async def test_read_all_names_a_wrong_until(center: httpx2.AsyncClient, until: str) -> None:
    answer = await center.post(f"{INBOX}/read-all", params=U1, json={"until": until})
    assert (answer.status_code, answer.json()["detail"].startswith("until: expected")) == (422, True), answer.text


async def test_what_cannot_be_an_id_is_refused_on_both_databases(center: httpx2.AsyncClient) -> None:
    """PostgreSQL takes no NUL: it must not come that far."""
    for name in ("a%00b", "a%20b", "%D0%B6", "x" * 201):
        for path in (f"{INBOX}/{name}", f"{INBOX}/{name}/trail", f"{INBOX}/{name}/pictures/0", f"{NOTICES}/{name}",
                     f"{NOTICES}/{name}/trail", f"{NOTICES}/{name}/pictures/0", f"{INBOX}/acts/{name}"):  # fmt: skip
            assert (await center.get(path, params=U1)).status_code == 422, path
        for path in (f"{INBOX}/{name}/read", f"{INBOX}/{name}/open", f"{INBOX}/acts/{name}/undo"):
            assert (await center.post(path, params=U1)).status_code == 422, path
    assert (await center.get(INBOX, params={"recipient": "a\x00b"})).status_code == 422
    assert (await center.get(INBOX, params={**U1, "q": "a\x00b"})).status_code == 422
    assert (await center.get(INBOX, params={**U1, "topic": "t", "entity": "a\x00b"})).status_code == 422


async def test_marks_can_be_set_twice_and_taken_back(center: httpx2.AsyncClient) -> None:
    await post(center, {"id": "n", "title": "t", "recipients": ["u1"]})
    first, again = [(await center.post(f"{INBOX}/n/read", params=U1)).json() for _ in range(2)]
    assert first["read_at"] is not None
    assert first == again
    assert (await center.post(f"{INBOX}/n/unread", params=U1)).json()["read_at"] is None
    noted = (await center.post(f"{INBOX}/n/acknowledge", params=U1, json={"note": "on it"})).json()
    assert None not in (noted["acknowledged_at"], noted["read_at"])


async def test_the_trail_tells_what_was_said_and_that_msg_sender_is_away(town: Town, database_url: str) -> None:
    async with town.opened(database_url) as client:
        line = {"alert": "disk", "key": "k", "config": "never-heard-of", "recipients": ["u1"]}
        await post(client, line | {"id": "first", "title": "a"}, line | {"id": "second", "title": "b"})
        town.sender.down = True
        trail = await get(client, f"{NOTICES}/second/trail")
        assert [(one["id"], one["effect"], one["body"]["title"]) for one in trail["emissions"]] == [
            ("first", "opened", "a"), ("second", "repeated", "b"),
        ]  # fmt: skip
        assert trail["notice"]["id"] == "first"
        assert [one["reason"] for one in trail["decisions"]] == ["config_unknown"]
        assert "msg_sender cannot be asked" in trail["missing"]
        town.sender.down = False
        assert (await get(client, f"{NOTICES}/first/trail"))["missing"] is None


#: Every route, and the scope that opens it. None: anyone.
WANTED = {
    ("POST", NOTICES): "notices:write", ("GET", NOTICES): "notices:read", ("GET", f"{NOTICES}/n"): "notices:read",
    ("GET", f"{NOTICES}/n/trail"): "notices:read", ("GET", f"{INBOX}/n/trail"): "inbox",
    ("GET", f"{NOTICES}/n/pictures/0"): "notices:read", ("GET", f"{INBOX}/n/pictures/0"): "inbox",
    ("GET", INBOX): "inbox", ("GET", f"{INBOX}/counts"): "inbox",
    ("POST", f"{INBOX}/n/read"): "inbox", ("POST", f"{INBOX}/n/unread"): "inbox",
    ("POST", f"{INBOX}/n/acknowledge"): "inbox", ("POST", f"{INBOX}/n/archive"): "inbox",
    ("POST", f"{INBOX}/n/unarchive"): "inbox", ("POST", f"{INBOX}/n/open"): "inbox", ("GET", f"{INBOX}/n"): "inbox",
    ("POST", f"{INBOX}/acts"): "inbox", ("POST", f"{INBOX}/acts/a/undo"): "inbox",
    ("GET", f"{INBOX}/acts/a"): "inbox", ("GET", f"{INBOX}/deliveries"): "inbox",
    ("POST", f"{INBOX}/read-all"): "inbox", ("GET", "/api/v1/overview"): "notices:read",
    ("GET", "/api/v1/system"): "metrics:read", ("GET", "/api/v1/system/notice_center"): "metrics:read",
    ("GET", "/metrics"): "metrics:read", ("GET", "/healthz"): None,
    ("GET", "/readyz"): None, ("GET", "/openapi.json"): None,
}  # fmt: skip


PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
BODIES = {
    ("POST", NOTICES): {"title": "x"},
    ("POST", f"{INBOX}/acts"): {"id": "a", "act": "unread", "ids": ["n"]},
}


async def test_every_route_opens_to_its_scope_only(town: Town, tmp_path: Any) -> None:
    scopes = (
        "events:write",
        "events:read",
        "notices:write",
        "notices:read",
        "messages:write",
        "configs:read",
        "metrics:read",
    )
    tokens = {scope: await town.token(scope) for scope in scopes}
    tokens |= {"inbox": await town.token("inbox", recipient="u1"), "admin": await town.token("admin", recipient="u1")}
    async with town.opened(f"sqlite:///{tmp_path}/x.db") as client:
        client._transport.app = town.center  # type: ignore[attr-defined]
        await post(client, {"id": "n", "title": "t", "recipients": ["u1"], "attachments": [{"url": PICTURE}]})
        await get(client, NOTICES)
        paths = {(method, path.format(notice_id="n", act_id="a", number="0")) for path, item in
                 (await get(client, "/openapi.json"))["paths"].items() for method in map(str.upper, item)}  # fmt: skip
        assert paths | {("GET", "/openapi.json")} == set(WANTED)
        await _all_known(client, tokens)
        for (method, path), wanted in WANTED.items():
            for scope, token in {**tokens, "service": BOOTSTRAP, "nobody": "aw_wrong", "": ""}.items():
                opens = wanted is None or scope in (wanted, "admin", "service")
                json = BODIES.get((method, path))
                parameters = U1 if scope == "service" and path.startswith(INBOX) else None
                headers = {"authorization": f"Bearer {token}"} if token else {"authorization": ""}
                answer = await client.request(method, path, json=json, params=parameters, headers=headers)
                refused = 401 if scope in ("nobody", "") else 403
                assert (answer.status_code in (200, 202, 503)) if opens else (answer.status_code == refused), (
                    f"{method} {path} as {scope or 'anonymous'}: {answer.status_code} {answer.text}"
                )


async def test_an_expired_or_revoked_token_opens_nothing(town: Town, database_url: str) -> None:
    expired = await town.token("inbox", recipient="u1", expires_at="2020-01-01T00:00:00Z")
    async with town.opened(database_url), town.client(expired) as client:
        async with asyncio.timeout(40):
            while (await client.get(INBOX)).status_code != 401:
                await asyncio.sleep(0.02)


async def _known(*clients: httpx2.AsyncClient) -> None:
    """Until the tokens of all have arrived."""
    async with asyncio.timeout(40):
        for client in clients:
            while (await client.get(INBOX)).status_code != 200:
                await asyncio.sleep(0.02)


async def _all_known(client: httpx2.AsyncClient, tokens: dict[str, str]) -> None:
    async with asyncio.timeout(40):
        for token in tokens.values():
            headers = {"authorization": f"Bearer {token}"}
            while (await client.get(INBOX, headers=headers)).status_code in (401, 503):
                await asyncio.sleep(0.02)
