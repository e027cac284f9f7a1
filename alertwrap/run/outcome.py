"""What the end of a run means: by its exit code, by what the alert said of its end, by who ended it."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping

from alertwrap.run.conversation import Trouble
from alertwrap.run.one_run import Ending
from alertwrap.run.supervision import Event, What, meaning

#: What it means that we ended it; `given_up` was the alert's own wish, and is judged as such.
_ENDED_BY_US: Mapping[Ending, What] = {
    "stop": "stopped", "restart": "restart", "hold": "hold", "operator": "operator",
}  # fmt: skip


def outcome(ending: Ending | None, code: int | None, trouble: Trouble | None, stderr: str) -> Event:
    """The event for the table. `code` is None when even SIGKILL did not help."""
    now, said = time.monotonic(), how(code)
    if ending is not None and ending in _ENDED_BY_US:
        return Event(_ENDED_BY_US[ending], now, said)
    if trouble is not None and trouble.for_good:
        return Event("given_up", now, trouble.detail, stderr)
    retry_in = trouble.retry_in if trouble else None
    what: What = "crashed" if code is None else meaning(code)
    if what == "crashed" and retry_in is not None:
        what = "try_again"
    return Event(what, now, said, stderr, retry_in)


def how(code: int | None) -> str:
    """An exit code in words."""
    if code is None:
        return "could not be killed"
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
