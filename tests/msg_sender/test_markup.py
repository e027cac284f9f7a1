"""Markdown for mail and for Telegram: what is said arrives, what would do harm stays text."""

from __future__ import annotations

import html as entities_of_html
import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msg_sender import markup, utf16
from tests.fakes.bot_api import check_entities

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "</p></body><script>x</script>",
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,<script>1</script>)", "[x](vbscript:x)",
    "[x](file:///etc/passwd)", "<javascript:alert(1)>", "![x](http://tracker.example/p.png)", "![x](javascript:x)",
    '[x](https://a.example/"onmouseover="alert(1))', "[x](https://a.example 'title\" onclick=x')", "&lt;script&gt;",
    "`<script>`", "```html\n<script>\n```", "```\"><script>\nx\n```", "[x]: javascript:alert(1)\n[x]",
    "<https://a.example/<b>>",
    "\u202ehidden", "<!--", "<![CDATA[x]]>", "<?php ?>", "a\n</style><style>", "[click](tg://user?id=1)",
    "@everyone <!channel>",
]  # fmt: skip
WORDS = st.text("ab *_`~[]()<>#-+.!|\\&;:/\n1😀é\"'", max_size=120)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(html)
    return parser.found


@pytest.mark.parametrize("text", HOSTILE)
def test_html_has_no_tag_attribute_or_link_that_was_not_planned(text: str) -> None:
    harmless(markup.as_html(text))
    harmless(markup.as_html(f"before {text} after"))


@given(st.lists(st.sampled_from(HOSTILE) | WORDS, max_size=6))
def test_no_mixture_of_it_has_either(parts: list[str]) -> None:
    harmless(markup.as_html("".join(parts)))


def harmless(html: str) -> None:
    allowed = {
        "p", "a", "strong", "em", "s", "code", "pre", "ul", "ol", "li", "blockquote", "br", "hr", "h1", "h2", "h3",
        "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    for tag, attributes in tags(html):
        assert tag in allowed
        assert set(attributes) <= {"href", "title", "class", "start", "style"}
        assert re.match(r"https?://|mailto:", attributes.get("href") or "https://", re.IGNORECASE)
        assert (attributes.get("style") or "text-align:").startswith("text-align:")


@given(st.lists(st.sampled_from(HOSTILE) | WORDS, max_size=6))
def test_entities_are_always_what_telegram_takes(parts: list[str]) -> None:
    text, entities = markup.as_entities("".join(parts))
    check_entities(text, [one.wire() for one in entities])
    assert all(one.type != "text_link" or re.match(r"https?://|mailto:", one.url or "", re.I) for one in entities)


def test_formatting_becomes_entities_over_plain_text() -> None:
    text, found = markup.as_entities(
        "# Head\n\n😀 **bold _both_** `code` [link](https://a.example)\n\n- one\n- two\n\n> said"
    )
    assert text == "Head\n\n😀 bold both code link\n• one\n• two\n\nsaid"
    units = text.encode("utf-16-le")

    def stretch(one: markup.Entity) -> str:
        return units[one.offset * 2 : (one.offset + one.length) * 2].decode("utf-16-le")

    assert {(one.type, stretch(one)) for one in found} == {
        ("bold", "Head"), ("bold", "bold both"), ("italic", "both"), ("code", "code"), ("text_link", "link"),
        ("blockquote", "said"),
    }  # fmt: skip


def test_nothing_is_formatted_within_code() -> None:
    assert {(one.type, one.offset, one.length) for one in markup.as_entities("**a `b` c**")[1]} == {
        ("bold", 0, 2), ("code", 2, 1), ("bold", 3, 2),
    }  # fmt: skip
    assert [one.type for one in markup.as_entities("**`b`**")[1]] == ["code"]
    assert [one.type for one in markup.as_entities("[`b`](https://a.example)")[1]] == ["text_link"]


@given(WORDS, st.integers(1, 200))
def test_clipped_entities_stay_inside_the_cut(source: str, units: int) -> None:
    text, found = markup.as_entities(source)
    cut, kept = utf16.cut(text, units)
    _, clipped = markup.clip(cut, found, kept)
    check_entities(cut, [one.wire() for one in clipped])


def test_telegram_gets_the_text_that_html_shows() -> None:
    source = "a < b && c > d \"q\" 'x' &amp; <b>"
    assert (
        markup.as_entities(source)[0]
        == entities_of_html.unescape(re.sub(r"<[^>]+>", "", markup.as_html(source))).strip()
    )


@pytest.mark.parametrize(
    "piece", ["[", "*a_", "`", "> ", "- ", "![[", "a**b", "[a](", "<", "*", "`a``b", "[x]: y\n", "\\", "~~a "]
)
def test_no_short_pattern_makes_it_slow(piece: str) -> None:
    text = (piece * markup.MAX_MARKDOWN)[: markup.MAX_MARKDOWN]
    started = time.process_time()
    markup.as_html(text)
    markup.as_entities(text)
    assert time.process_time() - started < 2.0
