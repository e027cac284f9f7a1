"""Lines against the protocol's models: which field of which line is wrong, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ValidationError

from alertwrap.lines.said import SAID
from alertwrap.lines.told import TOLD
from alertwrap.stdout.json_line import Unreadable
from alertwrap.stdout.json_line import read as read_line
from wire.json_text import pointer
from wire.notice import Notice

Way = Literal["from-alert", "to-alert"]
#: Fields of a notice's line that are the wrapper's, and not the notice's.
_OURS = frozenset({"type", "seq", "alert"})


def problems(lines: Iterable[bytes], way: Way) -> Iterator[str]:
    """`3: /severity: …` for each mistake."""
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            messages = read_line(raw)
        except Unreadable as error:
            yield f"{number}: {error.reason}"
            continue
        for message in messages:
            yield from (f"{number}: {what}" for what in _of(message.body, way))


def _of(body: dict[str, object], way: Way) -> list[str]:
    kind = str(body.get("type") or "notice")
    model: type[BaseModel] | None = TOLD.get(kind) if way == "to-alert" else SAID.get(kind)
    if way == "from-alert" and kind == "notice":
        model, body = Notice, {name: value for name, value in body.items() if name not in _OURS}
        body = {name: value for name, value in body.items() if name in _NOTICE_FIELDS}
        if not body.keys() & {"title", "message", "key", "body", "fingerprint", "dedup_key"}:
            return ["a notice needs a title, a message or a key"]
    if model is None:
        return [f"/type: {kind!r} is unknown; it would be ignored"]
    try:
        model.model_validate(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return [f"{pointer(item['loc'])}: {item['msg'].removeprefix('Value error, ')}" for item in found]
    return []


_NOTICE_FIELDS = set(Notice.model_fields) | {"fingerprint", "dedup_key", "priority", "body", "click"}
