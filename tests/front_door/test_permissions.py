"""Who may call what, over all services at once: one table, and no operation without a row in it."""

from __future__ import annotations

import time
from typing import Any

import httpx2
import pytest

from service_kit.auth import SCOPES, SERVICE
from tests.front_door.conftest import new_token
from tests.story.system import bearer

ANYONE = None
#: Whatever the token may; only a person in their session.
KNOWN, PERSON = "known", "person"
#: Operation → the scope that opens it. `admin` opens all but what only services may see.
TABLE: dict[tuple[str, str], str | None] = {
    ("GET", "/healthz"): ANYONE,
    ("GET", "/readyz"): ANYONE,
    ("GET", "/metrics"): "metrics:read",
    ("GET", "/api/v1/system"): "metrics:read",
    ("GET", "/api/v1/system/notifier"): "metrics:read",
    ("GET", "/api/v1/system/configurator"): "metrics:read",
    ("GET", "/api/v1/system/msg_sender"): "metrics:read",
    ("GET", "/api/v1/system/notice_center"): "metrics:read",
    ("POST", "/api/v1/events"): "events:write",
    ("GET", "/api/v1/topics/{topic}"): "events:read",
    ("POST", "/api/v1/follow"): KNOWN,
    ("POST", "/api/v1/configs"): "configs:write",
    ("GET", "/api/v1/configs"): "configs:read",
    ("GET", "/api/v1/configs/{id}"): "configs:read",
    ("PUT", "/api/v1/configs/{id}"): "configs:write",
    ("PATCH", "/api/v1/configs/{id}"): "configs:write",
    ("DELETE", "/api/v1/configs/{id}"): "configs:write",
    ("GET", "/api/v1/configs/{id}/revisions"): "configs:read",
    ("POST", "/api/v1/configs/{id}/revisions/{number}/restore"): "configs:write",
    ("POST", "/api/v1/configs/validate"): "configs:read",
    ("GET", "/api/v1/configs/problems"): "configs:read",
    ("GET", "/api/v1/configs/export"): "configs:read",
    ("POST", "/api/v1/configs/plan"): "configs:read",
    ("POST", "/api/v1/configs/apply"): "configs:write",
    ("POST", "/api/v1/recipients"): "configs:write",
    ("GET", "/api/v1/recipients"): "configs:read",
    ("GET", "/api/v1/recipients/{id}"): "configs:read",
    ("PUT", "/api/v1/recipients/{id}"): "configs:write",
    ("PATCH", "/api/v1/recipients/{id}"): "configs:write",
    ("DELETE", "/api/v1/recipients/{id}"): "configs:write",
    ("GET", "/api/v1/recipients/{id}/revisions"): "configs:read",
    ("POST", "/api/v1/recipients/{id}/revisions/{number}/restore"): "configs:write",
    ("GET", "/api/v1/alerts"): "configs:read",
    ("GET", "/api/v1/alerts/{name}"): "configs:read",
    ("PUT", "/api/v1/alerts/{name}"): "alerts:write",
    ("DELETE", "/api/v1/alerts/{name}"): "alerts:write",
    ("POST", "/api/v1/recipients/{id}/revoke-jwts"): "configs:write",
    ("GET", "/api/v1/audit"): "admin",
    ("POST", "/api/v1/tokens"): "admin",
    ("GET", "/api/v1/tokens"): "admin",
    ("DELETE", "/api/v1/tokens/{id}"): "admin",
    ("POST", "/api/v1/accounts"): "admin",
    ("GET", "/api/v1/accounts"): "admin",
    ("GET", "/api/v1/accounts/{id}"): "admin",
    ("PATCH", "/api/v1/accounts/{id}"): "admin",
    ("DELETE", "/api/v1/accounts/{id}"): "admin",
    ("POST", "/api/v1/accounts/{id}/invite"): "admin",
    ("POST", "/api/v1/accounts/{id}/sign-out"): "admin",
    ("POST", "/api/v1/invites/accept"): ANYONE,
    ("POST", "/api/v1/session"): ANYONE,
    ("GET", "/api/v1/session"): KNOWN,
    ("DELETE", "/api/v1/session"): ANYONE,
    ("PUT", "/api/v1/session/password"): PERSON,
    ("POST", "/api/v1/session/link"): SERVICE,
    ("POST", "/api/v1/messages"): "messages:write",
    ("GET", "/api/v1/messages"): "messages:read",
    ("POST", "/api/v1/messages/replay"): "messages:write",
    ("POST", "/api/v1/messages/{message_id}/replay"): "messages:write",
    ("GET", "/api/v1/messages/{message_id}"): "messages:read",
    ("GET", "/api/v1/channels"): "messages:read",
    ("POST", "/api/v1/channels/{name}/test"): "messages:write",
    ("POST", "/api/v1/notices"): "notices:write",
    ("GET", "/api/v1/notices"): "notices:read",
    ("GET", "/api/v1/notices/{notice_id}"): "notices:read",
    ("GET", "/api/v1/notices/{notice_id}/trail"): "notices:read",
    ("GET", "/api/v1/notices/{notice_id}/pictures/{number}"): "notices:read",
    ("GET", "/api/v1/inbox/{notice_id}/trail"): "inbox",
    ("GET", "/api/v1/inbox/{notice_id}/pictures/{number}"): "inbox",
    ("GET", "/api/v1/overview"): "notices:read",
    ("GET", "/api/v1/inbox"): "inbox",
    ("GET", "/api/v1/inbox/counts"): "inbox",
    ("GET", "/api/v1/inbox/deliveries"): "inbox",
    ("POST", "/api/v1/inbox/read-all"): "inbox",
    ("POST", "/api/v1/inbox/{notice_id}/read"): "inbox",
    ("POST", "/api/v1/inbox/{notice_id}/unread"): "inbox",
    ("POST", "/api/v1/inbox/{notice_id}/acknowledge"): "inbox",
    ("POST", "/api/v1/inbox/{notice_id}/archive"): "inbox",
    ("POST", "/api/v1/inbox/{notice_id}/unarchive"): "inbox",
    ("POST", "/api/v1/inbox/{notice_id}/open"): "inbox",
    ("GET", "/api/v1/inbox/{notice_id}"): "inbox",
    ("POST", "/api/v1/inbox/acts"): "inbox",
    ("GET", "/api/v1/inbox/acts/{act_id}"): "inbox",
    ("POST", "/api/v1/inbox/acts/{act_id}/undo"): "inbox",
}
#: What the permission of a topic depends on; None: only the services themselves, not even `admin`.
TOPICS = {
    "anything": "events:read",
    "config": "configs:read",
    "recipient": "configs:read",
    "token": None,
    "token_use": None,
}
#: An admin has no inbox, but reads anyone's over HTTP by naming whose.
SAFE = ("x-request-id", "cache-control", "content-security-policy", "referrer-policy", "x-content-type-options")
_WHERE = {"{number}": "1", "{topic}": "anything"}

