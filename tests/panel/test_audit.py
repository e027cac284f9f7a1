"""The audit trail: who did what to what, as an administrator finds it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.panel.browser import Watched, serious_issues
from tests.panel.conftest import SignIn
from tests.panel.house import House
from tests.panel.people import accept, invited

ADDRESS = "/ops/audit"


def acts(page: Page) -> Locator:
    """What was done, the newest first."""
    return page.get_by_role("table").get_by_role("rowheader")


def test_each_record_says_who_did_what_to_whom_and_leads_there(house: House, page: Page) -> None:
    ann = invited(house, "ann")
    with house.http() as http:
        http.patch(f"/api/v1/accounts/{ann['id']}", json={"role": "operator"}).raise_for_status()
    house.post("/api/v1/recipients/ann/revoke-jwts", {})
    made = house.post("/api/v1/tokens", {"name": "backup", "scopes": ["events:read"]})
    page.goto(ADDRESS)
    changed = page.get_by_role("row", name="Account changed")
    expect(changed).to_contain_text("admin of this directory")
    expect(changed).to_contain_text("Role: Viewer → Operator")
    created = page.get_by_role("row", name="Token created").filter(has_text="backup")
    expect(created).to_contain_text("May: events:read")
    expect(page.get_by_role("row", name="Signed in")).to_contain_text("By a one-time link")

    page.get_by_role("row", name="JWTs revoked").get_by_role("link", name="ann").click()
    page.wait_for_url("**/ops/recipients/ann")
    page.go_back()
    created.get_by_role("link", name="backup").click()
    page.wait_for_url(f"**/ops/tokens?token={made['id']}")
    expect(page.locator("tr[aria-current=true]")).to_contain_text("backup")
    page.go_back()
    changed.get_by_role("link", name="ann").click()
    expect(page.locator("tr[aria-current=true]")).to_contain_text("ann")

    with house.http() as http:
        http.delete(f"/api/v1/tokens/{made['id']}").raise_for_status()
    page.goto(ADDRESS)
    revoked = page.get_by_role("row", name="Token revoked")
    expect(revoked).to_contain_text("backup")
    expect(revoked.get_by_role("link", name="backup")).to_have_count(0)  # there is nothing left to look at


def test_it_is_narrowed_from_a_row_and_by_the_address(house: House, page: Page) -> None:
    for login in ("ann", "eva"):
        invited(house, login)
    page.goto(ADDRESS)
    row = page.get_by_role("row", name="Account created").filter(has_text="ann")
    row.get_by_role("button", name="Show only…").click()
    page.get_by_role("menuitem", name="Only what was done to ann").click()
    expect(acts(page)).to_have_text(["Invited", "Account created"])
    page.get_by_role("button", name=re.compile("What$")).click()
    page.get_by_role("option", name="Invited").click()
    expect(acts(page)).to_have_text(["Invited"])
    page.reload()
    expect(acts(page)).to_have_text(["Invited"])
    page.get_by_role("button", name="Remove the filter To whom or what").click()
    expect(acts(page)).to_have_text(["Invited", "Invited"])
    page.goto(f"{ADDRESS}?action=jwts-revoked")
    page.get_by_role("button", name="Clear the filters").last.click()
    expect(acts(page).first).to_be_visible()
    page.goto(f"{ADDRESS}?action=everything&about=no%20id")  # means nothing: does not narrow
    expect(acts(page).first).to_be_visible()


def test_an_account_leads_to_what_was_done_to_it(house: House, page: Page) -> None:
    invited(house, "ann")
    page.goto("/ops/accounts")
    page.get_by_role("button", name="Acts for Ann").click()
    page.get_by_role("menuitem", name="In the audit trail").click()
    expect(acts(page)).to_have_text(["Invited", "Account created"])


def test_it_grows_as_one_scrolls_to_the_end(house: House, page: Page) -> None:
    for number in range(60):
        house.post("/api/v1/tokens", {"name": f"n{number}", "scopes": ["events:read"]})
    page.goto(ADDRESS)
    expect(acts(page)).to_have_count(50)
    page.mouse.move(640, 400)
    page.mouse.wheel(0, 20_000)
    expect(page.get_by_text("That is all that is kept")).to_be_visible()
    expect(page.get_by_role("link", name="n0", exact=True)).to_be_attached()


def test_by_keyboard_from_the_palette_in_russian(house: House, sign_in: SignIn) -> None:
    page = sign_in(locale="ru-RU", color_scheme="dark")
    page.keyboard.press("Control+K")
    page.get_by_role("combobox").fill("журнал")
    expect(page.get_by_role("option", selected=True)).to_contain_text("Журнал аудита")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{ADDRESS}")
    row = page.get_by_role("row", name="Вход", exact=False).first
    expect(row).to_contain_text("По одноразовой ссылке")
    button = row.get_by_role("button", name="Показать только…")
    button.focus()
    for key in ("Escape", "Enter"):
        page.keyboard.press("Enter")
        expect(page.get_by_role("menuitem").first).to_be_focused()
        assert serious_issues(page) == []
        page.keyboard.press(key)
        expect(button).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?by="))


def test_only_administrators_see_it(house: House, watch: Callable[..., Watched], page: Page) -> None:
    operator = accept(watch(house.url).page(), invited(house, "ann", "operator"))
    operator.get_by_role("link", name="Recipients").wait_for()
    expect(operator.get_by_role("link", name="Audit trail")).to_have_count(0)
    operator.goto(ADDRESS)
    expect(operator.get_by_role("heading", level=1)).to_have_text("This room is not open to you")
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.get_by_role("link", name="Audit trail")).to_have_attribute("aria-current", "page")
