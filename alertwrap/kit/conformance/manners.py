"""Rows about manners: configs, heartbeats, stderr, secrets."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from alertwrap.kit.conformance.bare import bare
from alertwrap.kit.conformance.bench import UNREAD_LINES, Bench, Finding, failed, passed, skipped, too_late
from alertwrap.kit.conformance.strangers import PING, PingFeed
from alertwrap.kit.session import FINE_ENDS, Session
from alertwrap.kit.subject import refused
from alertwrap.manifest import metric_schema
from alertwrap.process.stderr_log import BURST, LINES_A_SECOND

VERDICT_SECONDS, PONG_SECONDS = 10.0, 5.0
#: A person who reads why a config was refused gives up after so many lines.
_CLEAR_LINES = 5
_KEEPS = f"the log keeps {LINES_A_SECOND:.0f} a second and counts the rest"
_LOOK_SECONDS = 0.01


def c12_refuses_a_bad_config(bench: Bench) -> Finding:
    manifest = bench.subject.manifest
    if manifest.stdin == "none":
        return skipped("it reads no config")
    bad = [_spoilt(config, metric_schema(manifest)) for config in bench.subject.configs]
    if not any(config["metric"] for config in bad):
        return skipped("no metric to spoil; give it --configs, or a metric_schema with defaults")
    if refused(bench.subject, bad):
        return passed("the wrapper refuses it by its schema")
    with bench.session(replace(bench.subject, configs=tuple(bad))) as run:
        run.wait(lambda: run.ends() or _verdicts(run), min(bench.patience, 2.0))
        run.quiet(0.3, bench.patience)
        ended, errors = run.ends(), [line for line in run.of("err") if line.strip()]
        if any(message["type"] == "config_error" for message in _verdicts(run)):
            return passed("config_error")
    if ended and ended[0] not in FINE_ENDS:
        return _refusal(ended[0], errors, bad[0]["metric"])
    return skipped("it went on; a metric_schema would refuse such a config for it")


def _refusal(end: str, errors: list[str], metric: dict[str, Any]) -> Finding:
    if end != "exit code 78":
        return failed(f"with {metric!r} it ended with {end}, a crash: it would be tried for ever")
    clear = 1 <= len(errors) <= _CLEAR_LINES
    return passed("exit 78") if clear else failed(f"exit 78 with {len(errors)} lines on stderr; one clear one is best")


def _verdicts(run: Session) -> list[dict[str, Any]]:
    return [message for message in run.out() if message.get("type") in ("config_ok", "config_error")]


def _spoilt(config: dict[str, Any], schema: dict[str, Any] | None) -> dict[str, Any]:
    """Every value of another kind than it should be."""
    known = (schema or {}).get("properties", {})
    names = {*config["metric"], *known}
    return {**config, "metric": {name: _other(config["metric"].get(name, known.get(name, {}))) for name in names}}


def _other(value: Any) -> Any:
    return {"not": "a text"} if isinstance(value, str) else "not a number"


def c18_config_verdict(bench: Bench) -> Finding:
    if not bench.baseline.features & {"verdict"}:
        return skipped("it does not promise verdicts in `hello`")
    with bench.session() as run:
        bench.settle(run)
        count = len(_verdicts(run))
        run.notifier.configure([{**config, "revision": 2} for config in bench.subject.configs])
        if run.wait(lambda: len(_verdicts(run)) > count, VERDICT_SECONDS):
            return passed()
        return too_late(f"a new config, and no config_ok or config_error within {VERDICT_SECONDS:.0f} s", run.pid)


def c19_heartbeat(bench: Bench) -> Finding:
    if not bench.baseline.features & {"ping"}:
        return skipped("it does not ask for pings in `hello`")
    with bench.session(feed=PingFeed) as run:
        if run.wait(lambda: any(map(_answers, run.out())), PONG_SECONDS):
            return passed()
        wrong = [message for message in run.out() if message.get("type") == "pong"]
        if wrong:
            return failed(f"the ping had seq {PING}, its pong {wrong[0].get('seq')!r}")
        return too_late(f"it asked for pings, and did not answer one within {PONG_SECONDS:.0f} s", run.pid)


def _answers(message: dict[str, Any]) -> bool:
    return message.get("type") == "heartbeat" or (message.get("type") == "pong" and message.get("seq") == PING)


def c22_stderr(bench: Bench) -> Finding:
    count = len(bench.baseline.errors)
    if count > BURST:
        return failed(f"{count} lines on stderr in a few seconds; {_KEEPS}")
    if bench.streams:
        flood = bench.flood
        if flood.errors > BURST + LINES_A_SECOND * flood.seconds:
            return failed(f"{flood.errors} lines on stderr for {UNREAD_LINES} that it was told; {_KEEPS}")
    if not bench.baseline.spoke:
        return passed()
    with bare(bench, deaf={"stderr"}) as run:
        run.wait(lambda: run.printed() or run.log_is_full, bench.longer)
        if run.wait(run.printed, bench.patience):
            return passed()
        seen = "while nobody read its stderr it said nothing on stdout"
        full = run.log_is_full
        return failed(f"{seen}: the log stands in its way") if full else too_late(seen, run.child.pid)


def c24_keeps_secrets(bench: Bench) -> Finding:
    canaries = list(bench.secrets.values())
    if not canaries:
        return skipped("it has no secrets")
    places: set[str] = set()
    with bench.session() as run:
        looking = threading.Event()
        looker = threading.Thread(target=_look, args=(run, canaries, places, looking), daemon=True)
        looker.start()
        bench.settle(run)
        looking.set()
        looker.join()
    places |= {{"out": "stdout", "err": "stderr"}[seen.dir] for seen in run.seen if seen.dir in ("out", "err")
               and any(canary in seen.line for canary in canaries)}  # fmt: skip
    return failed(f"a secret stands in {', '.join(sorted(places))}") if places else passed()


def _look(run: Session, canaries: list[str], places: set[str], stop: threading.Event) -> None:
    """Into the command line and environment of the alert and all that it starts, again and again."""
    needles = [canary.encode() for canary in canaries]
    while not stop.wait(_LOOK_SECONDS):
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                if run.pid is None or os.getsid(int(entry.name)) != run.pid:
                    continue
                for file, place in (("cmdline", "a command line"), ("environ", "an environment")):
                    data = (entry / file).read_bytes()
                    if any(needle in data for needle in needles):
                        places.add(place)