Operation = tuple[str, str]


def operations(document: dict[str, Any]) -> set[Operation]:
    return {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}


@pytest.fixture(scope="module")
def tokens(http: httpx2.Client) -> dict[str, str]:
    """A token of each scope alone."""
    return {scope: new_token(http, scope)["token"] for scope in SCOPES}


@pytest.fixture(scope="module")
def strangers(http: httpx2.Client, service: dict[str, str]) -> dict[str, dict[str, str]]:
    """Headers of those who must get in nowhere. The expired and the revoked could do everything before."""
    expiring = new_token(http, *SCOPES, expires_in="1s")["token"]
    revoked = new_token(http, *SCOPES)
    assert http.get("/api/v1/tokens", headers=bearer(revoked["token"])).status_code == 200
    http.delete(f"/api/v1/tokens/{revoked['id']}", headers=service).raise_for_status()
    deadline = time.monotonic() + 10
    while http.get("/api/v1/tokens", headers=bearer(expiring)).status_code != 401:
        assert time.monotonic() < deadline
    return {
        "no token": {},
        "unknown": bearer("aw_" + "x" * 43),
        "basic": {"authorization": "Basic YWRtaW46YWRtaW4="},
        "expired": bearer(expiring),
        "revoked": bearer(revoked["token"]),
    }


