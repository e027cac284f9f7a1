"""The watch itself: that all other tests can trust it when it says nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.panel.browser import Watched
from tests.panel.embedding import Host
from tests.panel.house import until

#: What a page can do against its policy → what the watch says of it.
SINS = {
    "inline style": ("document.querySelector('h1').setAttribute('style', 'color: red')", "style-src"),
    "style in a shadow root": (
        "const root = document.querySelector('h1').parentNode.attachShadow({ mode: 'open' });"
        "root.append(Object.assign(document.createElement('style'), { textContent: 'h1 {}' }))",
        "style-src",
    ),
    "inline handler": ("document.querySelector('h1').setAttribute('onclick', '1')", "TrustedScript"),
    "eval": ("try { eval('1') } catch {}", "eval"),
    "text as markup": ("try { document.body.innerHTML = '<p>' } catch {}", "require-trusted-types-for"),
    "another origin": ("fetch('http://127.0.0.1:10/').catch(() => 0)", "connect-src"),
    "picture": ("document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x.png' }))", "img-src"),
    "error": ("setTimeout(() => { throw new Error('oh dear') })", "oh dear"),
    "complaint": ("console.error('oh dear')", "oh dear"),
}


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    host = Host("http://127.0.0.1:9")
    yield host
    host.close()


@pytest.mark.parametrize("sin", SINS)
def test_what_breaks_the_policy_or_fails_is_noticed(browser: Browser, host: Host, sin: str) -> None:
    script, told = SINS[sin]
    watched = Watched(browser, host.url)
    page = watched.page()
    page.goto(host.page("sin", "<div><h1>sin</h1></div>", f"window.sinned = true; {script}"))
    until(lambda: page.evaluate("sinned") and any(told in one for one in watched.faults), f"not noticed: {sin}")
    watched.close()


def test_a_page_that_behaves_is_not_complained_of(browser: Browser, host: Host) -> None:
    watched = Watched(browser, host.url)
    page = watched.page()
    page.goto(host.page("good", "<p>good</p>", "window.done = true"))
    until(lambda: page.evaluate("window.done"), "the page did not run")
    assert watched.faults == []
    watched.close()
