"""The front door: what callers send, and what they are told."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msg_sender.client import MsgSenderClient, Refused, Unreachable
from service_kit import logs
from service_kit.app import all_routes
from service_kit.auth import SCOPES
from service_kit.peer import Peer
from service_kit.secrets import Secret, hash_token
from service_kit.settings import SettingsError
from tests.fakes.bot_api import BotApi, Scripted, refused
from tests.fakes.provider import Provider, told
from tests.fakes.smtp import SmtpRecorder
from tests.msg_sender.conftest import BOOTSTRAP, Sender, open_sender, telegram, until
from wire.message import Message

GOOD = {"channel": "email", "to": "ann@example.org", "title": "T"}


async def test_lines_arrays_and_objects_are_answered_item_by_item(database_url: str, tmp_path: Path) -> None:
    async with open_sender(database_url, tmp_path) as sender:
        lines = [
            {**GOOD, "id": "a"}, {**GOOD, "id": "a"}, {**GOOD, "id": "a", "title": "other"},
            {**GOOD, "id": "b", "channel": "pigeon"}, {"id": "c"}, {**GOOD, "extra": 1}, GOOD,
        ]  # fmt: skip
        body = "\n".join([*map(json.dumps, lines), "{nonsense"])
        answer = await sender.http.post(
            "/api/v1/messages", content=body, headers={"content-type": "application/x-ndjson"}
        )
        assert answer.status_code == 207
        found = answer.json()
        assert [one["status"] for one in found["results"]] == [
            "accepted", "duplicate", "conflict", "rejected", "rejected", "rejected", "accepted", "rejected",
        ]  # fmt: skip
        unknown = found["results"][3]["errors"][0]
        assert unknown == {
            "path": "/channel", "message": "expected one of: email, telegram, webhook", "code": "unknown-channel",
            "params": {"channels": "email, telegram, webhook"},
        }  # fmt: skip
        assert {error["path"] for error in found["results"][4]["errors"]} == {"/channel", "/to"}
        assert found["results"][5]["errors"][0]["path"] == "/extra"
        assert len(found["results"][6]["id"]) == 36, "an id was minted"
        one = await sender.http.post("/api/v1/messages", json={**GOOD, "id": "a", "title": "third"})
        assert (one.status_code, one.json()["code"]) == (409, "id-taken")
        assert (await sender.http.post("/api/v1/messages", json=[{**GOOD, "id": "a"}])).status_code == 202
        assert (await sender.http.post("/api/v1/messages", json=[])).status_code == 202
        assert (await sender.get("a"))["title"] == "T"


async def test_a_batch_may_be_larger_than_any_other_body_but_not_without_bound(sqlite_url: str, tmp_path: Path) -> None:
    async with open_sender(sqlite_url, tmp_path, http={"max_batch": 3_000_000}) as sender:
        many = [{**GOOD, "id": f"m{number}", "message": "x" * 2000} for number in range(900)]
        answer = await sender.http.post("/api/v1/messages", json=many)
        assert (answer.status_code, answer.json()["accepted"]) == (202, 900)
        too_large = await sender.http.post("/api/v1/messages", json=[*many, *many])
        assert too_large.status_code == 413
        too_many = await sender.http.post("/api/v1/messages", content=b"{}\n" * 10_001)
        assert too_many.status_code == 413


async def test_a_channel_without_settings_buries_its_messages_with_the_reason_and_replays_later(
    database_url: str, tmp_path: Path, bot: BotApi
) -> None:
    async with open_sender(database_url, tmp_path) as sender:
        name = await sender.post(channel="telegram", to="42")
        dead = await sender.settled(name)
        assert dead["status"] == "dead"
        assert dead["reason"] == "channel telegram is not configured: set [telegram] token"
        channels = (await sender.http.get("/api/v1/channels")).json()["items"]
        assert [(one["name"], one["configured"], one["dead"]) for one in channels] == [
            ("email", False, 0), ("telegram", False, 1), ("webhook", False, 0),
        ]  # fmt: skip
        assert channels[1]["reason"] == dead["reason"]
    async with open_sender(database_url, tmp_path, {"telegram": telegram(bot)}) as sender:
        answer = await sender.http.post(f"/api/v1/messages/{name}/replay")
        assert answer.status_code == 202
        sent = await sender.settled(name, status=("sent",))
        assert [attempt["outcome"] for attempt in sent["attempts"]] == ["failed", "sent"]
        assert (await sender.http.post(f"/api/v1/messages/{name}/replay")).status_code == 409
        assert (await sender.http.post("/api/v1/messages/nobody/replay")).status_code == 404
    assert len(bot.sent) == 1


async def test_messages_are_listed_by_filter_and_page(sqlite_url: str, tmp_path: Path) -> None:
    async with open_sender(sqlite_url, tmp_path) as sender:
        names = [await sender.post(**{**GOOD, "notice": "n/1" if number % 2 else "n2"}) for number in range(5)]
        await asyncio.gather(*(sender.settled(name) for name in names))
        first = (await sender.http.get("/api/v1/messages", params={"limit": 2})).json()
        assert [one["id"] for one in first["items"]] == names[:2:-1]
        rest = (await sender.http.get("/api/v1/messages", params={"limit": 10, "next": first["next"]})).json()
        assert ([one["id"] for one in rest["items"]], rest["next"]) == (names[2::-1], None)
        of_notice = (await sender.http.get("/api/v1/messages", params={"notice": "n/1", "attempts": "true"})).json()
        assert [one["id"] for one in of_notice["items"]] == [names[3], names[1]]
        assert of_notice["items"][0]["attempts"][0]["outcome"] == "failed"
        for query, count in [({"status": "dead"}, 5), ({"status": "sent"}, 0), ({"channel": "telegram"}, 0)]:
            assert len((await sender.http.get("/api/v1/messages", params=query)).json()["items"]) == count
        for query in [
            {"limit": 0},
            {"limit": 501},
            {"next": "x"},
            {"next": 2**64},
            {"status": "odd"},
            {"notice": "\x00"},
        ]:
            assert (await sender.http.get("/api/v1/messages", params=query)).status_code == 422, query


async def test_an_id_with_slashes_is_found(sqlite_url: str, tmp_path: Path) -> None:
    async with open_sender(sqlite_url, tmp_path) as sender:
        name = await sender.post(**GOOD, id="a/b/replay")
        assert (await sender.settled(name))["id"] == "a/b/replay"
        assert (await sender.http.post(f"/api/v1/messages/{name}/replay")).status_code == 202


async def test_the_client_hands_over_and_says_what_was_refused(sqlite_url: str, tmp_path: Path) -> None:
    def message(name: str, **fields: Any) -> Message:
        return Message.model_validate({**GOOD, "id": name, "notice": "n1", **fields})

    async with open_sender(sqlite_url, tmp_path) as sender:
        client = MsgSenderClient(Peer("http://sender", Secret(BOOTSTRAP), sender.app))
        await client.hand_over([])
        await client.hand_over([message(f"m{number}", message="x" * 5000) for number in range(1200)])
        await client.hand_over([message("m0", message="x" * 5000)])
        with pytest.raises(Refused) as caught:
            await client.hand_over([message("new"), message("m1", title="other"), message("bad", channel="pigeon")])
        assert [(one["id"], one["status"]) for one in caught.value.results] == [("m1", "conflict"), ("bad", "rejected")]
        with pytest.raises(Refused):
            await client.hand_over([message("bad", channel="pigeon")])
        levels: dict[str, Any] = {}
        for _ in range(40):
            levels = {"a": levels}
        with pytest.raises(Refused) as caught:
            await client.hand_over([message("fine"), message("deep", data=levels)])
        assert [(one["id"], one["status"]) for one in caught.value.results] == [("deep", "rejected")], "by our own name"
        found = [one for one in await client.of_notice("n1") if one["id"] != "fine"]
        assert [one["id"] for one in found] == [*(f"m{number}" for number in range(1200)), "new"]
        await client.close()
        stranger = MsgSenderClient(Peer("http://sender", Secret("wrong"), sender.app))
        with pytest.raises(Unreachable):
            await stranger.hand_over([message("x")])
        await stranger.close()
    gone = MsgSenderClient(Peer("http://127.0.0.1:1", Secret("x")))
    with pytest.raises(Unreachable):
        await gone.hand_over([message("x")])
    await gone.close()


async def test_where_only_small_requests_pass_the_client_makes_them_smaller(sqlite_url: str, tmp_path: Path) -> None:
    """A proxy before the sender may take less than we send at once: one message must not hold up the others."""

    async def proxy(scope: Any, receive: Any, send: Any) -> None:
        if int(dict(scope["headers"]).get(b"content-length", b"0")) > 4_000:
            await send({"type": "http.response.start", "status": 413, "headers": [(b"content-type", b"text/html")]})
            await send({"type": "http.response.body", "body": b"<h1>413 Request Entity Too Large</h1>"})
        else:
            await sender.app(scope, receive, send)

    async with open_sender(sqlite_url, tmp_path) as sender:
        client = MsgSenderClient(Peer("http://sender", Secret(BOOTSTRAP), proxy))
        given = [
            Message.model_validate({**GOOD, "id": f"m{n}", "notice": "n", "message": "x" * 900}) for n in range(20)
        ]
        big = Message.model_validate({**GOOD, "id": "big", "message": "x" * 5_000})
        with pytest.raises(Refused) as caught:
            await client.hand_over([*given[:7], big, *given[7:]])
        assert [(one["id"], one["status"]) for one in caught.value.results] == [("big", "rejected")]
        assert [one["id"] for one in await client.of_notice("n")] == [one.id for one in given]
        await client.close()


async def test_a_trial_says_at_once_how_it_went_and_stores_nothing(
    sqlite_url: str, tmp_path: Path, bot: BotApi
) -> None:
    async with open_sender(sqlite_url, tmp_path, {"telegram": telegram(bot)}) as sender:
        good = await sender.http.post("/api/v1/channels/telegram/test", json={"to": "42"})
        told = good.json()
        assert {name: told[name] for name in ("status", "permanent", "error")} == {
            "status": "sent", "permanent": False, "error": None,
        }  # fmt: skip
        assert told["reference"] == "1"
        assert told["seconds"] < 30
        bot.script.append(refused(403, f"Forbidden: {bot.token} was blocked"))
        bad = (await sender.http.post("/api/v1/channels/telegram/test", json={"to": "42"})).json()
        assert (bad["status"], bad["permanent"]) == ("failed", True)
        assert bot.token not in bad["error"]
        off = (await sender.http.post("/api/v1/channels/email/test", json={"to": "a@b.c"})).json()
        assert "not configured" in off["error"]
        assert (await sender.http.post("/api/v1/channels/pigeon/test", json={"to": "x"})).status_code == 404
        assert (await sender.http.post("/api/v1/channels/telegram/test", json={})).status_code == 422
        assert (await sender.http.get("/api/v1/messages")).json()["items"] == []


async def test_a_webhook_goes_where_the_operator_opened_and_nowhere_else(sqlite_url: str, tmp_path: Path) -> None:
    secrets = {"webhook": {"secrets": ["whsec_" + "QUJD" * 8]}}
    async with Provider() as inside, Provider() as opened:
        allow = {"allow": [f"127.0.0.1:{opened.port}"]}
        async with open_sender(sqlite_url, tmp_path, secrets, egress=allow) as sender:
            good = await sender.post(channel="webhook", to=opened.url + "/hook")
            bad = await sender.post(channel="webhook", to=inside.url + "/hook")
            assert (await sender.settled(good))["status"] == "sent"
            assert (await sender.settled(bad))["status"] == "dead"
            trial = await sender.http.post("/api/v1/channels/webhook/test", json={"to": inside.url})
            assert trial.json()["permanent"]
        assert inside.connections == 0


async def test_a_malformed_opening_stops_the_start_with_its_name(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ALERTWRAP_EGRESS__ALLOW: expected a network"):
        async with open_sender(sqlite_url, tmp_path, egress={"allow": ["nonsense"]}):
            pass


async def test_a_dead_channel_delays_no_other(sqlite_url: str, tmp_path: Path, bot: BotApi, smtp: SmtpRecorder) -> None:
    never = asyncio.Event()
    bot.script += [Scripted(wait=never)] * 200
    sections = {"telegram": telegram(bot), "email": {"url": smtp.url}}
    async with open_sender(sqlite_url, tmp_path, sections) as sender:
        await asyncio.gather(*(sender.post(channel="telegram", to=str(chat)) for chat in range(100, 200)))
        async with asyncio.timeout(40):  # less than the minute that one dead attempt holds its place
            names = await asyncio.gather(*(sender.post(**GOOD) for _ in range(60)))
            await asyncio.gather(*(sender.settled(name) for name in names))
        assert len(smtp.mails) == 60
        assert not bot.sent
        never.set()


CANARIES = {
    "bot": "777777:CANARYbottokenCANARYbottoken00", "mail": "CANARY-mail-password", "hook": "whsec_" + "Q0FOQVJZ" * 5,
}  # fmt: skip


async def test_no_secret_is_in_logs_answers_or_rows(sqlite_url: str, tmp_path: Path) -> None:
    """Providers that repeat every secret they were told, in all the ways a failure can be told."""
    log, bodies = io.StringIO(), list[str]()
    echo = f"you said {CANARIES['bot']} {CANARIES['mail']} {CANARIES['hook']} {BOOTSTRAP}".encode()
    script = {"RCPT": ["550 " + echo.decode()], "DATA": [None, "451 " + echo.decode()]}
    server = SmtpRecorder(users={"u": CANARIES["mail"]}, script=script)
    async with BotApi(token=CANARIES["bot"]) as bot, Provider([told(400, echo), told(200, echo)]) as provider:
        bot.script += [refused(400, echo.decode()), Scripted(500, echo), Scripted(200, echo, accept=True)]
        bot.script.append(Scripted(hang_up=True))
        with server, redirect_stderr(log):
            sections = {
                "telegram": telegram(bot), "webhook": {"secrets": [CANARIES["hook"]]},
                "email": {"url": f"smtp://u:{CANARIES['mail']}@127.0.0.1:{server.port}", "starttls": "never"},
            }  # fmt: skip
            logs.configure(logs.LogSettings(level="debug", format="json"))
            egress = {"allow": [f"127.0.0.1:{provider.port}"]}
            async with open_sender(sqlite_url, tmp_path, sections, egress=egress) as sender:
                await _use_everything(sender, provider.url, bodies)
        logs.configure(logs.LogSettings())
    text = "\n".join([log.getvalue(), *bodies, *_dump(tmp_path / "sender.db")])
    assert text.count("you said") > 5, "the echoes did come in"
    for secret in (*CANARIES.values(), BOOTSTRAP):
        assert secret not in text


async def _use_everything(sender: Sender, url: str, bodies: list[str]) -> None:
    names = [await sender.post(channel="telegram", to=str(chat)) for chat in range(4)]
    names += [await sender.post(**GOOD) for _ in range(3)]
    names += [await sender.post(channel="webhook", to=url) for _ in range(2)]

    async def tried() -> bool:
        return all([(await sender.get(name))["attempt_count"] for name in names])

    await until(tried)
    paths = ["/api/v1/channels", "/api/v1/messages?attempts=true", "/metrics", "/openapi.json", "/readyz"]
    bodies += [(await sender.http.get(path)).text for path in paths]
    bodies += [json.dumps(await sender.get(name)) for name in names]
    for name in ("telegram", "email", "webhook"):
        bodies.append((await sender.http.post(f"/api/v1/channels/{name}/test", json={"to": "1"})).text)


def _dump(file: Path) -> list[str]:
    connection = sqlite3.connect(file)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


ALLOWED = {
    ("POST", "/api/v1/messages"): "messages:write",
    ("GET", "/api/v1/messages"): "messages:read",
    ("GET", "/api/v1/messages/{message_id:path}"): "messages:read",
    ("POST", "/api/v1/messages/replay"): "messages:write",
    ("POST", "/api/v1/messages/{message_id:path}/replay"): "messages:write",
    ("GET", "/api/v1/channels"): "messages:read",
    ("POST", "/api/v1/channels/{name}/test"): "messages:write",
    ("GET", "/metrics"): "metrics:read",
    ("GET", "/api/v1/system"): "metrics:read",
    ("GET", "/api/v1/system/msg_sender"): "metrics:read",
    ("GET", "/healthz"): None,
    ("GET", "/readyz"): None,
    ("GET", "/openapi.json"): None,
}


async def test_every_route_lets_in_exactly_its_scope(sqlite_url: str, tmp_path: Path) -> None:
    async with open_sender(sqlite_url, tmp_path) as sender:
        tokens = sender.app.state.guard.tokens
        tokens.replace(iter([]))
        for scope in SCOPES:
            tokens.put(hash_token(f"token-{scope}"), {"id": scope, "name": scope, "scopes": [scope], "recipient": None})
        past = {"id": "old", "scopes": ["admin"], "expires_at": "2020-01-01T00:00:00Z"}
        tokens.put(hash_token("token-expired"), past)
        routes = _routes(sender.app.app)
        assert routes == set(ALLOWED), "a route without a row here"
        for (method, template), needed in ALLOWED.items():
            path = template.replace("{message_id:path}", "m1").replace("{name}", "email")
            for scope in (None, "expired", "unknown", *SCOPES):
                async with sender.client(scope and f"token-{scope}") as http:
                    status = (await http.request(method, path, json={} if method == "POST" else None)).status_code
                let_in = needed is None or scope in (needed, "admin")
                refused_as = 401 if scope in (None, "expired", "unknown") else 403
                assert (status not in (401, 403)) if let_in else status == refused_as, (method, path, scope)


def _routes(app: Any) -> set[tuple[str, str]]:

    return {
        (method, route.path)
        for route in all_routes(app.routes)
        if isinstance(route, APIRoute)
        for method in route.methods
    }


NASTY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.just("\x00")
    | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*Message.model_fields, "x", ""]), inner)
    ),
    max_leaves=12,
)
ITEMS = NASTY.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
BODIES = st.binary(max_size=200) | ITEMS | st.lists(ITEMS, max_size=4).map(b"\n".join)


# the workers in other threads take chance from `random` while bodies are drawn
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
async def test_hostile_bodies_are_refused_and_never_a_500(sqlite_url: str, tmp_path: Path) -> None:
    async with open_sender(sqlite_url, tmp_path) as sender:
        loop = asyncio.get_running_loop()
        found: list[tuple[int, bytes]] = []

        @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
        @given(BODIES, st.sampled_from(["application/json", "application/x-ndjson", "", "text/x"]))
        def attack(body: bytes, kind: str) -> None:
            posted = sender.http.post("/api/v1/messages", content=body, headers={"content-type": kind})
            answer = asyncio.run_coroutine_threadsafe(posted, loop).result(30)
            found.append((answer.status_code, body))

        await asyncio.to_thread(attack)
        assert {status for status, _ in found} <= {202, 207, 409, 413, 415, 422}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[[[[", b'{"a":NaN}', b'{"id":"\\u0000"}', b'{"title":"\\ud800"}',
        b"[" * 100_000, b"\xff\xfe",
        b'{"channel":"email","to":"a\\nb","title":"x"}', b'{"channel":"email","to":"a","title":1}', b"9" * 5000,
        b'{"channel":"email","to":"a"}', b'{"channel":"e mail","to":"a","title":"x"}',
        b'{"channel":"email","to":"a","title":"x","id":"a b"}',
        b'{"channel":"email","to":"a","title":"x","severity":"odd"}',
    ],
)  # fmt: skip
async def test_bad_input_names_what_is_wrong(database_url: str, tmp_path: Path, body: bytes) -> None:
    async with open_sender(database_url, tmp_path) as sender:
        answer = await sender.http.post("/api/v1/messages", content=body)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["results"][0]["errors"][0]["message"]
