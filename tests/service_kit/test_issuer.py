"""JWT of the customer's issuer: whom they let in, and everything that must not."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import ValidationError

from service_kit.auth import Principal
from service_kit.egress import Egress
from service_kit.issuer import Issuer
from service_kit.problems import Unauthorized, Unavailable
from service_kit.settings import JwtSettings, SettingsError
from wire.times import utc_now

ISSUER, AUDIENCE, SECRET = "https://login.example.org", "alertwrap", "s" * 32
RSA, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))
CURVE = ec.generate_private_key(ec.SECP256R1())
NAMES = {"issuer": ISSUER, "audience": AUDIENCE}


def pem(key: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, form).decode())


def to_jwk(key: Any) -> dict[str, Any]:
    return dict(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True))


def claims(**more: Any) -> dict[str, Any]:
    wanted = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": int(utc_now().timestamp()) + 300, **more}
    return {name: value for name, value in wanted.items() if value is not None}


def signed(key: Any = RSA, algorithm: str = "RS256", headers: dict[str, Any] | None = None, **more: Any) -> str:
    return jwt.encode(claims(**more), key, algorithm, headers)


def unsigned(header: dict[str, Any], signature: bytes = b"", **more: Any) -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims(**more)).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def who(token: str, **settings: Any) -> Principal:
    given = JwtSettings(**{**NAMES, "key": pem(RSA), **settings})
    egress = Egress()
    try:
        return await Issuer(given, egress).who(token)
    finally:
        await egress.close()


async def test_a_person_gets_their_inbox_and_nothing_else() -> None:
    principal = await who(signed())
    assert (principal.recipient, principal.scopes) == ("ann", frozenset({"inbox"}))
    assert principal.expires_at is not None
    assert not principal.may("admin")
    assert principal.topics == frozenset()


async def test_the_settings_may_let_them_follow_topics_of_the_panel() -> None:
    assert (await who(signed(), topics=["vm"])).topics == {"vm"}


async def test_another_claim_may_name_the_recipient() -> None:
    assert (await who(signed(employee="u7"), claim="employee")).recipient == "u7"


@pytest.mark.parametrize(
    ("algorithm", "key", "known"),
    [
        ("RS512", RSA, pem(RSA)),
        ("PS256", RSA, pem(RSA)),
        ("ES256", CURVE, pem(CURVE)),
        ("HS256", SECRET, SECRET),
    ],
    ids=["RS512", "PS256", "ES256", "HS256"],
)
async def test_each_family_of_algorithms(algorithm: str, key: Any, known: str) -> None:
    assert (await who(signed(key, algorithm), key=known, algorithms=(algorithm,))).recipient == "ann"


def signed_with_the_public_key() -> str:
    head = unsigned({"alg": "HS256", "typ": "JWT"}).rpartition(".")[0]
    mark = hmac.new(pem(RSA).encode(), head.encode(), sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


REFUSED: dict[str, Callable[[], str]] = {
    "expired": lambda: signed(exp=int(utc_now().timestamp()) - 1),
    "expires never": lambda: signed(exp=None),
    "expires as text": lambda: signed(exp=str(int(utc_now().timestamp()) + 300)),
    "expires beyond time": lambda: unsigned({"alg": "RS256"}, exp=1e300),
    "not yet": lambda: signed(nbf=int(utc_now().timestamp()) + 120),
    "wrong audience": lambda: signed(aud="somebody-else"),
    "no audience": lambda: signed(aud=None),
    "wrong issuer": lambda: signed(iss="https://evil.example"),
    "no issuer": lambda: signed(iss=None),
    "another key": lambda: signed(OTHER),
    "alg none": lambda: unsigned({"alg": "none", "typ": "JWT"}),
    "alg None": lambda: unsigned({"alg": "NoNe", "typ": "JWT"}),
    "no alg": lambda: unsigned({"typ": "JWT"}),
    "HMAC with the public key": signed_with_the_public_key,
    "another algorithm of the same key": lambda: signed(algorithm="RS512"),
    "a critical extension": lambda: signed(headers={"crit": ["exp"], "exp": 1}),
    "brings its key": lambda: signed(OTHER, headers={"jwk": to_jwk(OTHER)}),
    "no subject": lambda: signed(sub=None),
    "subject is a list": lambda: unsigned({"alg": "RS256"}, sub=["ann"]),
    "subject with a slash": lambda: signed(sub="ann/n1"),
    "subject is empty": lambda: signed(sub=""),
    "subject with a line break": lambda: signed(sub="ann\n"),
    "changed by one bit": lambda: signed()[:-6] + ("A" if signed()[-6] != "A" else "B") + signed()[-5:],
    "no signature": lambda: signed().rpartition(".")[0] + ".",
    "garbage": lambda: "a.b.c",
    "dots": lambda: "..",
    "huge": lambda: "a" * 7_000 + ".b.c",
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
async def test_what_opens_nothing(case: str) -> None:
    with pytest.raises(Unauthorized) as refusal:
        await who(REFUSED[case]())
    assert refusal.value.detail == "the token is not one of ours, or is no longer valid", "says what was wrong"


async def test_a_clock_that_is_a_little_ahead_is_forgiven_but_no_end() -> None:
    assert await who(signed(iat=int(utc_now().timestamp()) + 20, nbf=int(utc_now().timestamp()) + 20))
    with pytest.raises(Unauthorized):
        await who(signed(exp=int(utc_now().timestamp())))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"audience": AUDIENCE}, "issuer"),
        ({"issuer": ISSUER, "key": "k"}, "audience"),
        (NAMES, "either key or jwks_url"),
        ({**NAMES, "key": "k", "jwks_url": "https://login.example.org/keys"}, "either key or jwks_url"),
        ({**NAMES, "key": SECRET, "algorithms": ["HS256", "RS256"]}, "HS… alone"),
        ({**NAMES, "key": "short", "algorithms": ["HS256"]}, "32 bytes"),
        ({**NAMES, "key": pem(RSA), "algorithms": ["HS256"]}, "32 bytes"),
        ({**NAMES, "jwks_url": "https://login.example.org/keys", "algorithms": ["HS256"]}, "32 bytes"),
        ({**NAMES, "key": "k", "algorithms": ["none"]}, "Input should be"),
        ({**NAMES, "key": "k", "algorithms": []}, "at least 1"),
        ({**NAMES, "jwks_url": "file:///etc/passwd"}, "match pattern"),
    ],
    ids=lambda given: given if isinstance(given, str) else " ".join(given),
)
def test_settings_that_would_be_unsafe_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        JwtSettings(**wrong)


@pytest.mark.parametrize("key", ["not a key", pem(CURVE)], ids=["garbage", "another kind"])
async def test_a_key_that_is_none_stops_the_start(key: str) -> None:
    with pytest.raises(SettingsError, match="ALERTWRAP_JWT__KEY"):
        await who("a.b.c", key=key)


class Publisher:
    """An issuer's address with its keys; counts who asked."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.status, self.asked = 200, 0
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.asked += 1
                self.send_response(publisher.status)
                self.end_headers()
                self.wfile.write(publisher.document())

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/keys"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def document(self) -> bytes:
        known = [{**to_jwk(key), "kid": id, "use": "sig"} for id, key in self.keys.items()]
        shared = base64.urlsafe_b64encode(SECRET.encode()).decode()
        return json.dumps({"keys": [{"kty": "oct", "kid": "shared", "k": shared}, {"kty": "new"}, *known]}).encode()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
