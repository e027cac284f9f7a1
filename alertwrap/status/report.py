"""How an alert is doing, in one value: for `alertwrap ps`, for the status API, for the topic `alertwrap.alert`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from alertwrap.manifest import Manifest
from alertwrap.run.supervision import Situation, State
from alertwrap.spool.spool import Spool
from alertwrap.status.health import Health
from alertwrap.stdin.config_book import ConfigBook
from wire.times import rfc3339


@dataclass(frozen=True)
class Report:
    """`since`: the state has lasted since then. `queue`: notices on their way. `refused`: configs that are not used."""

    alert: str
    state: State
    since: str
    held_by_operator: bool
    starts: int
    pid: int | None
    notices: int
    repeated: int
    malformed: int
    ignored: int
    last_notice_at: str | None
    queue: int
    spool_used: float
    status: str
    progress: float | None
    program: str
    configs: int
    refused: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def describe(
    manifest: Manifest, situation: Situation, since: datetime, starts: int, pid: int | None, health: Health,
    spool: Spool, book: ConfigBook,
) -> Report:  # fmt: skip
    last = health.last_notice_at
    return Report(
        alert=manifest.name, state=situation.state, since=rfc3339(since), held_by_operator=situation.operator,
        starts=starts, pid=pid, notices=health.notices, repeated=health.repeated, malformed=health.malformed,
        ignored=health.ignored, last_notice_at=None if last is None else rfc3339(last), queue=spool.pending_count,
        spool_used=round(spool.used(), 4), status=health.status, progress=health.progress, program=health.program,
        configs=len(book.current), refused=book.refused,
    )  # fmt: skip
