"""Every page of the panel, with something on it: what is looked at for accessibility, and in pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.panel.browser import wait
from tests.panel.house import House, until

SEVERITIES = ("critical", "error", "warning", "info", "success")
_NOTICES = (
    (
        "Disk /var is 97 % full on web-1",
        "Grown by **4 GB** in the last hour.\n\n- `/var/log/app.log` 3.1 GB\n- `/var/tmp` 0.9 GB",
    ),
    ("Backup of orders-db failed", "Exit code 2 after 14 minutes. The last good one is of *yesterday 02:10*."),
    ("Certificate of shop.example.org ends in 9 days", "Issued by the internal authority; renew it with `make cert`."),
    ("Load of 7.9 on build-3 for 10 minutes", "Four cores. It has been like that since the nightly build began."),
    ("Host db-2 answers again", "It was away for 3 minutes and 20 seconds."),
)
_PERSON = {"id": "maria", "name": "Maria Sokolova", "addresses": {"email": "maria@localhost"}}


@dataclass(frozen=True)
class Stop:
    """A page of the tour. `path` may hold {notice}, {config}, {message}."""

    name: str
    path: str
    signed_in: bool = True


STOPS = (
    Stop("inbox", "/inbox"),
    Stop("notice", "/n/{notice}"),
    Stop("history", "/history"),
    Stop("settings", "/settings"),
    Stop("overview", "/ops"),
    Stop("configs", "/ops/configs"),
    Stop("config", "/ops/configs/{config}"),
    Stop("config-edit", "/ops/configs/{config}/edit"),
    Stop("config-new", "/ops/configs/new"),
    Stop("config-history", "/ops/configs/{config}/history"),
    Stop("alerts", "/ops/alerts"),
    Stop("recipients", "/ops/recipients"),
    Stop("deliveries", "/ops/deliveries"),
    Stop("delivery", "/ops/deliveries/{message}"),
    Stop("channels", "/ops/channels"),
    Stop("system", "/ops/system"),
    Stop("tokens", "/ops/tokens"),
    Stop("accounts", "/ops/accounts"),
    Stop("audit", "/ops/audit"),
    Stop("nowhere", "/no/such/page"),
    Stop("sign-in", "/sign-in", signed_in=False),
)


def furnish(house: House) -> dict[str, str]:
    """A few people, configs, notices and a delivery that died; returns what the addresses need."""
    house.post(
        "/api/v1/recipients", {"id": "maria", "name": "Maria Sokolova", "addresses": {"email": "maria@localhost"}}
    )
    channel = {"panel": {"recipients": ["admin", "maria"]}, "email": {"recipients": ["maria"], "after": "15m"}}
    config = house.post("/api/v1/configs", {"name": "disk-space", "metric": {"threshold": 90}, "channel": channel})
    doomed = {"channel": "webhook", "to": "http://127.0.0.1:9/", "title": _NOTICES[1][0], "message": _NOTICES[1][1]}
    sent = house.post("/api/v1/messages", doomed)
    ended = ("sent", "dead")
    name = sent["results"][0]["id"]
    until(lambda: house.get(f"/api/v1/messages/{name}")["status"] in ended, "the message has not ended")
    of = {"config": config["id"], "alert": "disk-space", "url": "http://localhost/machines/web-1"}
    about = {"entity": {"topic": "host.mount", "key": "web-1:/var"}, "labels": {"host": "web-1"}}
    for severity, (title, message) in zip(SEVERITIES, _NOTICES, strict=True):
        house.notice(title, message=message, severity=severity, key=f"tour-{severity}", **of, **about)
    until(lambda: house.get("/api/v1/inbox/counts")["unread"] >= len(_NOTICES), "the notices are not in the inbox")
    longest = house.get("/api/v1/inbox", limit=len(_NOTICES))["items"][-1]  # the first that was said
    return {"notice": _id(longest), "config": config["id"], "message": name}


def walk(page: Page, house: House, places: dict[str, str]) -> Iterator[Stop]:
    """Take `page` to each stop, first those for who is not signed in; the stop is yielded when all of it is there."""
    for stop in sorted(STOPS, key=lambda one: one.signed_in):
        if stop.signed_in and "/sign-in" in page.url:
            page.goto(house.link())
            page.wait_for_url("**/inbox*")
        page.goto(stop.path.format_map(places))
        page.get_by_role("heading", level=1).first.wait_for()
        page.wait_for_load_state("networkidle")
        wait(page, "!document.querySelector('[aria-busy=true]')")
        yield stop


def _id(item: dict[str, Any]) -> str:
    return str(item.get("id") or item["notice"]["id"])
