"""Who may write and read which topic, over HTTP and over the stream; origins; tokens that end."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import websockets

from notifier.topics import may_follow, may_write, visible
from service_kit.auth import SCOPES, Principal
from tests.notifier.conftest import ORIGIN, Notifier, close_code, event, heard, running, say
from wire.times import rfc3339, utc_now

TOPICS = ("token", "token_use", "config", "recipient", "inbox", "host.mount")
#: scope → the topics that it reads, and those that it writes.
READS = {
    "service": set(TOPICS), "admin": {"config", "recipient", "host.mount"}, "configs:read": {"config", "recipient"},
    "events:read": {"host.mount"}, "inbox": {"inbox"},
}  # fmt: skip
WRITES = {"service": set(TOPICS), "admin": {"host.mount"}, "events:write": {"host.mount"}}


def principal(*scopes: str, recipient: str | None = None) -> Principal:
    return Principal("p", "p", frozenset(scopes), recipient)


@pytest.mark.parametrize("scope", [*SCOPES, "service"])
@pytest.mark.parametrize("topic", TOPICS)
def test_each_scope_sees_and_writes_its_topics_and_no_other(scope: str, topic: str) -> None:
    who = principal(scope, recipient="u1")
    assert (visible(who, topic) is not None) == (topic in READS.get(scope, set()))
    assert may_write(who, topic) == (topic in WRITES.get(scope, set()))
    assert may_follow(who) == (scope in READS)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_that_people_may_follow_is_never_one_of_the_services(topic: str) -> None:
    who = Principal("jwt:u1", "u1", frozenset({"inbox"}), "u1", topics=frozenset(TOPICS))
    assert visible(who, topic) == {"inbox": "u1/", "host.mount": ""}.get(topic)
    assert not may_write(who, topic)


def test_an_inbox_is_seen_by_its_owner_only() -> None:
    assert visible(principal("inbox", recipient="u1"), "inbox") == "u1/"
    assert visible(principal("inbox"), "inbox") is None, "a token that names nobody has no inbox"
    assert visible(principal("inbox", recipient="u1/x"), "inbox") is None, "could be taken for a key of u1"
    assert visible(principal("service"), "inbox") == ""


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("topic", TOPICS)
async def test_the_rules_hold_at_every_door(notifier: Notifier, scope: str, topic: str) -> None:
    await notifier.grant("tok", scope, recipient="u1")
    reads, writes = topic in READS.get(scope, set()), topic in WRITES.get(scope, set())
    async with notifier.http("tok") as http:
        assert (await http.get(f"/api/v1/topics/{topic}")).status_code == (200 if reads else 403)
        answer = await http.post("/api/v1/events", json=event("u1/n", topic=topic))
        assert answer.status_code == (202 if writes else 403)
    async with notifier.connect("tok") as socket:
        if scope not in READS:
            assert await close_code(socket) == 4403
            return
        assert (await heard(socket))["type"] == "ready"
        await say(socket, type="subscribe", topic=topic)
        frame = await heard(socket)
        assert (frame["type"], frame.get("code")) == (("snapshot", None) if reads else ("error", "forbidden"))


async def test_a_person_hears_of_their_own_inbox_only(notifier: Notifier) -> None:
    await notifier.grant("ann", "inbox", recipient="ann")
    await notifier.publish(
        event("ann/1", topic="inbox"), event("bob/1", topic="inbox"), event("annabel/1", topic="inbox")
    )
    async with notifier.connect("ann") as socket:
        await say(socket, type="subscribe", topic="inbox")
        snapshot = await heard(socket, "snapshot")
        assert [item["key"] for item in snapshot["items"]] == ["ann/1"]
        await notifier.publish(event("bob/2", topic="inbox"), event("annabel/2", topic="inbox"))
        await notifier.publish(event("ann/2", topic="inbox"))
        assert (await heard(socket))["key"] == "ann/2"
    async with notifier.connect("ann") as again:
        await say(again, type="subscribe", topic="inbox", since=snapshot["cursor"])
        assert (await heard(again, "event"))["key"] == "ann/2"
    async with notifier.http("ann") as http:
        assert [item["key"] for item in (await http.get("/api/v1/topics/inbox")).json()["items"]] == ["ann/1", "ann/2"]


async def test_without_a_token_nothing_is_told(notifier: Notifier) -> None:
    for token in ("nobody", ""):
        async with notifier.http(token) as http:
            assert (await http.get("/api/v1/topics/host.mount")).status_code == 401
            assert (await http.post("/api/v1/events", json=event())).status_code == 401
    async with notifier.connect("nobody") as socket:
        assert await close_code(socket) == 4401


async def test_a_browser_says_who_it_is_in_the_first_frame(notifier: Notifier) -> None:
    await notifier.grant("tok", "events:read")
    async with notifier.connect(None, origin=ORIGIN) as socket:
        await say(socket, type="auth", token="tok")
        assert (await heard(socket))["type"] == "ready"
        await say(socket, type="auth", token="tok")
        assert (await heard(socket))["code"] == "unexpected"


@pytest.mark.parametrize("first", ['{"type":"auth","token":"wrong"}', '{"type":"ping"}', "{oops", '{"type":"auth"}'])
async def test_a_first_frame_that_is_no_authentication_ends_the_connection(notifier: Notifier, first: str) -> None:
    async with notifier.connect(None) as socket:
        await socket.send(first)
        assert await close_code(socket) == 4401


async def test_who_says_nothing_is_sent_away(notifier: Notifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifier.follow.AUTH_SECONDS", 0.05)
    async with notifier.connect(None) as socket:
        assert await close_code(socket) == 4401


BAD_ORIGINS = [
    "null", "", "https://panel.example.org.evil.com", "https://evilpanel.example.org", "http://panel.example.org",
    "https://panel.example.org:8443", "https://panel.example.org:443", "https://panel.example.org.",
    "https://PANEL.example.org", "HTTPS://panel.example.org", "https://panel.example.org/", "https://example.org",
    "https://sub.panel.example.org", "https://panel.example.org@evil.com", "https://user@panel.example.org",
    "file://", "file:///panel.example.org", "https://panel.example.org evil", "https://panel.example.org,https://evil",
    "https://panel-example.org", "https://panel.example.orgx", "https://xn--pnel-loa.example.org", "*",
    "https://*", "https://*.example.org", "wss://panel.example.org", "ws://panel.example.org", "//panel.example.org",
    "panel.example.org", "https:panel.example.org", "https://panel.example.org?x", "https://panel.example.org#x",
    "http://127.0.0.1", "http://localhost:8000", "http://127.0.0.1:8001", "chrome-extension://abc",
]  # fmt: skip


@pytest.mark.parametrize("origin", BAD_ORIGINS)
async def test_a_page_of_another_origin_cannot_connect_even_with_a_token(notifier: Notifier, origin: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with notifier.connect(headers={"Origin": origin}):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("origin", [ORIGIN, "http://127.0.0.1:8000"])
async def test_configured_pages_and_our_own_may_connect(notifier: Notifier, origin: str) -> None:
    async with notifier.connect(headers={"Origin": origin}) as socket:
        assert (await heard(socket))["type"] == "ready"


async def test_a_revoked_token_closes_its_sockets_and_only_those(notifier: Notifier) -> None:
    await notifier.grant("ann", "events:read")
    await notifier.grant("bob", "events:read")
    async with notifier.connect("ann") as ann, notifier.connect("bob") as bob:
        for socket in (ann, bob):
            await say(socket, type="subscribe", topic="host.mount")
            await heard(socket, "snapshot")
        await notifier.revoke("ann")
        assert await close_code(ann) == 4401
        await notifier.publish(event("later"))
        assert (await heard(bob))["key"] == "later"


async def test_a_token_whose_rights_change_must_connect_anew(notifier: Notifier) -> None:
    await notifier.grant("ann", "events:read", "configs:read")
    async with notifier.connect("ann") as socket:
        await say(socket, type="subscribe", topic="config")
        await heard(socket, "snapshot")
        await notifier.grant("ann", "events:read")
        assert await close_code(socket) == 4401


async def test_an_expired_token_closes_its_sockets(notifier: Notifier) -> None:
    await notifier.grant("ann", "events:read", expires_at=rfc3339(utc_now() + timedelta(seconds=1.5)))
    async with notifier.connect("ann") as socket:
        assert await close_code(socket) == 4401


async def test_tokens_are_known_again_after_a_restart(tmp_path) -> None:  # type: ignore[no-untyped-def]
    async with running(tmp_path) as first:
        await first.grant("ann", "events:read")
    async with running(tmp_path) as second, second.http("ann") as http:
        assert (await http.get("/api/v1/topics/host.mount")).status_code == 200


async def test_what_is_no_token_is_no_token_and_harms_nobody(notifier: Notifier) -> None:
    assert await notifier.publish({"topic": "token", "key": "hash", "data": {"scopes": 3}}) == ["accepted"]
    assert await notifier.publish(event()) == ["accepted"]


async def test_the_notifier_tells_of_the_tokens_that_it_saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifier.token_feed.USES_SECONDS", 0.01)
    async with (
        running(tmp_path) as notifier,
        asyncio.timeout(40),
        notifier.http() as http,
        notifier.http("tok") as user,
    ):
        await notifier.grant("tok", "events:read")
        items: list[Any] = []
        while not items:
            await user.get("/api/v1/topics/host.mount")
            items = (await http.get("/api/v1/topics/token_use")).json()["items"]
    assert [item["key"] for item in items] == ["t-tok"]


async def test_a_page_of_ours_is_known_by_its_cookie_unless_it_brings_a_token(notifier: Notifier) -> None:
    await notifier.grant("ann", "inbox", recipient="ann", account="a1")
    await notifier.grant("tok", "events:read")
    cookie = {"cookie": f"theme=dark; alertwrap_session_{notifier.port}=ann"}
    async with notifier.connect(None, origin=notifier.url, headers=cookie) as socket:
        assert (await heard(socket))["type"] == "ready"
        await say(socket, type="auth", token="tok")
        assert (await heard(socket))["type"] == "ready"
        await say(socket, type="subscribe", topic="host.mount")
        assert (await heard(socket))["type"] == "snapshot"
        await notifier.revoke("tok")
        assert await close_code(socket) == 4401
    async with notifier.connect(None, origin=notifier.url, headers=cookie) as socket:
        assert (await heard(socket))["type"] == "ready"
        await notifier.revoke("ann")
        assert await close_code(socket) == 4401


@pytest.mark.parametrize("origin", [ORIGIN, None])
async def test_the_cookie_counts_for_no_other_page(notifier: Notifier, origin: str | None) -> None:
    await notifier.grant("ann", "inbox", recipient="ann", account="a1")
    async with notifier.connect(
        None, origin=origin, headers={"cookie": f"alertwrap_session_{notifier.port}=ann"}
    ) as socket:
        await say(socket, type="ping")
        assert await close_code(socket) == 4401


JWT = {"issuer": "panel", "audience": "alertwrap", "algorithms": ["HS256"], "key": "s" * 32}


def jwt_of(recipient: str, **more: Any) -> str:
    now = int(utc_now().timestamp())
    named = {"iss": "panel", "aud": "alertwrap", "sub": recipient, "iat": now, "exp": now + 300}
    return jwt.encode({**named, **more}, JWT["key"], "HS256")


def revocation(recipient: str, since: datetime) -> dict[str, Any]:
    """As the configurator tells it."""
    data = {"recipient": recipient, "jwts_since": rfc3339(since)}
    return {"topic": "token", "key": f"jwts/{recipient}", "data": data}


async def test_revoked_jwts_close_their_sockets_and_open_nothing(tmp_path: Path) -> None:
    now = utc_now()
    async with running(tmp_path, jwt=JWT) as notifier:
        old, bobs = jwt_of("ann"), jwt_of("bob")
        async with notifier.connect(old) as socket, notifier.connect(bobs) as other:
            assert (await heard(socket))["type"] == (await heard(other))["type"] == "ready"
            await notifier.publish(revocation("ann", now + timedelta(seconds=1)))
            assert await close_code(socket) == 4401
            await say(other, type="ping")
            assert (await heard(other))["type"] == "pong"
        for refused in (old, jwt_of("ann", iat=None)):
            async with notifier.connect(refused) as socket:
                assert await close_code(socket) == 4401
            async with notifier.http(refused) as http:
                assert (await http.get("/api/v1/topics/inbox")).status_code == 401
        async with notifier.connect(jwt_of("ann", iat=int(now.timestamp()) + 2)) as socket:
            assert (await heard(socket))["type"] == "ready", "those that are issued later count"
    async with running(tmp_path, jwt=JWT) as notifier, notifier.connect(old) as socket:
        assert await close_code(socket) == 4401, "a restart forgets nothing"
