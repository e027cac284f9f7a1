"""Real people at the door: invited by the administrator, in with a password of their own."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.panel.house import House

PASSWORD = "correct horse battery"


def invited(house: House, login: str, role: str = "viewer", **addresses: str) -> dict[str, Any]:
    """A new account with an inbox of the same name; `email="…"` is where its person can be written to."""
    if addresses:
        house.post("/api/v1/recipients", {"id": login, "name": login.title(), "addresses": addresses})
    made: dict[str, Any] = house.post("/api/v1/accounts", {"login": login, "name": login.title(), "role": role})
    return made


def accept(page: Page, made: dict[str, Any]) -> Page:
    """By the link of the invitation; ends in the inbox."""
    page.goto(made["invite"]["link"])
    page.get_by_label("New password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox*")
    return page


def enter(page: Page, login: str) -> Page:
    """With the password, in another browser."""
    page.goto("/sign-in")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox*")
    return page


def live(page: Page) -> Page:
    """What happens from now on is heard by the page."""
    page.locator("html[data-stream=live]").wait_for(state="attached")
    return page
