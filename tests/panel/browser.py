"""A page that tells of everything a person would not see: violations of the policy, errors in the console."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.panel.house import until

AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
#: Chromium says this of every answer that is not 2xx; the page shows it to the person in its own words.
_EXPECTED = re.compile(r"Failed to load resource|WebSocket connection to .* failed|net::ERR")
_WATCH = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(["CSP", event.violatedDirective, event.blockedURI, event.sourceFile, event.sample].join(" ")));
"""
#: Nothing fades in or out any more, in the page or in its elements: what is half there has too little contrast.
_STILL = """() => {
  const moves = (root) => root.getAnimations().some((one) => one.playState === "running" && one.effect?.getComputedTiming().endTime <= 1000);
  const inside = (root) => [...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => shadowRoot ? [shadowRoot, ...inside(shadowRoot)] : []);
  return ![document, ...inside(document)].some(moves);
}"""  # noqa: E501


class Watched:
    """A browser context whose pages are watched; `faults` must stay empty."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        settings = {"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **options}
        self.context: BrowserContext = browser.new_context(base_url=url, **settings)
        self.context.set_default_timeout(30_000)
        self.context.add_init_script(_WATCH)
        self.faults: list[str] = []
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.faults.append(str(error.error)))

    def page(self) -> Page:
        return self.context.new_page()

    def close(self) -> None:
        self.context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _EXPECTED.search(message.text):
            self.faults.append(message.text)


def wait(page: Page, expression: str) -> None:
    """Until it is true in the page. The page's policy forbids what Playwright's own way of waiting does."""
    until(lambda: page.evaluate(expression), f"never true: {expression}")


def serious_issues(page: Page) -> list[str]:
    """What axe finds serious or critical on the page once it is still (WCAG 2.2 A and AA)."""
    wait(page, _STILL)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        """() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
                                     resultTypes: ["violations"] })"""
    )
    return [
        f"{issue['id']}: {issue['help']}: {json.dumps([node['target'] for node in issue['nodes']][:4])}"
        for issue in found["violations"]
        if issue["impact"] in ("serious", "critical")
    ]
