"""Rows about what must survive a crash: ids, checkpoints, acknowledgements."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
from collections import Counter
from typing import Any

from alertwrap.kit.conformance.bench import QUIET_SECONDS, Bench, Finding, failed, identities, passed, skipped
from alertwrap.kit.session import is_notice

#: Checkpoints that are tried; the first ones tell as much as all.
_CHECKPOINTS = 3


def c15_survives_a_kill(bench: Bench) -> Finding:
    before = [message for message in bench.baseline.messages if is_notice(message)]
    if not before:
        return skipped("it said nothing that could be lost")
    if c16_state_after_what_it_covers(bench).verdict == "fail":
        return skipped("see C16")
    with bench.session() as run:
        if not run.wait(run.arrived, bench.longer) or run.pid is None:
            return skipped("it ends by itself")
        with contextlib.suppress(ProcessLookupError):
            os.kill(run.pid, signal.SIGKILL)
        run.wait(lambda: run.starts() > 1, bench.longer)
        run.wait(lambda: identities(before) <= identities(run.out()), bench.longer)
        run.quiet(QUIET_SECONDS, bench.patience)
        after = [message for message in run.out() if is_notice(message)]
    lost = sorted(identities(before) - identities(after))
    if lost:
        return failed(f"after kill -9 and a new start it never said {lost[0][0]!r}")
    changed = _changed_ids(before, after)
    return failed(f"after kill -9 it said {changed!r} again under another id") if changed else passed()


def _changed_ids(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> str | None:
    """The title of what was said with two ids; things said often in one run tell nothing."""
    often = Counter(_content(message) for message in before)
    ids: dict[str, set[str]] = {}
    for message in (*before, *after):
        if message.get("id") and often[_content(message)] == 1:
            ids.setdefault(_content(message), set()).add(str(message["id"]))
    return next((json.loads(content).get("title", content) for content, known in ids.items() if len(known) > 1), None)


def _content(message: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in message.items() if name not in ("id", "seq")}, sort_keys=True)


def c16_state_after_what_it_covers(bench: Bench) -> Finding:
    printed = bench.baseline.messages
    places = [place for place, message in enumerate(printed) if message.get("type") == "state"]
    if not places:
        return skipped("it keeps no state")
    whole = identities(printed)
    for place in places[:_CHECKPOINTS]:
        with bench.session(state=_state(printed[: place + 1])) as run:
            bench.settle(run)
            said = identities(printed[: place + 1]) | identities(run.out())
        lost = sorted(whole - said)
        if lost:
            return failed(f"started from a state that it had printed, it never said {lost[0][0]!r}")
    return passed()


def _state(printed: list[dict[str, Any]]) -> Any:
    """The state that these lines leave behind."""
    state: Any = None
    for message in printed:
        if message.get("type") != "state":
            continue
        if "key" not in message:
            state = message.get("value")
            continue
        state = {**(state if isinstance(state, dict) else {}), str(message["key"]): message.get("value")}
        state = {name: value for name, value in state.items() if value is not None}
    return state


def c20_acknowledgements(bench: Bench) -> Finding:
    if not bench.baseline.features & {"ack", "delivered"}:
        return skipped("it does not ask for acks in `hello`")
    numbers = [message.get("seq") for message in bench.baseline.messages if is_notice(message)]
    if not numbers:
        return skipped("it said nothing to acknowledge")
    whole = [number for number in numbers if isinstance(number, int)]
    if len(whole) < len(numbers):
        return failed("it asks for acks, and not every notice has a `seq`")
    if any(later <= earlier for earlier, later in itertools.pairwise(whole)):
        return failed(f"its `seq` does not grow: {whole[:10]}")
    return passed()