def call(http: httpx2.Client, operation: Operation, headers: dict[str, str]) -> httpx2.Response:
    """Ask for something that is not there, with a body that is not right: only the permission decides."""
    method, path = operation
    for name, value in _WHERE.items():
        path = path.replace(name, value)
    while "{" in path:
        path = path[: path.index("{")] + "absent" + path[path.index("}") + 1 :]
    body = {"json": {"surprise": 1}} if method in ("POST", "PUT", "PATCH") else {}
    answer = http.request(method, path, headers=headers, **body)
    assert answer.status_code < 500, (operation, answer.text)
    assert [name for name in SAFE if name not in answer.headers] == [], operation
    if answer.is_error:
        assert answer.headers["content-type"] == "application/problem+json", operation
    return answer


def test_every_operation_has_a_row_and_every_row_an_operation(document: dict[str, Any]) -> None:
    assert operations(document) == set(TABLE)


def test_the_openapi_document_names_the_scope_of_each_operation(document: dict[str, Any]) -> None:
    for (method, path), scope in TABLE.items():
        declared = document["paths"][path][method.lower()]["security"]
        depends = path == "/api/v1/topics/{topic}" or scope in (KNOWN, PERSON)
        assert declared == ([] if scope is ANYONE else [{"token": [] if depends else [scope]}]), (method, path)


@pytest.mark.parametrize("operation", TABLE, ids=" ".join)
def test_only_who_holds_the_scope_gets_in(
    http: httpx2.Client, tokens: dict[str, str], strangers: dict[str, dict[str, str]], operation: Operation
) -> None:
    wanted = TABLE[operation]
    for who, headers in strangers.items():
        status = call(http, operation, headers).status_code
        assert (status == 401) == (wanted is not ANYONE), (who, status)
    for scope, token in tokens.items():
        status = call(http, operation, bearer(token)).status_code
        allowed = wanted in (ANYONE, KNOWN, scope) or (scope == "admin" and wanted not in (PERSON, SERVICE))
        assert (status not in (401, 403)) if allowed else (status == 403), (scope, status)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_opens_for_its_scope_alone(http: httpx2.Client, tokens: dict[str, str], topic: str) -> None:
    for scope, token in tokens.items():
        status = http.get(f"/api/v1/topics/{topic}", headers=bearer(token)).status_code
        wanted = TOPICS[topic]
        allowed = wanted is not None and scope in (wanted, "admin")
        assert status == (200 if allowed else 403), scope


def test_a_person_sees_no_inbox_but_their_own(http: httpx2.Client, tokens: dict[str, str]) -> None:
    own = bearer(tokens["inbox"])
    assert http.get("/api/v1/inbox", headers=own).status_code == 200
    for path in ("/api/v1/inbox", "/api/v1/inbox/counts"):
        assert http.get(path, params={"recipient": "bob"}, headers=own).status_code == 403
    for act in ("read-all", "x/read", "x/unread", "x/acknowledge", "x/archive", "x/unarchive", "x/open", "acts"):
        answer = http.post(f"/api/v1/inbox/{act}", params={"recipient": "bob"}, headers=own)
        assert answer.status_code == 403, act


def test_a_token_in_the_url_opens_nothing(http: httpx2.Client, tokens: dict[str, str]) -> None:
    for name in ("token", "access_token", "authorization"):
        assert http.get("/api/v1/configs", params={name: tokens["admin"]}).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200), ("GET", "/nowhere", 404), ("GET", "/api/v1/nowhere", 404), ("GET", "/openapi.json", 200),
        ("POST", "/healthz", 405), ("DELETE", "/openapi.json", 405), ("PUT", "/api/v1/events", 405),
        ("GET", "/api/v1/follow", 405), ("GET", "/api/v1/configs/../tokens", 401),
    ],
)  # fmt: skip
def test_what_is_not_there_answers_with_care_too(http: httpx2.Client, method: str, path: str, status: int) -> None:
    answer = http.request(method, path)
    assert answer.status_code == status, answer.text
    assert [name for name in SAFE if name not in answer.headers] == []
    assert status == 200 or answer.headers["content-type"] == "application/problem+json"
