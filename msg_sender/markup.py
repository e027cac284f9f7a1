"""The one canonical text, Markdown, as the channels need it: HTML for mail, text with entities for Telegram.

What a notice says comes from programs and their users: raw HTML stays text, images stay unloaded, and only links that
people expect (http, https, mailto) become links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from msg_sender import utf16

#: Longer texts are shown as they are: nobody formats that much by hand, and parsing it would hold up everyone else.
MAX_MARKDOWN = 20_000
_SAFE_LINK = re.compile(r"(https?://|mailto:)[^\s]", re.IGNORECASE)
_STYLES = {"strong": "bold", "em": "italic", "s": "strikethrough", "blockquote": "blockquote"}
_CODE, _CUT_BY_CODE = ("code", "pre"), ("bold", "italic", "strikethrough")
#: Three times what Telegram takes; untangling looks at each pair.
_MOST = 300
_BULLET = "• "


@dataclass(frozen=True)
class Entity:
    """A stretch of formatted text; `offset` and `length` in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None

    def wire(self) -> dict[str, Any]:
        """As the Bot API takes it."""
        extra = {"url": self.url, "language": self.language}
        fields = {"type": self.type, "offset": self.offset, "length": self.length}
        return {**fields, **{name: value for name, value in extra.items() if value}}


def as_html(markdown: str) -> str:
    """An HTML fragment without scripts, styles, images and unsafe links."""
    html: str = _parser().render(markdown)
    return html


def as_entities(markdown: str) -> tuple[str, list[Entity]]:
    """Plain text, and where in it what is formatted. Without white space at either end."""
    writer = _Writer()
    writer.blocks(_parser(tables=False).parse(markdown))
    return clip(writer.text.rstrip(), _untangle(sorted(writer.entities, key=lambda one: one.offset)[:_MOST]))


def clip(text: str, entities: Iterable[Entity], kept: int | None = None) -> tuple[str, list[Entity]]:
    """`text` with its entities shortened to its first `kept` units (default: all of it)."""
    end = utf16.length(text) if kept is None else kept
    inside = (
        Entity(one.type, one.offset, min(one.length, end - one.offset), one.url, one.language)
        for one in entities
        if one.offset < end
    )
    return text, [one for one in inside if one.length > 0]


def _untangle(entities: Sequence[Entity]) -> list[Entity]:
    """Telegram formats nothing within code: a link wins over the code in it, code over the style around it."""
    links = [one for one in entities if one.type == "text_link"]
    code = [one for one in entities if one.type in _CODE and not any(_overlap(one, link) for link in links)]
    found = [one for one in entities if one.type not in _CODE]
    for hole in code:
        found = [piece for one in found for piece in (_around(one, hole) if one.type in _CUT_BY_CODE else [one])]
    return found + code


def _around(one: Entity, hole: Entity) -> list[Entity]:
    """What is left of a stretch outside of another."""
    if not _overlap(one, hole):
        return [one]
    end, hole_end = one.offset + one.length, hole.offset + hole.length
    before, after = hole.offset - one.offset, end - hole_end
    pieces = [Entity(one.type, one.offset, before)] if before > 0 else []
    return pieces + ([Entity(one.type, hole_end, after)] if after > 0 else [])


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.offset + other.length and other.offset < one.offset + one.length


@cache
def _parser(tables: bool = True) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.enable(["strikethrough", "table"] if tables else ["strikethrough"]).disable(
        ["image", "html_block", "html_inline"]
    )
    parser.validateLink = lambda url: bool(_SAFE_LINK.match(url))  # type: ignore[method-assign]
    return parser


class _Writer:
    """Walks the tokens and writes text, opening and closing entities on the way."""

    def __init__(self) -> None:
        self.text = ""
        self.entities: list[Entity] = []
        self._parts: list[str] = []
        self._at = 0
        self._open: list[tuple[str, int, str | None]] = []
        self._lists: list[int | None] = []
        self._fresh_item = False

    def blocks(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            self._block(token)
        self.text = "".join(self._parts)

    def _block(self, token: Token) -> None:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            self._lists.append(int(token.attrs.get("start", 1)) if kind.startswith("o") else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif kind == "list_item_open":
            self._item()
        elif kind in ("paragraph_open", "heading_open", "blockquote_open"):
            self._begin(kind)
        elif kind in ("heading_close", "blockquote_close"):
            self._close()
        elif kind in ("fence", "code_block"):
            self._separate()
            language = token.info.split()[0] if token.info.split() else None
            self._stretch("pre", token.content.rstrip("\n"), language=language)
        elif kind == "hr":
            self._separate()
            self._write("———")
        elif kind == "inline":
            self._inline(token.children or [])

    def _begin(self, kind: str) -> None:
        self._separate()
        if kind == "heading_open":
            self._open.append(("bold", self._at, None))
        elif kind == "blockquote_open":
            self._open.append(("blockquote", self._at, None))
            self._fresh_item = True

    def _inline(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            name, _, edge = token.type.rpartition("_")
            if token.type in ("text", "text_special"):
                self._write(token.content)
            elif token.type in ("softbreak", "hardbreak"):
                self._write("\n")
            elif token.type == "code_inline":
                self._stretch("code", token.content)
            elif edge == "open":
                link = str(token.attrs["href"]) if name == "link" else None
                self._open.append((_STYLES.get(name, "text_link"), self._at, link))
            elif edge == "close":
                self._close()

    def _close(self) -> None:
        kind, start, link = self._open.pop()
        nested = kind == "blockquote" and any(outer == kind for outer, _, _ in self._open)
        if self._at > start and not nested:
            self.entities.append(Entity(kind, start, self._at - start, url=link))

    def _stretch(self, kind: str, text: str, language: str | None = None) -> None:
        if text:
            self.entities.append(Entity(kind, self._at, utf16.length(text), language=language))
            self._write(text)

    def _item(self) -> None:
        self._fresh_item = False
        if self._parts:
            self._write("\n")
        number = self._lists[-1]
        indent = "  " * (len(self._lists) - 1)
        self._write(indent + (_BULLET if number is None else f"{number}. "))
        if number is not None:
            self._lists[-1] = number + 1
        self._fresh_item = True

    def _separate(self) -> None:
        """An empty line before a block, none at the very start or right behind a bullet or quote."""
        if self._parts and not self._fresh_item:
            self._write("\n\n" if not self._lists else "\n")
        self._fresh_item = False

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._at += utf16.length(text)
