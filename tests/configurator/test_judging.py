"""Validate, problems, filters, export, plan and apply over HTTP, on both databases."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.configurator.conftest import RecordingNotifier
from tests.conftest import eventually

CONFIGS = "/api/v1/configs"
ANN = {"id": "ann", "name": "Ann", "addresses": {"email": "ann@example.org"}}
SCHEMA = {
    "type": "object",
    "properties": {"max_pct": {"type": "integer", "minimum": 1, "maximum": 100}},
    "additionalProperties": False,
}
DISK: dict[str, Any] = {"id": "disk", "name": "disk-space", "metric": {"max_pct": 90}}
DOCUMENT = {"version": 1, "recipients": [ANN], "configs": [DISK, {"id": "load", "name": "load"}]}


async def put_schema(client: httpx2.AsyncClient, schema: dict[str, Any] = SCHEMA) -> None:
    (await client.put("/api/v1/alerts/disk-space", json={"metric_schema": schema})).raise_for_status()


async def validate(client: httpx2.AsyncClient, draft: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(f"{CONFIGS}/validate", json=draft)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_judge_names_each_mistake_at_once_and_changes_nothing(client: httpx2.AsyncClient) -> None:
    await put_schema(client)
    channel = {"email": {"after": "soon"}}
    found = await validate(client, {"name": "disk-space", "metric": {"max_pct": 0, "x": 1}, "channel": channel})
    errors = {error["path"]: error["message"] for error in found["errors"]}
    assert errors["/metric/max_pct"] == "expected at least 1"
    assert errors.keys() == {"/channel/email/after", "/metric/max_pct", "/metric"}
    assert (await client.get(CONFIGS)).json()["items"] == []


@pytest.mark.parametrize(
    "draft",
    [
        {"name": "disk-space", "metric": {"max_pct": 101}},
        {"name": "no spaces"},
        {"surprise": 1},
        {"name": "a", "id": "/"},
    ],
    ids=["metric", "name", "unknown member", "id"],
)
async def test_what_the_judge_refuses_a_create_refuses_for_the_same_reason(
    client: httpx2.AsyncClient, draft: dict[str, Any]
) -> None:
    await put_schema(client)
    refusal = await client.post(CONFIGS, json=draft)
    assert refusal.status_code == 422
    assert refusal.json()["errors"] == (await validate(client, draft))["errors"]


@pytest.mark.parametrize(
    ("channel", "hints"),
    [
        ({}, {("nobody", "/channel")}),
        ({"panel": {}}, {("nobody", "/channel")}),
        ({"panel": {"recipients": ["ann"]}}, set()),
        ({"email": {"recipients": ["ann"]}}, set()),
        ({"telegram": {"chat_id": [-1]}}, set()),
        ({"telegram": {"recipients": ["ann"]}}, {("no-address", "/channel/telegram/recipients/0")}),
        ({"panel": {"recipients": ["eve"]}}, {("unknown-recipient", "/channel/panel/recipients/0")}),
        ({"panel": {"recipients": ["ann"]}, "email": {}}, {("everyone", "/channel/email")}),
    ],
    ids=["no step", "empty inbox step", "inbox", "address", "chat", "no address", "unknown", "empty step"],
)
async def test_hints_do_not_refuse(
    client: httpx2.AsyncClient, channel: dict[str, Any], hints: set[tuple[str, str]]
) -> None:
    (await client.post("/api/v1/recipients", json=ANN)).raise_for_status()
    found = await validate(client, {"name": "load", "channel": channel})
    assert found["errors"] == []
    assert {(hint["code"], hint["path"]) for hint in found["hints"]} == hints
    assert (await client.post(CONFIGS, json={"name": "load", "channel": channel})).status_code == 201


async def test_a_config_that_a_newer_schema_refuses_is_told(client: httpx2.AsyncClient) -> None:
    (await client.post(CONFIGS, json=DISK | {"channel": {"telegram": {"chat_id": [1]}}})).raise_for_status()
    assert (await client.get(f"{CONFIGS}/problems")).json() == {"items": [], "next": None}
    await put_schema(client, {"properties": {"max_pct": {"maximum": 80}}})
    [trouble] = (await client.get(f"{CONFIGS}/problems")).json()["items"]
    assert (trouble["id"], trouble["name"], trouble["hints"]) == ("disk", "disk-space", [])
    said = {"message": "expected at most 80", "code": "breaks-maximum", "params": {"expected": "80"}}
    assert trouble["errors"] == [{"path": "/metric/max_pct", **said}]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, ["a", "b"]),
        ({"q": "ДИСК"}, ["a"]),
        ({"q": "LOAD"}, ["b"]),
        ({"channel": "email"}, ["a"]),
        ({"recipient": "ann"}, ["a", "b"]),
        ({"recipient": "ann", "channel": "email"}, ["a"]),
        ({"recipient": "eve"}, []),
        ({"enabled": "false", "name": "load"}, ["b"]),
    ],
    ids=["all", "cyrillic", "either case", "channel", "recipient", "both", "nobody", "columns"],
)
async def test_a_list_is_narrowed(client: httpx2.AsyncClient, query: dict[str, str], ids: list[str]) -> None:
    named = {"recipients": ["ann"]}
    disk = {"id": "a", "name": "disk", "metric": {"mount": "Диск"}, "channel": {"email": named}}
    load = {"id": "b", "name": "load", "channel": {"panel": named}, "enabled": False}
    for config in (disk, load):
        (await client.post(CONFIGS, json=config)).raise_for_status()
    assert [item["id"] for item in (await client.get(CONFIGS, params=query)).json()["items"]] == ids


async def test_pages_of_a_narrowed_list_miss_nothing(client: httpx2.AsyncClient) -> None:
    for number in range(6):
        config = {"id": f"c{number}", "name": "load", "metric": {"kind": "odd" if number % 2 else "even"}}
        (await client.post(CONFIGS, json=config)).raise_for_status()
    first = (await client.get(CONFIGS, params={"q": "odd", "limit": 2})).json()
    second = (await client.get(CONFIGS, params={"q": "odd", "limit": 2, "next": first["next"]})).json()
    assert [item["id"] for item in (*first["items"], *second["items"])] == ["c1", "c3", "c5"]
    assert second["next"] is None


async def test_alerts_count_their_configs(client: httpx2.AsyncClient) -> None:
    await put_schema(client)
    for id, enabled in (("a", True), ("b", False)):
        body = {"id": id, "name": "disk-space", "enabled": enabled}
        (await client.post(CONFIGS, json=body)).raise_for_status()
    [alert] = (await client.get("/api/v1/alerts")).json()["items"]
    assert (alert["name"], alert["configs"], alert["enabled"]) == ("disk-space", 2, 1)


async def test_a_deleted_recipient_comes_back(client: httpx2.AsyncClient) -> None:
    made = (await client.post("/api/v1/recipients", json=ANN)).json()
    (await client.delete("/api/v1/recipients/ann")).raise_for_status()
    restored = await client.post("/api/v1/recipients/ann/revisions/1/restore")
    assert (restored.status_code, restored.json()) == (200, made)


async def test_an_export_is_imported_elsewhere_as_it_is(
    client: httpx2.AsyncClient, notifier: RecordingNotifier
) -> None:
    plan = await client.post(f"{CONFIGS}/plan", json=DOCUMENT)
    assert [(item["kind"], item["id"], item["outcome"]) for item in plan.json()["items"]] == [
        ("recipient", "ann", "created"),
        ("config", "disk", "created"),
        ("config", "load", "created"),
    ]
    assert (await client.get(CONFIGS)).json()["items"] == []
    applied = await client.post(f"{CONFIGS}/apply", json=DOCUMENT, headers={"If-Match": plan.headers["etag"]})
    assert (applied.status_code, applied.json()) == (200, plan.json())
    await eventually(lambda: set(notifier.state("config")) == {"disk", "load"})
    exported = await client.get(f"{CONFIGS}/export")
    assert "attachment" in exported.headers["content-disposition"]
    again = (await client.post(f"{CONFIGS}/apply", json=exported.json())).json()["items"]
    assert {item["outcome"] for item in again} == {"unchanged"}
    assert len((await client.get(f"{CONFIGS}/disk/revisions")).json()["items"]) == 1
    assert (await client.get(f"{CONFIGS}/export", params={"name": "load"})).json()["recipients"] == []


async def test_a_plan_shows_what_changes_and_prune_what_goes(client: httpx2.AsyncClient) -> None:
    (await client.post(f"{CONFIGS}/apply", json=DOCUMENT)).raise_for_status()
    smaller = {"version": 1, "configs": [DISK | {"metric": {"max_pct": 80}, "enabled": False}]}
    plan = (await client.post(f"{CONFIGS}/plan", json=smaller, params={"prune": "true"})).json()["items"]
    assert [(item["id"], item["outcome"]) for item in plan] == [("disk", "changed"), ("load", "deleted")]
    assert plan[0]["changes"] == [
        {"path": "/metric/max_pct", "before": 90, "after": 80},
        {"path": "/enabled", "before": True, "after": False},
    ]
    (await client.post(f"{CONFIGS}/apply", json=smaller, params={"prune": "true"})).raise_for_status()
    assert [item["id"] for item in (await client.get(CONFIGS)).json()["items"]] == ["disk"]
    assert (await client.get("/api/v1/recipients/ann")).status_code == 200


async def test_an_import_that_is_wrong_somewhere_imports_nothing(client: httpx2.AsyncClient) -> None:
    await put_schema(client)
    wrong = {"configs": [{"id": "good", "name": "load"}, DISK | {"metric": {"max_pct": 200}}, {"name": "x"}, DISK]}
    plan = (await client.post(f"{CONFIGS}/plan", json=wrong)).json()["items"]
    assert [item["outcome"] for item in plan] == ["created", "refused", "refused", "refused"]
    answer = await client.post(f"{CONFIGS}/apply", json=wrong)
    assert answer.status_code == 422
    paths = [error["path"] for error in answer.json()["errors"]]
    assert paths == ["/configs/1/metric/max_pct", "/configs/2/id", "/configs/3/id"]
    assert (await client.get(CONFIGS)).json()["items"] == []


async def test_a_plan_that_is_not_true_any_more_is_not_applied(client: httpx2.AsyncClient) -> None:
    (await client.post(CONFIGS, json=DISK)).raise_for_status()
    wanted = {"configs": [DISK | {"metric": {"max_pct": 50}}]}
    plan = await client.post(f"{CONFIGS}/plan", json=wanted)
    patch = {"metric": {"max_pct": 70}}
    (await client.patch(f"{CONFIGS}/disk", json=patch, headers={"If-Match": '"1"'})).raise_for_status()
    lost = await client.post(f"{CONFIGS}/apply", json=wanted, headers={"If-Match": plan.headers["etag"]})
    assert lost.status_code == 412
    assert (await client.get(f"{CONFIGS}/disk")).json()["metric"] == {"max_pct": 70}


@pytest.mark.parametrize("id", ["export", "problems"])
async def test_an_id_that_is_a_path_is_refused(client: httpx2.AsyncClient, id: str) -> None:
    answer = await client.post(CONFIGS, json={"id": id, "name": "load"})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "/id")
