"""Texts that would be code somewhere, in every field that anybody can write, on every page: nothing of it runs.

The fixture `watch` fails the test when the page's policy had to stop something, which would be luck.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.panel.browser import Watched
from tests.panel.elements.grounds import RECORDER, live
from tests.panel.embedding import Host, require_bundle, settings_for
from tests.panel.house import House, until
from tests.panel.tour import walk

pytestmark = pytest.mark.timeout(240)

TEXTS = (
    "<img src=x onerror=window.hacked=1>",
    "<script>window.hacked=1</script>",
    "</script></style></textarea></title><svg/onload=window.hacked=1>",
    "'\"><iframe srcdoc='<script>parent.hacked=1</script>'>",
    "[x](javascript:window.hacked=1) ![x](x' onerror='window.hacked=1) <javascript:window.hacked=1>",
    "{{constructor.constructor('window.hacked=1')()}} ${window.hacked=1} <%= 1 %> {n, plural, other {#}} {0}",
    "\u202egnp.exe \u200f\u0301\u0301\u0301 z\u0335a\u0336l\u0337g\u0338o \ufeff",
    "javascript:window.hacked=1",
    "=HYPERLINK(\"http://127.0.0.1:9/\")",
    "__proto__",
    "constructor",
    "W" * 300,
)  # fmt: skip
#: The server takes nothing but addresses of the web here.
LINKS = (
    "https://evil.example/'onmouseover='window.hacked=1",
    "https://evil.example/<script>window.hacked=1</script>",
    "//evil.example/javascript:window.hacked=1",
    "/n/{{constructor.constructor('window.hacked=1')()}}",
)


def poison(house: House) -> dict[str, str]:
    """Every text into every field that takes it; returns what the addresses of the tour need."""
    schema = {
        "type": "object",
        "title": TEXTS[0],
        "properties": {
            text[:60]: {"type": "string", "title": text, "description": text, "default": text, "enum": [text, *TEXTS]}
            for text in TEXTS
        },
    }
    with house.http() as http:
        http.put("/api/v1/alerts/hostile", json={"metric_schema": schema, "description": TEXTS[1]}).raise_for_status()
    metric: dict[str, Any] = {text[:60]: text for text in TEXTS}
    for number, text in enumerate(TEXTS):
        house.post(
            "/api/v1/recipients", {"id": f"r{number}", "name": text, "addresses": {"email": text, "telegram": text}}
        )
        house.post("/api/v1/accounts", {"login": f"a{number}", "name": text[:200], "recipient": f"r{number}"})
        house.post("/api/v1/tokens", {"name": text[:100], "scopes": ["notices:write"]})
    channel = {
        "panel": {"recipients": ["admin", "r0"]},
        "webhook": {"url": list(TEXTS), "after": "1h"},
        "telegram": {"chat_id": [text[:200] for text in TEXTS], "after": "1h"},
    }
    config = house.post("/api/v1/configs", {"id": "hostile", "name": "hostile", "metric": metric, "channel": channel})
    with house.http() as http:
        changed = {"metric": dict(zip(metric, reversed(TEXTS), strict=True))}
        http.patch("/api/v1/configs/hostile", json=changed, headers={"If-Match": "*"}).raise_for_status()
    notices = [_notice(text, link) for text, link in zip(TEXTS, LINKS * 3, strict=True)]
    said = [house.post("/api/v1/notices", one)["results"][0]["id"] for one in notices]
    for text, notice in zip(TEXTS, said, strict=True):
        house.post(f"/api/v1/inbox/{notice}/acknowledge?recipient=admin", {"note": text})
    message = {"channel": "webhook", "to": "http://127.0.0.1:9/", "title": TEXTS[0], "message": "\n\n".join(TEXTS)}
    sent = [house.post("/api/v1/messages", {**message, "title": text})["results"][0]["id"] for text in TEXTS]
    for notice in said:  # who acknowledged it has read it
        house.post(f"/api/v1/inbox/{notice}/unread?recipient=admin", {})
    until(lambda: house.get("/api/v1/inbox/counts")["unread"] == len(TEXTS), "the notices are not in the inbox")
    return {"notice": said[0], "config": config["id"], "message": sent[0]}


def _notice(text: str, link: str) -> dict[str, Any]:
    return {
        "alert": "hostile", "recipients": ["admin"], "title": text, "message": f"{text}\n\n{text}", "key": text,
        "entity": {"topic": "hostile", "key": text}, "labels": {text[:60]: text}, "url": link,
        "actions": [{"label": text[:80], "url": link}],
        "attachments": [{"name": text[:200], "url": link, "type": text[:100]}, {"url": link, "type": "image/png"}],
    }  # fmt: skip


def unharmed(page: Page) -> None:
    assert page.evaluate("window.hacked") is None
    assert page.locator("a[href^='javascript' i], a[href^='data' i], iframe, [onerror], [onload]").count() == 0


def test_hostile_texts_in_every_field_do_nothing_on_any_page(house: House, watch: Callable[..., Watched]) -> None:
    places = poison(house)
    page = watch(house.url).page()
    asked: list[str] = []
    page.context.on("request", lambda one: asked.append(one.url))
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    for stop in walk(page, house, places):
        unharmed(page)
        if stop.name == "inbox":
            expect(page.get_by_role("feed")).to_contain_text(TEXTS[1])
        if stop.name == "recipients":
            expect(page.get_by_role("main")).to_contain_text(TEXTS[0])
    for notice in house.get("/api/v1/inbox", limit=50)["items"]:
        page.goto(f"/n/{notice['id']}")
        page.get_by_role("heading", level=1).first.wait_for()
        unharmed(page)
    for text in TEXTS:
        for path in ("/inbox", "/history", "/ops/deliveries", "/ops/configs"):
            page.goto(path)
            page.evaluate(
                "(q) => history.replaceState(null, '', '?' + new URLSearchParams({q, sev: q, view: q}))", text
            )
            page.reload()
            page.get_by_role("heading", level=1).first.wait_for()
            unharmed(page)
    assert [url for url in asked if not url.startswith((house.url, "data:"))] == []


def test_hostile_texts_do_nothing_in_the_elements(tmp_path: Any, watch: Callable[..., Watched]) -> None:
    require_bundle()
    host = Host()
    house = House(tmp_path / "data", settings_for(host.url)).start()
    try:
        host.server = house.url
        poison(house)
        asks = f'server="{house.url}" token-url="/token"'
        visitor = watch(host.url)
        visitor.context.add_init_script(RECORDER)
        page = visitor.page()
        body = "".join(f"<notice-{name} {asks} stay></notice-{name}>" for name in ("inbox", "bell", "toasts"))
        page.goto(host.page("hostile", body))
        live(page)  # there is no toast of what was there before
        expect(page.locator("notice-inbox article")).to_have_count(len(TEXTS))
        for text, link in zip(TEXTS[:3], LINKS, strict=False):
            house.post("/api/v1/notices", {**_notice(text, link), "key": f"again {text}", "severity": "critical"})
        expect(page.locator("notice-toasts article")).to_have_count(3)
        for button in page.locator("notice-inbox button.title").all():
            button.click()
        page.locator("notice-bell [part=button]").click()
        expect(page.locator("notice-bell article").first).to_be_visible()
        unharmed(page)
    finally:
        house.stop()
        host.close()
