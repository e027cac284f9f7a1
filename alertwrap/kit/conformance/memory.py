"""Rows about what must survive a crash: ids, checkpoints, acknowledgements."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from alertwrap.kit.conformance.bare import Bare, bare
from alertwrap.kit.conformance.bench import QUIET_SECONDS, Bench, Finding, failed, identities, passed, skipped, too_late
from alertwrap.kit.printed import is_notice, messages, object_of
from alertwrap.run.outcome import how

#: Checkpoints that are tried; the first ones tell as much as all.
_CHECKPOINTS = 3
#: No promise says how soon an ack comes.
_LATE_SECONDS = 1.5
#: What acks of our own carry beyond the number.
_AT = "2026-01-01T00:00:00Z"
_MORE: dict[str, dict[str, Any]] = {"ack": {}, "delivered": {"rejected": []}}


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
            return too_late(f"after kill -9 and a new start it never said {lost[0][0]!r}", run.pid)
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
    return bench.once("C16", lambda: _from_its_checkpoints(bench))


def _from_its_checkpoints(bench: Bench) -> Finding:
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
    notices = [message for message in bench.baseline.messages if is_notice(message)]
    if not notices:
        return skipped("it said nothing to acknowledge")
    if any(not isinstance(message.get("seq"), int) for message in notices):
        return failed("it asks for acks, and not every notice has a `seq`")
    numbers = _numbers(bench.baseline.messages)
    if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
        return failed(f"its `seq` does not grow: {numbers[:10]}")
    return _without_acks(bench)


def _without_acks(bench: Bench) -> Finding:
    """Killed before the first ack, it must say all of it again; and one late ack for many must do."""
    told = [line for line in bench.baseline.told if (object_of(line) or {}).get("type") not in ("ack", "delivered")]
    with tempfile.TemporaryDirectory(prefix="alertwrap-") as directory:
        with bare(bench, told=told, place=Path(directory)) as run:
            run.settle(bench)
            first = identities(_said(run))
        with bare(bench, told=told, place=Path(directory)) as run:
            run.settle(bench)
            lost = sorted(first - identities(_said(run)))
            if lost:
                return failed(f"killed before the first ack, it never said {lost[0][0]!r} again: it took it for safe")
            run.wait(lambda: False, _LATE_SECONDS)
            _acknowledge(bench, run)
            ended, whole = run.child.exit_code(), identities(_said(run))
    if ended:
        return failed(f"it ended with {how(ended)} when acks came late")
    lost = sorted(identities(bench.baseline.messages) - whole)
    return failed(f"one ack came for several, and it never said {lost[0][0]!r}") if lost else passed()


def _acknowledge(bench: Bench, run: Bare) -> None:
    """Each time that it falls silent, one ack for all that it has said since the last."""
    acked = 0
    while (highest := max(_numbers(_said(run)), default=0)) > acked:
        acked = highest
        kinds = sorted(bench.baseline.features & {"ack", "delivered"})
        run.tell([json.dumps({"type": kind, "at": _AT, "seq": acked, **_MORE[kind]}) for kind in kinds])
        run.settle(bench)


def _numbers(messages: list[dict[str, Any]]) -> list[int]:
    """What an ack may speak of; a heartbeat has numbers of its own."""
    counted = [message for message in messages if is_notice(message) or message["type"] in ("state", "reply")]
    return [message["seq"] for message in counted if isinstance(message.get("seq"), int)]


def _said(run: Bare) -> list[dict[str, Any]]:
    return messages(run.printed())
