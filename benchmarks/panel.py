"""The panel in a browser: first load, 10,000 notices scrolled, 100 notices a second for a minute.

A frame is the time between two calls of requestAnimationFrame in headless Chromium, on the same two cores as the
server and the load. The peer is the browser itself: the same frames on an empty page of the same server, so that the
machine's own hiccups can be told from ours.

    python -m benchmarks.panel [load] [scroll] [live]
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from notice_center.panel import STATIC
from tests.panel.house import House, until

NOTICES = 10_000
SCROLL_SECONDS = 10
LIVE_SECONDS = 60
A_SECOND = 100
LOADS = 7
REACH = {"first load, ms": 1000, "scrolling, worst frame ms": 50, "live, worst frame ms": 200}
_ROW = "main [data-notice-id]"
_RECORD = """() => {
  window.frames_ = [];
  let last = performance.now();
  const step = (now) => {
    window.frames_.push(now - last);
    last = now;
    window.recording_ = requestAnimationFrame(step);
  };
  window.recording_ = requestAnimationFrame(step);
}"""
_STOP = "() => { cancelAnimationFrame(window.recording_); return window.frames_.slice(1); }"
#: As fast as a person who flings: 4,000 px a second.
_SCROLL = """(seconds) => new Promise((done) => {
  const row = document.querySelector("main [data-notice-id]");
  let box = row;
  while (box && !(box.scrollHeight > box.clientHeight + 100 && /auto|scroll/.test(getComputedStyle(box).overflowY))) box = box.parentElement;
  box = box ?? document.scrollingElement;
  const from = performance.now();
  let last = from;
  const step = (now) => {
    box.scrollTop += (now - last) * 4;
    last = now;
    if (now - from < seconds * 1000) requestAnimationFrame(step); else done(box.scrollTop);
  };
  requestAnimationFrame(step);
})"""  # noqa: E501


def main() -> int:
    """Prints each row with its reach; needs chromium and the built panel."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.panel", description="The panel in a browser.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"which of it: {', '.join(PARTS)}; all")
    parts = parser.parse_args().parts or list(PARTS)
    if not set(parts) <= set(PARTS):
        parser.error(f"expected some of {', '.join(PARTS)}")
    program = shutil.which("chromium")
    if program is None or not (STATIC / "index.html").exists():
        print("skipped: needs chromium (apt install chromium) and the panel (make ui)")
        return 0
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        house = House(Path(directory) / "data").start()
        try:
            measure(browser, house, parts)
        finally:
            house.stop()
            browser.close()
    return 0


def measure(browser: Browser, house: House, parts: Iterable[str]) -> None:
    fill(house, NOTICES)
    state = sign_in(browser, house)
    for part in parts:
        PARTS[part](browser, house, state)


def measure_load(browser: Browser, house: House, state: Any) -> None:
    loads = [first_load(browser, house, state) for _ in range(LOADS)]
    report("first load, ms", statistics.median(loads), f"median of {LOADS}, worst {max(loads):.0f}")


def measure_scroll(browser: Browser, house: House, state: Any) -> None:
    with page_at(browser, house, state, "/history") as page:
        page.locator(_ROW).first.wait_for()
        frames, depth = recorded(page, lambda: page.evaluate(_SCROLL, SCROLL_SECONDS))
        report("scrolling, worst frame ms", max(frames), f"{summary(frames)}, {depth:.0f} px of {NOTICES} notices")


def measure_live(browser: Browser, house: House, state: Any) -> None:
    with page_at(browser, house, state, "/favicon.svg") as page:
        frames, _ = recorded(page, lambda: live(house, LIVE_SECONDS // 6))
        print(f"  an empty page beside the same load: worst {max(frames):.0f} ms, {summary(frames)}")
    with page_at(browser, house, state, "/inbox") as page:
        page.locator(_ROW).first.wait_for()
        frames, said = recorded(page, lambda: live(house, LIVE_SECONDS))
        report("live, worst frame ms", max(frames), f"{summary(frames)}, {said} notices in {LIVE_SECONDS} s")


PARTS: Mapping[str, Callable[[Browser, House, Any], None]] = {
    "load": measure_load, "scroll": measure_scroll, "live": measure_live,
}  # fmt: skip


def fill(house: House, count: int) -> None:
    severities = ("info", "warning", "error", "critical", "success")
    lines = [notice(number, severities[number % 5]) for number in range(count)]
    with house.http() as http:
        for start in range(0, count, 1000):
            body = "\n".join(lines[start : start + 1000]).encode()
            answer = http.post("/api/v1/notices", content=body, headers={"content-type": "application/x-ndjson"})
            assert answer.is_success, answer.text
    until(lambda: house.get("/api/v1/inbox/counts")["unread"] >= count, "the notices are not in the inbox", 60)


def notice(number: int, severity: str = "warning") -> str:
    text = {"title": f"Disk of machine {number} is filling", "message": f"It has **{number % 90}** GB left."}
    return json.dumps({"alert": "benchmark", "severity": severity, "recipients": ["admin"], **text})


def sign_in(browser: Browser, house: House) -> Any:
    context = browser.new_context(base_url=house.url)
    page = context.new_page()
    page.goto(house.link())
    page.wait_for_url("**/inbox*")
    state = context.storage_state()
    context.close()
    return state


def first_load(browser: Browser, house: House, state: Any) -> float:
    """Milliseconds from navigation to the first rows, with nothing in the cache."""
    with page_at(browser, house, state, "/inbox") as page:
        page.locator(_ROW).first.wait_for()
        return float(page.evaluate("() => performance.now()"))


@contextmanager
def page_at(browser: Browser, house: House, state: Any, path: str) -> Iterator[Page]:
    context = browser.new_context(base_url=house.url, storage_state=state, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(path, wait_until="commit")
    yield page
    context.close()


def recorded(page: Page, act: Any) -> tuple[list[float], Any]:
    """Frame times in ms while `act` runs, and what it answered."""
    page.evaluate(_RECORD)
    answer = act()
    return page.evaluate(_STOP), answer


def live(house: House, seconds: int) -> int:
    """A_SECOND notices a second, in tenths; the waiting is done by the clock, in a thread of its own."""
    said = 0

    def speak() -> None:
        nonlocal said
        with house.http() as http:
            begun = time.monotonic()
            for tenth in range(seconds * 10):
                body = "\n".join(notice(said + number) for number in range(A_SECOND // 10)).encode()
                answer = http.post("/api/v1/notices", content=body, headers={"content-type": "application/x-ndjson"})
                assert answer.is_success, answer.text
                said += A_SECOND // 10
                time.sleep(max(0.0, begun + (tenth + 1) / 10 - time.monotonic()))

    speaker = threading.Thread(target=speak)
    speaker.start()
    speaker.join()
    return said


def summary(frames: list[float]) -> str:
    ordered = sorted(frames)
    return f"{len(frames)} frames, p99 {ordered[int(len(ordered) * 0.99)]:.0f} ms, p50 {ordered[len(ordered) // 2]:.0f}"


def report(name: str, value: float, more: str) -> None:
    met = "reached" if value <= REACH[name] else "NOT reached"
    print(f"{name:28} {value:6.0f}   reach {REACH[name]}, {met}   ({more})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
