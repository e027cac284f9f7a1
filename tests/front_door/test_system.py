"""What the services tell operators of themselves: each under its own name, and all of one process together."""

from __future__ import annotations

from datetime import datetime

import httpx2
import pytest

from tests.front_door.conftest import new_token
from tests.story.system import SERVICES, bearer

SYSTEM = "/api/v1/system"


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_tells_of_itself(http: httpx2.Client, service: dict[str, str], name: str) -> None:
    report = http.get(f"{SYSTEM}/{name}", headers=service).json()
    assert (report["service"], report["ready"], report["missing"]) == (name, True, None)
    assert report["storage"]["kind"] == "sqlite"
    assert report["storage"]["bytes"] > 10_000
    assert report["storage"]["revision"] >= "0001"
    assert datetime.fromisoformat(report["started_at"]) < datetime.fromisoformat(report["now"])
    assert (report["followers"] is None) == (name != "notifier")
    assert all(queue["waiting"] >= 0 for queue in report["queues"])


def test_all_of_a_process_are_told_together(http: httpx2.Client, service: dict[str, str]) -> None:
    services = http.get(SYSTEM, headers=service).json()["services"]
    assert [one["service"] for one in services] == list(SERVICES)
    center = next(one for one in services if one["service"] == "notice_center")
    assert [queue["name"] for queue in center["queues"]] == ["fold", "steps", "outbox"]


def test_who_may_not_ask_is_refused_by_all_alike(http: httpx2.Client) -> None:
    assert http.get(SYSTEM).status_code == 401
    assert http.get(SYSTEM, headers=bearer(new_token(http, "inbox")["token"])).status_code == 403
    assert http.get(f"{SYSTEM}/nobody").status_code == 404
