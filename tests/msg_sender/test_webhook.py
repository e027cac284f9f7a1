"""The webhook channel: signatures by the specification, and what each answer means."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from msg_sender.channels.contract import Outgoing, SendError
from msg_sender.channels.webhook import Webhook, WebhookSettings, key_of, payload, retry_after, sign
from service_kit.egress import Egress
from service_kit.secrets import Secret
from tests.fakes.provider import (
    CUT_BEFORE_ANSWER,
    CUT_IN_BODY,
    ENDLESS,
    NOT_HTTP,
    SILENT,
    Provider,
    Told,
    bomb,
    told,
)

OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 24).decode()
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def outgoing(to: str, **fields: Any) -> Outgoing:
    given = {"id": "m1", "channel": "webhook", "to": to, "title": "T", "accepted_at": "2026-11-20T11:59:00Z"}
    return Outgoing.model_validate({**given, **fields})


@pytest.fixture
async def hook() -> AsyncIterator[Callable[..., Webhook]]:
    opened = []

    def open_(now: Callable[[], datetime] = lambda: NOW, allow: tuple[str, ...] = ("127.0.0.1",)) -> Webhook:
        settings = WebhookSettings.model_validate({"secrets": [NEW, OLD]})
        opened.append(Webhook(settings, partial(Egress, allow, deadline=1.0), now))
        return opened[-1]

    yield open_
    for one in opened:
        await one.close()


def test_the_signature_is_that_of_the_specifications_example() -> None:
    key = key_of(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    body = b'{"test": 2432232314}'
    assert (
        sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


async def test_a_receiver_can_check_each_signature_and_tell_a_repetition(hook: Callable[..., Webhook]) -> None:
    times = iter([NOW, NOW.replace(minute=1)])
    async with Provider([told(503), Told()]) as provider:
        channel = hook(lambda: next(times))
        message = outgoing(provider.url + "/hook?x=1", notice="n1", data={"a": 1})
        with pytest.raises(SendError):
            await channel.send(message)
        await channel.send(message)
    first, second = provider.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "m1"
    assert [one.headers["webhook-timestamp"] for one in provider.requests] == ["1795176000", "1795176060"]
    assert first.body == second.body
    for request in provider.requests:
        signatures = request.headers["webhook-signature"].split(" ")
        content = f"m1.{request.headers['webhook-timestamp']}.".encode() + request.body
        expected = [_hmac(key, content) for key in (b"n" * 24, b"o" * 32)]
        assert signatures == expected, "one for each secret of the rotation"
        assert _hmac(b"n" * 24, content + b" ") not in signatures
    body = json.loads(first.body)
    assert (body["type"], body["timestamp"]) == ("alertwrap.message", "2026-11-20T11:59:00.000000Z")
    assert body["data"] == {"id": "m1", "title": "T", "message": "", "severity": "info", "attachments": [],
                            "buttons": [], "data": {"a": 1}, "locale": "en", "notice": "n1"}  # fmt: skip
    assert provider.url not in first.body.decode(), "the address may hold a credential"


def _hmac(key: bytes, content: bytes) -> str:
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


@pytest.mark.parametrize(
    "answer", [Told(), told(201), told(204, b""), told(200, b"{bad"), CUT_IN_BODY, ENDLESS, bomb(16)]
)
async def test_any_2xx_is_success_whatever_its_body_does(hook: Callable[..., Webhook], answer: Told) -> None:
    async with Provider([answer]) as provider:
        receipt = await hook().send(outgoing(provider.url))
    assert receipt.answer.startswith("HTTP 2")
    assert len(receipt.answer) < 2100


@pytest.mark.parametrize(
    ("answer", "permanent", "asked"),
    [
        (told(301, location="http://127.0.0.1:1/"), False, None),
        (told(302, location="http://127.0.0.1:1/"), False, None),
        (told(307), False, None),
        (told(308), False, None),
        (told(400), True, None),
        (told(401), True, None),
        (told(403), True, None),
        (told(404), True, None),
        (told(408), False, None),
        (told(410), True, None),
        (told(413), True, None),
        (told(422), True, None),
        (told(429), False, None),
        (told(429, retry_after="1"), False, 1.0),
        (told(429, retry_after="3600"), False, 3600.0),
        (told(429, retry_after="999999"), False, 999_999.0),
        (told(429, retry_after="-1"), False, None),
        (told(429, retry_after="garbage"), False, None),
        (told(429, retry_after="Fri, 20 Nov 2026 12:05:00 GMT"), False, 300.0),
        (told(429, retry_after="Fri, 20 Nov 2020 12:05:00 GMT"), False, 0.0),
        (told(500), False, None),
        (told(502), False, None),
        (told(503, retry_after="7"), False, 7.0),
        (told(504), False, None),
        (SILENT, False, None),
        (CUT_BEFORE_ANSWER, False, None),
        (NOT_HTTP, False, None),
    ],
)
async def test_every_refusal_says_whether_a_retry_makes_sense(
    hook: Callable[..., Webhook], answer: Told, permanent: bool, asked: float | None
) -> None:
    async with Provider() as canary, Provider([answer]) as provider:
        with pytest.raises(SendError) as caught:
            await hook().send(outgoing(provider.url + "/secret-path"))
        assert not canary.connections
    assert caught.value.permanent is permanent
    assert caught.value.retry_after == asked
    assert "secret-path" not in str(caught.value)


@pytest.mark.parametrize(
    "header", ["", "1.5", "1e9", "9" * 400, "0x10", "１２", "Fri, 99 Nov 2026", "Mon, 1 Jan 99999 00:00:00 GMT"]
)
def test_a_retry_after_that_is_none_is_no_crash(header: str) -> None:
    assert retry_after(header, NOW) is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://169.254.169.254/latest", "file:///etc/passwd", "not a url", "http://[::1]/"]
)
async def test_a_private_target_is_dead_at_once(hook: Callable[..., Webhook], url: str) -> None:
    with pytest.raises(SendError) as caught:
        await hook(allow=()).send(outgoing(url))
    assert caught.value.permanent


def test_the_payload_has_no_address_and_is_stable() -> None:
    message = outgoing("https://a.example/hook?token=abc")
    assert payload(message) == payload(message)
    assert b"token=abc" not in payload(message)


@pytest.mark.parametrize(
    "secrets", [[], ["x"], ["whsec_"], ["whsec_!!!"], ["whsec_" + base64.b64encode(b"short").decode()], "", [OLD, "y"]]
)
def test_a_secret_that_is_none_is_refused_without_repeating_it(secrets: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        WebhookSettings.model_validate({"secrets": secrets})
    assert OLD[6:] not in str(caught.value.errors(include_input=False))


def test_several_secrets_may_stand_in_one_variable() -> None:
    settings = WebhookSettings.model_validate({"secrets": f"{NEW} {OLD}"})
    assert [one.get_secret_value() for one in settings.secrets] == [NEW, OLD]
    assert NEW not in repr(settings)