async def issuer(publisher: Publisher) -> Any:
    egress = Egress((), [publisher.url])
    yield Issuer(JwtSettings(**NAMES, jwks_url=publisher.url), egress)
    await egress.close()


async def test_keys_are_fetched_once_and_again_when_the_issuer_has_a_new_one(
    issuer: Issuer, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.keys = {"one": RSA}
    await asyncio.gather(*(issuer.who(signed(headers={"kid": "one"})) for _ in range(10)))
    assert publisher.asked == 1
    for _ in range(5):
        with pytest.raises(Unauthorized):
            await issuer.who(signed(OTHER, headers={"kid": "two"}))
    assert publisher.asked == 1, "anyone can invent the id of a key"
    publisher.keys = {"two": OTHER}
    monkeypatch.setattr("service_kit.issuer._PATIENCE_SECONDS", -1.0)
    assert (await issuer.who(signed(OTHER, headers={"kid": "two"}))).recipient == "ann"
    with pytest.raises(Unauthorized):
        await issuer.who(signed(headers={"kid": "one"}))


async def test_keys_that_were_withdrawn_are_forgotten_in_time(
    issuer: Issuer, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.keys = {"one": RSA}
    await issuer.who(signed(headers={"kid": "one"}))
    publisher.keys = {}
    monkeypatch.setattr("service_kit.issuer._PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr("service_kit.issuer._FRESH_SECONDS", -1.0)
    with pytest.raises((Unauthorized, Unavailable)):
        await issuer.who(signed(headers={"kid": "one"}))


async def test_while_the_issuer_is_away_the_keys_stay(
    issuer: Issuer, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.status = 500
    with pytest.raises(Unavailable):
        await issuer.who(signed(headers={"kid": "one"}))
    monkeypatch.setattr("service_kit.issuer._PATIENCE_SECONDS", -1.0)
    publisher.status, publisher.keys = 200, {"one": RSA}
    assert await issuer.who(signed(headers={"kid": "one"}))
    publisher.status = 500
    monkeypatch.setattr("service_kit.issuer._FRESH_SECONDS", -1.0)
    assert await issuer.who(signed(headers={"kid": "one"}))


async def test_a_published_secret_is_no_key(issuer: Issuer, publisher: Publisher) -> None:
    publisher.keys = {"one": RSA}
    for token in (signed(SECRET, "HS256", {"kid": "shared"}), signed(SECRET, "HS256", {"kid": "one"})):
        with pytest.raises(Unauthorized):
            await issuer.who(token)
