"""examples/panel as its README says: one command, and a page of machines with alertwrap's bell in it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.panel.browser import Watched, serious_issues, wait
from tests.panel.embedding import require_bundle
from tests.panel.house import until

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.xdist_group("panel-elements"), pytest.mark.timeout(180)]
#: On a machine that does other things too.
_START_SECONDS = 60.0
#: Remembers what a machine was, also for a moment only.
_NOTE_STATES = """(machine) => {
  window.states = [];
  new MutationObserver(() => {
    const state = document.querySelector(`tr[data-key=${machine}] .status`)?.textContent;
    if (state && states.at(-1) !== state) states.push(state);
  }).observe(document.querySelector("tbody"), { childList: true, subtree: true });
}"""


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require_bundle()
    directory = tmp_path_factory.mktemp("panel")
    port, panel_port = free_ports(2)
    command = [sys.executable, str(ROOT / "examples" / "panel" / "demo.py"), "--data", str(directory)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ALERTWRAP_")}
    log = directory / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--panel-port", str(panel_port)],
            cwd=ROOT, env={**clean, "PYTHONUNBUFFERED": "1"}, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
    until(lambda: b"panel is ready" in log.read_bytes(), f"no panel in {log}", _START_SECONDS)
    until(lambda: b'"machine-state", "because": "started"' in log.read_bytes(), f"no alert in {log}", _START_SECONDS)
    yield f"http://127.0.0.1:{panel_port}"
    process.send_signal(signal.SIGTERM)
    assert process.wait(_START_SECONDS) == 0


@pytest.fixture
def page(panel: str, watch: Callable[..., Watched]) -> Page:
    page = watch(panel).page()
    page.goto(panel)
    expect(page.locator("tbody tr")).not_to_have_count(0)
    return page


def status(page: Page, machine: str) -> Locator:
    return page.locator(f"tr[data-key={machine}] .status")


def press(page: Page, verb: str, machine: str) -> None:
    page.get_by_role("button", name=f"{verb} {machine}", exact=True).click()


def test_a_machine_that_crashes_rings_the_bell_and_one_that_is_stopped_does_not(page: Page) -> None:
    press(page, "stop", "mail-1")
    expect(status(page, "mail-1")).to_have_text("stopped")
    press(page, "crash", "web-1")
    # Other alerts watch this very machine, and may speak meanwhile.
    expect(page.locator("notice-toasts article", has_text="Machine web-1 has crashed")).to_be_visible()
    expect(status(page, "web-1")).to_have_text("crashed")
    page.locator("notice-bell [part=button]").click()
    row = page.locator("notice-bell article", has_text="Machine web-1 has crashed")
    expect(row).to_be_visible()
    assert page.locator("notice-bell article", has_text="mail-1").count() == 0
    row.get_by_role("link").click()
    expect(page.locator("tr.marked")).to_contain_text("web-1")
    page.wait_for_url("**/#web-1")  # the page took the click over
    press(page, "start", "web-1")
    expect(status(page, "web-1")).to_have_text("running")
    page.locator("notice-bell [part=button]").click()
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator("notice-bell article", has_text="Machine web-1 is no longer down")).to_be_visible()


def test_every_page_sees_a_machine_come_change_and_go(page: Page, panel: str, watch: Callable[..., Watched]) -> None:
    other = watch(panel).page()
    other.goto(panel)
    other.evaluate(_NOTE_STATES, "cache-1")
    page.get_by_label("New machine").fill("cache-1")
    page.get_by_role("button", name="Create").click()
    created = status(other, "cache-1")
    wait(other, "states.join() === 'installing,running'")
    press(page, "crash", "cache-1")
    expect(created).to_have_text("crashed")
    press(page, "delete", "cache-1")
    expect(created).to_have_count(0)


def test_what_cannot_be_done_is_said(page: Page, panel: str) -> None:
    page.get_by_label("New machine").fill("web-1")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert").first).to_have_text("name: there is a machine web-1 already")
    assert page.get_by_label("New machine").input_value() == "web-1", "what was typed is still there"
    foreign = urllib.request.Request(f"{panel}/api/machines/db-1/crash", b"", {"Sec-Fetch-Site": "cross-site"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(foreign)
    with refused.value as answer:
        assert (answer.status, json.loads(answer.read())) == (403, {"detail": "not from another site"})


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(panel: str, watch: Callable[..., Watched], scheme: str, width: int) -> None:
    page = watch(panel, color_scheme=scheme, viewport={"width": width, "height": 800}).page()
    page.goto(panel)
    expect(page.locator("tbody tr")).not_to_have_count(0)
    wide = page.evaluate(
        "[document.documentElement, document.querySelector('.scroll')].map((one) => one.scrollWidth > one.clientWidth)"
    )
    assert wide == [False, False], "nothing has to be pushed aside to be seen"
    assert serious_issues(page) == []
