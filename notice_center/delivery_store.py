"""SQL of deliveries: what was decided for one person, on every channel, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from notice_center.decide import Verdict
from notice_center.directory import PANEL
from notice_center.paging import cut
from notice_center.tables import decision, notice


@dataclass(frozen=True)
class Deliveries:
    """Which of a person's deliveries; None: whatever it is."""

    recipient: str
    verdict: Verdict | None = None
    channel: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One decision, with what it was about. `message`: the id of what was handed over."""

    number: int
    at: datetime
    notice: str
    title: str
    alert: str
    key: str | None
    severity: str
    config: str | None
    channel: str
    round: int
    address: str | None
    verdict: str
    reason: str
    message: str | None


def page(
    connection: Connection, chosen: Deliveries, before: int | None, limit: int
) -> tuple[Sequence[Delivery], int | None]:
    """Up to `limit` of them, and the cursor of the next page. What only went into the inbox is no delivery."""
    about = (notice.c.id.label("notice"), *(notice.c[name] for name in ("title", "alert", "key", "severity")))
    own = (decision.c[name] for name in _OF_DECISION)
    found = select(decision.c.id.label("number"), *about, *own).join(notice, notice.c.number == decision.c.notice)
    found = found.where(decision.c.recipient == chosen.recipient, decision.c.channel != PANEL)
    equal: dict[str, Any] = {"verdict": chosen.verdict, "channel": chosen.channel}
    found = found.where(*(decision.c[name] == value for name, value in equal.items() if value is not None))
    if before is not None:
        found = found.where(decision.c.id < before)
    rows = connection.execute(found.order_by(decision.c.id.desc()).limit(limit + 1))
    return cut([Delivery(**row._mapping) for row in rows], limit, lambda one: one.number, None)


_OF_DECISION = ("at", "config", "channel", "round", "address", "verdict", "reason", "message")
