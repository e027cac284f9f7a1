"""From what an alert said to what the notice center takes: one notice as JSON, repaired where it must be.

Fail open: people must hear of it even when the alert got a field wrong. What cannot be kept is dropped by name, and the
notice says so; what says nothing at all is forwarded as text.
"""

from __future__ import annotations

import json
import uuid
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from alertwrap.spool.entries import Emission
from alertwrap.stdout.json_line import Message
from wire.notice import SEVERITIES, Notice

#: Fields of a line that concern only the wrapper.
_OURS = ("type", "seq", "alert")
_ALIASES = {"fingerprint", "dedup_key", "priority", "body", "click"}
_FIELDS = set(Notice.model_fields) | _ALIASES
_LONGEST_MESSAGE = 190_000
#: The fields that are nothing but text, with the most characters that are taken as they are.
_LONGEST = {"title": 1_000, "message": _LONGEST_MESSAGE, "key": 400, "severity": 20, "status": 20}
_SHORT = _LONGEST["key"]
_SEVERITIES = frozenset(SEVERITIES)
_STATUSES = frozenset({"firing", "resolved"})
_IDS = uuid.UUID("6f2b7a0e-5a3c-5d11-9b5e-0a1f3c2d4e5f")
_LONGEST_ID = 180
#: One notice as it travels; the notice center takes 1 MiB a request.
_LONGEST_NOTICE = 900_000


def emission(message: Message, alert: str, config: str | None) -> Emission:
    """The notice that the alert of this name meant. `config` is implied when it names none."""
    said, flags = message.body, message.flags
    if message.text is not None and _is_plain(said, len(message.text)):
        text = _beginning(alert, config) + message.text[1:]
        return Emission(None, text, said.get("key"), said.get("status") != "resolved")
    body = {name: value for name, value in said.items() if name not in _OURS and value is not None}
    given = body.pop("id", None)
    extra = body.keys() - _FIELDS
    if extra:
        data = body.get("data")
        body["data"] = {**{name: body.pop(name) for name in extra}, **(data if isinstance(data, dict) else {})}
    flaws: dict[str, str] = {}
    try:
        Notice.model_validate(body)
    except ValidationError as error:
        flaws = _flaws(error)
        body, flags = _repaired(body, flaws, flags)
    body["alert"] = alert
    if config is not None:
        body.setdefault("config", config)
    if flags:
        body["labels"] = {**body.get("labels", {}), "alertwrap": ",".join(flags)}
    text = dump(body)
    if len(text) > _LONGEST_NOTICE:
        text = dump(malformed("a notice that is too large", text, alert, config))
    key = body.get("key") or body.get("fingerprint") or body.get("dedup_key")
    return Emission(global_id(alert, given), text, key, body.get("status") != "resolved", tuple(flaws.items()))


def _is_plain(body: dict[str, str], size: int) -> bool:
    """Whether an object of nothing but texts, in so many characters, is certainly a notice: most lines are one."""
    return (
        body.keys() <= _LONGEST.keys()
        and ("key" in body or "title" in body or "message" in body)
        and ("severity" not in body or body["severity"] in _SEVERITIES)
        and ("status" not in body or body["status"] in _STATUSES)
        and (size <= _SHORT or all(len(text) <= _LONGEST[name] for name, text in body.items()))
    )


@lru_cache(maxsize=1_000)
def _beginning(alert: str, config: str | None) -> str:
    """Of a notice whose other members follow, as the alert wrote them."""
    members = {"alert": alert} if config is None else {"alert": alert, "config": config}
    return dump(members)[:-1] + ","


def malformed(reason: str, raw: str, alert: str, config: str | None) -> dict[str, Any]:
    """The notice that stands for something unreadable."""
    body = {
        "alert": alert,
        "key": "malformed",
        "severity": "warning",
        "title": f"{alert} printed something that is not a notice",
        "message": f"{reason}:\n\n```\n{raw[:4000]}\n```",
        "labels": {"alertwrap": "malformed"},
    }
    return body if config is None else {**body, "config": config}


def dump(body: dict[str, Any]) -> str:
    """Compact JSON."""
    return to_json(body, inf_nan_mode="null").decode()


def global_id(alert: str, given: Any) -> str | None:
    """An id of the alert's own means this alert's: two alerts may both count from 1. A UUID is unique as it is."""
    if given is None or given == "":
        return None
    text = str(given)
    try:
        return str(uuid.UUID(text)) if len(text) == 36 else _scoped(alert, text)
    except ValueError:
        return _scoped(alert, text)


def _scoped(alert: str, given: str) -> str:
    name = f"{alert}:{given}"
    plain = len(name) <= _LONGEST_ID and all("!" <= char <= "~" for char in name)
    return name if plain else f"{alert[:100]}:{uuid.uuid5(_IDS, name)}"


def _repaired(
    body: dict[str, Any], wrong: dict[str, str], flags: tuple[str, ...]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Drop the fields that are wrong, keep their text in the message, and try again; once."""
    kept = {name: value for name, value in body.items() if name not in wrong}
    said = "\n".join(f"- `{name}`: {why}; was {_shown(body.get(name))}" for name, why in wrong.items())
    text = kept.get("message") or kept.pop("body", "") or ""
    kept["message"] = f"{text}\n\n{said}".strip()[:_LONGEST_MESSAGE]
    kept.setdefault("title", _first_line(body.get("title")) or "Malformed notice")
    kept.setdefault("severity", "warning")
    if "priority" in kept:
        kept.pop("severity")
    try:
        Notice.model_validate(kept)
    except ValidationError:
        kept = {"title": "Malformed notice", "severity": "warning", "message": _shown(body, 4000)}
    return kept, (*flags, "malformed")


def _flaws(error: ValidationError) -> dict[str, str]:
    """Field → what is wrong with it. A notice that says nothing at all has no field to name."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    return {str(item["loc"][0]): item["msg"].removeprefix("Value error, ") for item in errors if item["loc"]}


def _first_line(value: Any) -> str:
    return value.splitlines()[0][:1000] if isinstance(value, str) and value.strip() else ""


def _shown(value: Any, length: int = 500) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= length else text[:length] + "…"
