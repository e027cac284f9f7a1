"""Configs and recipients in a real browser: by form, by file, against somebody else, and by keyboard alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.panel.browser import Watched, serious_issues
from tests.panel.elements.grounds import noting
from tests.panel.house import House, until

SCHEMA = {
    "type": "object",
    "required": ["max_pct"],
    "additionalProperties": False,
    "properties": {
        "max_pct": {"type": "integer", "minimum": 1, "maximum": 100, "default": 90, "title": "Full from", "unit": "%"},
        "mode": {"enum": ["fast", "slow"], "title": "Mode"},
        "quiet": {"type": "boolean", "title": "Quiet"},
        "hosts": {"type": "array", "items": {"type": "string"}, "title": "Hosts"},
        "target": {
            "title": "Target",
            "oneOf": [
                {
                    "title": "Path",
                    "required": ["path"],
                    "properties": {"path": {"type": "string", "title": "Path name"}},
                },
                {
                    "title": "Port",
                    "required": ["port"],
                    "properties": {"port": {"type": "integer", "title": "Port number"}},
                },
            ],
        },
    },
}
ANN = {"id": "ann", "name": "Ann", "addresses": {"email": "ann@example.org"}}
DISK: dict[str, Any] = {
    "id": "root", "name": "disk", "metric": {"max_pct": 80}, "channel": {"panel": {"recipients": ["ann"]}},
}  # fmt: skip


_PAGES = (
    "configs", "configs/root", "configs/root/edit", "configs/root/history", "recipients", "recipients/ann", "alerts",
)  # fmt: skip


@pytest.fixture
def office(house: House) -> House:
    """A system with an alert that brings a schema, a person, and one config."""
    with house.http() as http:
        http.put("/api/v1/alerts/disk", json={"metric_schema": SCHEMA, "description": "Disks"}).raise_for_status()
    house.post("/api/v1/recipients", ANN)
    house.post("/api/v1/configs", DISK)
    return house


def config(house: House, id: str = "root") -> Any:
    return house.get(f"/api/v1/configs/{id}")


def saved(page: Page) -> None:
    page.wait_for_url(lambda url: not url.endswith(("/edit", "/new")) and "?" not in url)


def patch(house: House, id: str, change: Any) -> None:
    with house.http() as http:
        answer = http.patch(f"/api/v1/configs/{id}", json=change, headers={"If-Match": "*"})
    assert answer.is_success, answer.text


@pytest.fixture
def example_house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "examples", examples=True).start()
    yield house
    house.stop()


def test_a_config_made_by_form_makes_the_alert_speak_by_it(example_house: House, watch: Callable[..., Watched]) -> None:
    """A newcomer: nothing is configured, an example is offered, the form is filled in already but for one number."""
    house = example_house
    with house.http() as http:
        for one in house.get("/api/v1/configs")["items"]:
            http.delete(f"/api/v1/configs/{one['id']}").raise_for_status()
    page = watch(house.url).page()
    page.goto(house.link())
    page.wait_for_url("**/inbox*")
    page.goto("/ops/configs")
    page.get_by_role("link", name="Use disk-space").click()
    page.get_by_role("textbox", name="Full from, %").fill("1")
    page.get_by_role("button", name="Create", exact=True).click()
    saved(page)
    until(lambda: "limit 1 %" in _titles(house, "disk-space"), "no notice of the new limit")


def _titles(house: House, alert: str) -> str:
    return " ".join(one["title"] for one in house.get("/api/v1/notices", alert=alert)["items"])


def test_a_form_is_drawn_from_the_schema_and_equals_its_json(office: House, page: Page) -> None:
    page.goto("/ops/configs/new?alert=disk")
    expect(page.get_by_role("textbox", name="Full from, %")).to_have_value("90")
    page.get_by_role("button", name="Mode").click()
    page.get_by_role("option", name="slow").click()
    page.get_by_text("Quiet", exact=True).click()
    page.get_by_role("button", name="Add to Hosts").click()
    page.get_by_role("textbox", name="hosts 1").fill("db1")
    page.get_by_role("button", name=re.compile("Kind of Target")).click()
    page.get_by_role("option", name="Port").click()
    page.get_by_role("textbox", name="Number").fill("80")
    page.get_by_role("textbox", name="Number").press("Tab")
    text = page.get_by_label("As JSON")
    metric = {"max_pct": 90, "mode": "slow", "quiet": True, "hosts": ["db1"], "target": {"port": 80}}

    def says(**more: Any) -> None:
        until(
            lambda: json.loads(text.input_value())["metric"] == {**metric, **more}, "the text is not what was entered"
        )

    says()
    text.fill(text.input_value().replace("db1", "db2").replace('"max_pct": 90', '"max_pct": 91, "unknown": [1]'))
    expect(page.get_by_role("textbox", name="hosts 1")).to_have_value("db2")
    page.get_by_role("textbox", name="Full from, %").fill("92")
    page.get_by_role("textbox", name="Full from, %").press("Tab")
    says(max_pct=92, hosts=["db2"], unknown=[1])  # what the form does not know survives it
    text.fill('{"name": "disk",\n  oops}')
    expect(page.get_by_text(re.compile("Not JSON from line 2"))).to_be_visible()
    expect(page.get_by_role("textbox", name="Full from, %")).to_have_value("92")


def test_each_error_stands_beside_its_field_and_in_a_summary_that_leads_there(office: House, page: Page) -> None:
    page.goto("/ops/configs/root/edit")
    field = page.get_by_role("textbox", name="Full from, %")
    field.fill("200")
    field.press("Tab")
    expect(page.get_by_text("expected at most 100")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    summary = page.get_by_role("alert").filter(has_text="expected at most 100")
    expect(summary).to_be_focused()
    summary.get_by_role("button").first.click()
    expect(field).to_be_focused()
    expect(field).to_have_value("200")
    assert config(office)["metric"] == {"max_pct": 80}


def test_a_conflict_is_shown_field_by_field_and_overwrites_nothing(office: House, page: Page) -> None:
    page.goto("/ops/configs/root/edit")
    page.get_by_role("textbox", name="Full from, %").fill("70")
    page.get_by_role("textbox", name="Full from, %").press("Tab")
    patch(office, "root", {"metric": {"mode": "fast"}, "enabled": False})
    page.get_by_role("button", name="Save").click()
    conflict = page.get_by_role("alert", name="Somebody else changed it meanwhile")
    expect(conflict.get_by_role("radio", name="Mine: 70")).to_be_checked()
    expect(conflict.get_by_role("radio", name="Theirs: fast")).to_be_checked()
    assert config(office)["metric"] == {"max_pct": 80, "mode": "fast"}
    conflict.get_by_role("button", name="Go on with this").click()
    page.get_by_role("button", name="Save").click()
    saved(page)
    now = config(office)
    assert (now["metric"], now["enabled"]) == ({"max_pct": 70, "mode": "fast"}, False)


def test_what_was_typed_survives_a_reload(office: House, page: Page) -> None:
    page.goto("/ops/configs/root/edit")
    page.get_by_role("textbox", name="Full from, %").fill("66")
    page.get_by_role("textbox", name="Full from, %").press("Tab")
    page.reload()
    expect(page.get_by_text("Here are your changes that were not saved yet.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Full from, %")).to_have_value("66")
    page.get_by_role("button", name="Discard my changes").click()
    expect(page.get_by_role("textbox", name="Full from, %")).to_have_value("80")


def test_a_deleted_config_comes_back(office: House, page: Page) -> None:
    page.goto("/ops/configs")
    before = config(office)
    page.get_by_role("button", name="Actions for root").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_text("The config root was deleted")).to_be_visible()
    expect(page.get_by_role("link", name="disk", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="disk", exact=True)).to_be_visible()
    assert {**config(office), "revision": 1} == before


def test_history_tells_what_changed_and_any_of_it_can_be_restored(office: House, page: Page) -> None:
    patch(office, "root", {"metric": {"max_pct": 50}})
    page.goto("/ops/configs/root/history")
    newest = page.get_by_role("article", name="Revision 2")
    expect(newest.get_by_role("row", name=re.compile("metric › max_pct 80 50"))).to_be_visible()
    page.get_by_role("button", name="Restore revision 1").click()
    page.wait_for_url("**/ops/configs/root")
    assert config(office)["metric"] == {"max_pct": 80}


def test_the_list_is_live_and_a_switch_is_in_force_at_once(office: House, page: Page) -> None:
    page.goto("/ops/configs")
    switch = page.get_by_role("switch", name="Enable root")
    expect(switch).to_be_checked()
    page.locator("label", has=switch).click()
    until(lambda: config(office)["enabled"] is False, "the switch did nothing")
    patch(office, "root", {"enabled": True, "metric": {"max_pct": 33}})
    expect(switch).to_be_checked()
    expect(page.get_by_text("max_pct: 33")).to_be_visible()
    office.post("/api/v1/configs", {"id": "other", "name": "disk", "metric": {"max_pct": 1}})
    expect(page.get_by_role("switch", name="Enable other")).to_be_visible()
    page.get_by_label("Search").fill("33")
    page.wait_for_url("**q=33*")
    expect(page.get_by_role("switch", name="Enable other")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Search")).to_have_value("33")


def test_a_switch_that_is_flipped_back_before_it_was_answered_is_back(office: House, page: Page) -> None:
    page.goto("/ops/configs")
    switch = page.get_by_role("switch", name="Enable root")
    expect(switch).to_be_checked()
    held: list[object] = []
    page.route("**/api/v1/configs/root", noting(held), times=1)
    for checked in (False, True):
        page.locator("label", has=switch).click()
        expect(switch).to_be_checked(checked=checked)
    until(lambda: page.evaluate("1") and held, "nothing was asked")  # Playwright hears while it is asked
    held[0].continue_()  # type: ignore[attr-defined]
    page.unroute("**/api/v1/configs/root")
    until(lambda: config(office)["revision"] == 3, "it was not flipped twice")
    assert config(office)["enabled"] is True
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_config_that_a_newer_schema_refuses_is_marked(office: House, page: Page) -> None:
    stricter = {**SCHEMA, "properties": {**SCHEMA["properties"], "max_pct": {"maximum": 50}}}  # type: ignore[dict-item]
    with office.http() as http:
        http.put("/api/v1/alerts/disk", json={"metric_schema": stricter}).raise_for_status()
    page.goto("/ops/configs")
    expect(page.get_by_text("Does not fit its alert any more")).to_be_visible()


def test_an_import_shows_its_plan_before_it_is_applied(office: House, page: Page) -> None:
    document = office.get("/api/v1/configs/export")
    document["configs"][0]["metric"]["max_pct"] = 40
    document["configs"].append({"id": "new", "name": "disk", "metric": {"max_pct": 500}})
    page.goto("/ops/configs")
    page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Text", exact=True).fill(json.dumps(document))
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_text("expected at most 100")).to_be_visible()
    dialog.get_by_label("Text", exact=True).fill(json.dumps(document).replace("500", "60"))
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_role("row", name=re.compile("changed disk .*max_pct: 80 40"))).to_be_visible()
    assert config(office)["metric"] == {"max_pct": 80}
    dialog.get_by_role("button", name="Apply 2 changes").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("max_pct: 60")).to_be_visible()
    assert config(office)["metric"] == {"max_pct": 40}


def test_steps_are_a_timeline_that_warns_of_who_cannot_be_reached(office: House, page: Page) -> None:
    page.goto("/ops/configs/root/edit")
    for channel in ("E-mail", "Telegram"):
        page.get_by_role("button", name="Add a step").click()
        page.get_by_role("menuitem", name=channel).click()
    telegram = page.get_by_role("region", name="Telegram step")
    expect(telegram.get_by_text("Names nobody: it goes to everyone who has the notice.")).to_be_visible()
    telegram.get_by_role("button", name="People").click()
    page.get_by_role("option", name="Ann").click()
    expect(telegram.get_by_text("Ann has no address for Telegram; this step will skip them.")).to_be_visible()
    telegram.get_by_label("Chat ids").fill("-1001, 42")
    telegram.get_by_label("When unread for").fill("30m")
    telegram.get_by_label("When unread for").press("Tab")
    page.get_by_role("button", name="Move Telegram earlier").click()
    page.get_by_role("button", name="Save").click()
    saved(page)
    channel = config(office)["channel"]
    assert (channel["telegram"]["after"], channel["email"]["after"]) == ("10m", "30m")
    assert (channel["telegram"]["chat_id"], channel["telegram"]["recipients"]) == ([-1001, 42], ["ann"])


def test_a_config_is_made_by_keyboard_alone(office: House, page: Page) -> None:
    page.goto("/ops/configs")
    expect(page.get_by_role("button", name="New config")).to_be_visible()
    page.keyboard.press("n")
    page.wait_for_url("**/ops/configs/new")
    field = page.get_by_label("Full from, %").first  # while a menu is open, the rest of the page has no roles
    _tab_to(page, lambda: field.evaluate("one => one === document.activeElement"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("77")
    page.keyboard.press("Control+Enter")
    saved(page)
    assert [one["metric"]["max_pct"] for one in office.get("/api/v1/configs")["items"]] == [77, 80]


def _tab_to(page: Page, there: Callable[[], Any]) -> None:
    for _ in range(40):
        if there():
            return
        page.keyboard.press("Tab")
    raise AssertionError("the field cannot be reached")


def test_a_recipient_is_entered_changed_and_deleted_with_its_consequence(office: House, page: Page) -> None:
    page.goto("/ops/recipients/new")
    page.get_by_label("Name", exact=True).fill("Боб")
    page.get_by_label("Id", exact=True).fill("bob")
    page.get_by_label("E-mail").fill("bob@example.org")
    page.get_by_role("combobox", name="Time zone").fill("Mars/Olympus")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert").filter(has_text="expected a name of the IANA")).to_be_visible()
    page.get_by_role("combobox", name="Time zone").fill("Europe/Moscow")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Create").click()
    page.wait_for_url("**/ops/recipients")
    assert office.get("/api/v1/recipients/bob")["timezone"] == "Europe/Moscow"
    page.get_by_role("link", name="Ann", exact=True).click()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog.get_by_text("1 config names Ann")).to_be_visible()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Ann was deleted")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Ann", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(office: House, sign_in: Callable[..., Page], scheme: str) -> None:
    page = sign_in(color_scheme=scheme)
    for path in _PAGES:
        page.goto(f"/ops/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert serious_issues(page) == [], path
