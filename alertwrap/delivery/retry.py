"""When to try again, and what an answer of the notice center means: pure, so that every case is a line of a test."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random
from typing import Any, Literal

FIRST_SECONDS, LONGEST_SECONDS = 0.5, 60.0
#: The notice center refuses us: wrong token or wrong address. Somebody must act; we look every minute.
ALARM_SECONDS = 60.0
#: A server that asks for more than this is not believed.
_LONGEST_ASKED = 3600.0

_AGAIN = frozenset({408, 425, 429})
_REFUSED_US = frozenset({401, 403, 404})
_REFUSED_BATCH = frozenset({400, 409, 413, 422})
#: For one notice alone, and without a word on it: it is there already.
_HAVE_IT = 409
_DONE = frozenset({"accepted", "duplicate"})
_NEVER = frozenset({"rejected", "conflict"})


@dataclass(frozen=True)
class Judgement:
    """What to do with a batch. `done` and `refused` are ids that the answer names; the others stay as they are."""

    action: Literal["settle", "again", "split", "alarm"]
    reason: str = ""
    after: float | None = None
    done: frozenset[str] = frozenset()
    refused: dict[str, str] = field(default_factory=dict)


def judge(status: int, retry_after: str | None, body: bytes, ids: Sequence[str], now: datetime) -> Judgement:
    """The meaning of an answer to a POST of notices with these ids. Only what the answer lists is settled."""
    if status in _AGAIN or status >= 500 or 300 <= status < 400:
        return Judgement("again", f"HTTP {status}", asked_for(retry_after, now))
    if status in _REFUSED_US:
        return Judgement("alarm", f"HTTP {status}: {_detail(body)}", ALARM_SECONDS)
    done, refused = _listed(body, ids)
    if done or refused:
        return Judgement("settle", f"HTTP {status}", done=done, refused=refused)
    if status in _REFUSED_BATCH:
        return _refused_batch(status, f"HTTP {status}: {_detail(body)}", ids)
    return Judgement("again", f"HTTP {status} without results for our notices")


def _refused_batch(status: int, reason: str, ids: Sequence[str]) -> Judgement:
    if len(ids) > 1:
        return Judgement("split", reason)
    if status == _HAVE_IT:
        return Judgement("settle", reason, done=frozenset(ids))
    return Judgement("settle", reason, refused={ids[0]: reason})


def backoff(attempt: int, random: Random) -> float:
    """Seconds before try `attempt` + 1: full jitter below a doubling limit."""
    limit = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt, 16))
    return random.uniform(FIRST_SECONDS, max(limit, FIRST_SECONDS))


def asked_for(retry_after: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number or a date; None when it makes no sense."""
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        seconds = _until(retry_after, now)
    return min(seconds, _LONGEST_ASKED) if math.isfinite(seconds) and seconds >= 0 else None


def _until(text: str, now: datetime) -> float:
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return math.nan
    return ((then if then.tzinfo else then.replace(tzinfo=UTC)) - now).total_seconds()


def _listed(body: bytes, ids: Sequence[str]) -> tuple[frozenset[str], dict[str, str]]:
    found = _object(body).get("results")
    results = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    ours = set(ids)
    done = frozenset(str(item["id"]) for item in results if item.get("status") in _DONE and item.get("id") in ours)
    refused = {
        str(item["id"]): f"{item['status']}: {json.dumps(item.get('errors', []))}"
        for item in results
        if item.get("status") in _NEVER and item.get("id") in ours and item["id"] not in done
    }
    return done, refused


def _detail(body: bytes) -> str:
    problem = _object(body)
    return str(problem.get("detail") or problem.get("title") or body[:200].decode(errors="replace"))


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
