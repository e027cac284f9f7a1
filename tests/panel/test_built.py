"""The built files: nothing inline, nothing from elsewhere, no code made from text, and served as they must be."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx2
import pytest

from notice_center.panel import POLICY, STATIC
from tests.conftest import missing
from tests.panel.house import House


@pytest.fixture(autouse=True)
def _built() -> None:
    if not (STATIC / "index.html").exists():
        missing("the built panel (make ui)")


class _Inline(HTMLParser):
    """Collects what the policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.found += [f"{tag} {name}" for name in names if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and not names.get("src")):
            self.found.append(tag)
        for name in ("src", "href"):
            if re.match(r"(data:|https?:|//)", names.get(name) or ""):
                self.found.append(f"{tag} {names[name]}")


def test_the_page_holds_nothing_inline_and_names_no_other_place() -> None:
    parser = _Inline()
    parser.feed((STATIC / "index.html").read_text("utf-8"))
    assert parser.found == []


@pytest.mark.parametrize(
    "pattern", [r"\beval\(", r"\bnew Function\(", r"url\(\s*[\"']?data:", r"url\(\s*[\"']?https?:"]
)
def test_no_file_makes_code_from_text_or_loads_from_elsewhere(pattern: str) -> None:
    files = [path for path in STATIC.rglob("*") if path.suffix in (".js", ".css")]
    assert len(files) > 10
    assert [path.name for path in files if re.search(pattern, path.read_text("utf-8"))] == []


def test_what_was_not_hashed_is_asked_for_each_time_and_the_rest_never_again(house: House) -> None:
    with httpx2.Client(base_url=house.url, trust_env=False) as http:
        page = http.get("/inbox", headers={"accept": "text/html"})
        script = re.search(r'src="(/assets/[^"]+\.js)"', page.text)
        assert script
        asset = http.get(script[1])
        again = http.get("/inbox", headers={"accept": "text/html", "if-none-match": page.headers["etag"]})
        nothing = http.get("/assets/no-such-file.js", headers={"accept": "text/html"})
        outside = http.get("/..%2f..%2fpyproject.toml")
    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["cache-control"] == "no-cache"
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["content-type"].startswith("text/javascript")
    assert asset.headers["content-encoding"] == "gzip"
    assert again.status_code == 304
    assert nothing.status_code == outside.status_code == 404
