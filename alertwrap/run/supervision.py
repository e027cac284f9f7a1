"""What happens to an alert next: a table of event → action, pure. Clock and chance are arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from alertwrap.run.operational import Kind
from alertwrap.run.timing import Policy

State = Literal["STARTING", "RUNNING", "BACKOFF", "CRASH_LOOP", "HELD", "COMPLETED", "STOPPING", "STOPPED"]
What = Literal[
    "started", "stable", "completed", "try_again", "config_wrong", "given_up", "cannot_run", "crashed", "restart",
    "changed", "reminder", "hold", "operator", "stop", "stopped",
]  # fmt: skip

#: Why an alert is started, as line 1 tells it.
Reason = Literal["first", "crash", "config", "deploy", "schedule", "entity", "operator"]

#: Exit codes with a meaning (sysexits.h and POSIX shells); every other code and every signal is a crash.
_MEANINGS: Mapping[int, What] = {
    0: "completed", 75: "try_again", 78: "config_wrong", 126: "cannot_run", 127: "cannot_run",
}  # fmt: skip
#: The stderr that goes with a notice: what fits on a screen.
_TAIL_SHOWN = 2_000


@dataclass(frozen=True)
class Situation:
    """Where the alert stands. `crashes` are the times of the recent ones; `alarmed`: people know of trouble.

    `operator`: a person holds it, and only a person starts it again.
    """

    state: State = "STARTING"
    crashes: tuple[float, ...] = ()
    failures: int = 0
    alarmed: bool = False
    operator: bool = False


@dataclass(frozen=True)
class Event:
    """Something happened at `at` (monotonic). `detail` is for people: the exit, the reason, the end of stderr.

    `retry_in`: the alert itself said how long to wait.
    """

    what: What
    at: float
    detail: str = ""
    stderr: str = ""
    retry_in: float | None = None


@dataclass(frozen=True)
class Word:
    """An operational notice to send; `{alert}` in the title becomes the name."""

    kind: Kind
    title: str
    message: str = ""
    resolved: bool = False


@dataclass(frozen=True)
class Step:
    """The answer: the new situation, seconds until a start (None: only when something changes), what to say."""

    situation: Situation
    start_in: float | None = None
    word: Word | None = None
    remind_in: float | None = None


def meaning(code: int) -> What:
    """What an exit code says; signals are negative."""
    return _MEANINGS.get(code, "crashed")


def reason_after(what: What) -> Reason:
    """Why an alert is started again when nothing but the clock made it so."""
    reasons: Mapping[What, Reason] = {"crashed": "crash", "restart": "config", "operator": "operator"}
    return reasons.get(what, "schedule")


def decide(situation: Situation, event: Event, policy: Policy, random: Random, interval: float | None = None) -> Step:
    """The next step. `interval`: the alert is run again this long after it completed."""
    if situation.state in ("STOPPING", "STOPPED"):
        return Step(replace(situation, state="STOPPED" if event.what != "stop" else "STOPPING"))
    return TABLE[event.what](situation, event, policy, random, interval)


def _started(now: Situation, _: Event, policy: Policy, __: Random, ___: float | None) -> Step:
    return Step(replace(now, state="RUNNING"))


def _stable(now: Situation, _: Event, __: Policy, ___: Random, ____: float | None) -> Step:
    return Step(Situation("RUNNING"), word=_recovered(now))


def _completed(now: Situation, event: Event, policy: Policy, _: Random, interval: float | None) -> Step:
    return Step(Situation("COMPLETED"), interval, _recovered(now))


def _try_again(now: Situation, event: Event, policy: Policy, __: Random, ___: float | None) -> Step:
    return Step(replace(now, state="BACKOFF"), policy.try_again if event.retry_in is None else event.retry_in)


def _held(now: Situation, event: Event, policy: Policy, _: Random, __: float | None) -> Step:
    word = Word("held", "{alert} says that its config is wrong; it waits until that changes", _tail(event))
    return Step(Situation("HELD", alarmed=True), None, word, policy.reminder)


def _given_up(now: Situation, event: Event, policy: Policy, _: Random, __: float | None) -> Step:
    word = Word("held", "{alert} says that it cannot go on; it waits until something changes", _tail(event))
    return Step(Situation("HELD", alarmed=True), None, word, policy.reminder)


def _hold(now: Situation, _: Event, __: Policy, ___: Random, ____: float | None) -> Step:
    """Whoever holds it knows, so that nobody else need be told."""
    return Step(Situation("HELD", operator=True), word=_recovered(now))


def _operator(now: Situation, _: Event, __: Policy, ___: Random, ____: float | None) -> Step:
    return Step(replace(now, state="STARTING", operator=False), 0.0)


def _reminder(now: Situation, event: Event, policy: Policy, _: Random, __: float | None) -> Step:
    word = Word("held", "{alert} still waits for a right config", event.detail)
    return Step(now, None, word, policy.reminder)


def _cannot_run(now: Situation, event: Event, policy: Policy, _: Random, __: float | None) -> Step:
    word = None if now.alarmed else Word("alert_down", "{alert} cannot be run", _tail(event))
    return Step(replace(now, state="BACKOFF", alarmed=True), policy.cannot_run_retry, word)


def _crashed(now: Situation, event: Event, policy: Policy, random: Random, _: float | None) -> Step:
    crashes = (*(at for at in now.crashes if event.at - at < policy.loop_window), event.at)[-policy.loop_crashes :]
    failures = now.failures + 1
    if now.state == "CRASH_LOOP" or len(crashes) >= policy.loop_crashes or (now.alarmed and now.failures):
        title = f"{{alert}} keeps crashing: {len(crashes)} times in {policy.loop_window / 60:.0f} minutes"
        word = None if now.alarmed else Word("crash_loop", title, _tail(event))
        return Step(Situation("CRASH_LOOP", crashes, failures, alarmed=True), policy.loop_retry, word)
    limit = min(policy.longest_backoff, policy.first_backoff * 2.0 ** min(now.failures, 16))
    return Step(Situation("BACKOFF", crashes, failures, now.alarmed), random.uniform(0, limit))


def _restart(now: Situation, _: Event, __: Policy, ___: Random, ____: float | None) -> Step:
    return Step(replace(now, state="STARTING"), 0.0)


def _changed(now: Situation, _: Event, policy: Policy, __: Random, ___: float | None) -> Step:
    """Config, entity or program changed while it does not run: a reason to try at once where waiting had no end."""
    if now.operator:
        return Step(now)
    delay = {"COMPLETED": policy.completed_gap, "HELD": 0.0, "CRASH_LOOP": 0.0, "BACKOFF": 0.0}.get(now.state)
    return Step(now, delay)


def _stop(now: Situation, _: Event, __: Policy, ___: Random, ____: float | None) -> Step:
    return Step(replace(now, state="STOPPING"))


def _stopped(now: Situation, _: Event, __: Policy, ___: Random, ____: float | None) -> Step:
    return Step(replace(now, state="STOPPED"))


def _recovered(now: Situation) -> Word | None:
    return Word("recovered", "{alert} runs again", resolved=True) if now.alarmed else None


def _tail(event: Event) -> str:
    tail = event.stderr[-_TAIL_SHOWN:].strip()
    return f"{event.detail}\n\n```\n{tail}\n```" if tail else event.detail


TABLE: Mapping[What, Callable[[Situation, Event, Policy, Random, float | None], Step]] = {
    "started": _started,
    "stable": _stable,
    "completed": _completed,
    "try_again": _try_again,
    "config_wrong": _held,
    "given_up": _given_up,
    "hold": _hold,
    "operator": _operator,
    "reminder": _reminder,
    "cannot_run": _cannot_run,
    "crashed": _crashed,
    "restart": _restart,
    "changed": _changed,
    "stop": _stop,
    "stopped": _stopped,
}
