"""Tokens and permissions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service_kit.auth import SCOPES, SERVICE, Permission, Principal, TokenTable, allow, bearer, jwts_key
from service_kit.problems import Unauthorized, Unavailable
from service_kit.secrets import Secret, hash_token
from wire.times import utc_now


def table(**tokens: dict[str, Any]) -> TokenTable:
    made = TokenTable(Secret("bootstrap"))
    made.replace(iter([(hash_token(text), {"id": text, "scopes": [], **data}) for text, data in tokens.items()]))
    return made


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_allows_itself_alone(scope: str) -> None:
    holder = Principal("p", "p", frozenset({scope}))
    allowed = {other for other in (*SCOPES, SERVICE) if holder.may(other)}
    assert allowed == (set(SCOPES) - {"inbox"} if scope == "admin" else {scope})


def test_the_bootstrap_token_may_everything() -> None:
    principal = table().known("bootstrap")
    assert all(principal.may(scope) for scope in (*SCOPES, SERVICE))


def test_who_is_refused_and_how() -> None:
    tokens = table(reader={"scopes": ["events:read"]}, old={"scopes": ["admin"], "expires_at": "2020-01-01T00:00:00Z"})
    with pytest.raises(Unauthorized):
        tokens.known("unknown")
    with pytest.raises(Unauthorized):
        tokens.known("old")
    assert tokens.known("reader").id == "reader"


def test_before_the_tokens_are_loaded_an_unknown_one_is_asked_to_try_again() -> None:
    with pytest.raises(Unavailable):
        TokenTable(Secret("bootstrap")).known("perhaps")


def test_a_token_may_be_anything_that_a_header_can_hold() -> None:
    for token in ("\udcff", "é", "a" * 100_000, ""):
        with pytest.raises(Unauthorized):
            table().known(token)


def test_expiry_is_to_the_microsecond() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    principal = Principal("p", "p", frozenset(), expires_at=now)
    assert principal.expired(now)
    assert not principal.expired(now - timedelta(microseconds=1))


def test_watchers_hear_of_every_change_until_they_leave() -> None:
    tokens, heard = table(), []
    leave = tokens.watch(lambda: heard.append(1))
    tokens.put("hash", {"id": "x", "scopes": []})
    tokens.put("hash", None)
    tokens.replace(iter(()))
    leave()
    tokens.put("hash", None)
    assert len(heard) == 3


def test_a_snapshot_replaces_what_was_known() -> None:
    tokens = table(old={"scopes": ["admin"]})
    tokens.replace(iter(()))
    assert tokens.find("old") is None


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic abc", None),
        ("Bearer ", None),
        ("abc", None),
        (None, None),
    ],
)
def test_the_header_of_a_token(header: str | None, token: str | None) -> None:
    assert bearer(header) == token


def test_an_unknown_scope_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="unknown scope"):
        allow("everything")
    assert isinstance(allow("admin").dependency, Permission)


def test_uses_are_told_now_and_then_and_the_last_one_is_not_lost() -> None:
    tokens = table(busy={"scopes": []}, idle={"scopes": []}, session={"scopes": [], "account": "a1"})
    now = utc_now()
    for token in ("busy", "session", "unknown", "bootstrap"):
        tokens.find(token)
    assert set(tokens.take_uses(now)) == {"busy"}
    tokens.find("busy")
    assert tokens.take_uses(now + timedelta(minutes=1)) == {}, "told a minute ago"
    assert set(tokens.take_uses(now + timedelta(minutes=6))) == {"busy"}
    assert tokens.take_uses(now + timedelta(minutes=20)) == {}, "not used again"


def test_what_makes_no_sense_is_no_token_and_stops_nothing() -> None:
    tokens = table(good={"scopes": ["admin"]})
    nonsense: list[Any] = [{}, {"id": "x"}, {"id": "x", "scopes": 5}, {"id": "x", "scopes": [], "expires_at": "soon"}]
    for number, data in enumerate(nonsense):
        tokens.put(f"bad{number}", data)
    tokens.put("jwts/ann", {"recipient": "ann", "jwts_since": "yesterday"})
    assert tokens.find("good") is not None
    tokens.put(hash_token("good"), {"id": "x"})
    assert tokens.find("good") is None, "a change that makes no sense ends what was there"
    tokens.replace(iter([("bad", {"id": "x"}), (hash_token("other"), {"id": "y", "scopes": []})]))
    assert tokens.find("other") is not None


def test_jwts_count_from_the_moment_at_which_all_before_were_revoked() -> None:
    since = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def of(recipient: str, issued_at: datetime | None) -> Principal:
        return Principal("jwt:x", "x", frozenset({"inbox"}), recipient, issued_at=issued_at)

    tokens = table()
    assert tokens.jwt_counts(of("ann", None))
    tokens.put(jwts_key("ann"), {"recipient": "ann", "jwts_since": since.isoformat()})
    assert tokens.jwt_counts(of("ann", since))
    assert not tokens.jwt_counts(of("ann", since - timedelta(microseconds=1)))
    assert not tokens.jwt_counts(of("ann", None)), "who does not say when, may have been before"
    assert tokens.jwt_counts(of("bob", None))
    tokens.replace(iter(()))
    assert tokens.jwt_counts(of("ann", None)), "a snapshot replaces them too"
