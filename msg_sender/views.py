"""Rows as the API shows them: the one place that knows both the columns and the JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service_kit.secrets import mask
from wire.times import rfc3339


def summary(row: Mapping[str, Any]) -> dict[str, Any]:
    """A message without its text. An address may be a URL with a credential in it, and is masked."""
    body = json.loads(row["body"])
    waits = row["status"] == "pending"
    shown = {
        "id": row["id"], "channel": row["channel"], "to": mask(row["address"]), "notice": row["notice"],
        "title": body["title"], "severity": body["severity"], "status": row["status"], "reason": row["reason"],
        "attempt_count": row["attempts"], "accepted_at": rfc3339(row["accepted_at"]),
        "due_at": _time(row["due_at"]) if waits else None, "finished_at": _time(row["finished_at"]),
    }  # fmt: skip
    return {**shown, **({"attempts": [attempt(one) for one in row["tries"]]} if "tries" in row else {})}


def whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """A message with its text and its attempts."""
    body = json.loads(row["body"])
    rest = {name: value for name, value in body.items() if name not in ("to", "id")}
    return {**rest, **summary(row)}


def attempt(row: Mapping[str, Any]) -> dict[str, Any]:
    """One try. `outcome` "lost" means that we stopped before the answer was recorded."""
    return {
        "started_at": rfc3339(row["started_at"]), "finished_at": _time(row["finished_at"]), "outcome": row["outcome"],
        "error": row["error"], "answer": row["answer"], "reference": row["reference"],
    }  # fmt: skip


def _time(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
