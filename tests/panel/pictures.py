"""Pictures of every page, both themes, phone and desktop: `python -m tests.panel.pictures DIRECTORY`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.panel.house import House
from tests.panel.tour import furnish, walk

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


def main(directory: Path) -> None:
    """Writes NAME-SIZE-THEME.png."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        house = House(Path(data) / "data").start()
        try:
            places = furnish(house)
            for size in SIZES:
                for theme in ("light", "dark"):
                    _take(browser, house, places, directory, size, theme)
        finally:
            house.stop()
            browser.close()


def _take(browser: Browser, house: House, places: dict[str, str], directory: Path, size: str, theme: str) -> None:
    context = browser.new_context(
        base_url=house.url, viewport=SIZES[size], color_scheme=theme, device_scale_factor=1 if size == "desktop" else 2
    )  # type: ignore[arg-type]
    page = context.new_page()
    for stop in walk(page, house, places):
        page.screenshot(path=directory / f"{stop.name}-{size}-{theme}.png")
        print(f"{stop.name}-{size}-{theme}.png", flush=True)
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"))
