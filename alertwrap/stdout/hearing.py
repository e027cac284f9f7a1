"""What the lines of one run mean: entries for the spool, words for the log, and facts for the conversation."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alertwrap.instruments import Tap, deaf
from alertwrap.log import Log
from alertwrap.process.stderr_log import BURST, LINES_A_SECOND, Allowance, StderrLog
from alertwrap.run.conversation import Conversation
from alertwrap.run.operational import Operational
from alertwrap.spool.entries import Accepted, Burial, Emission, Entry, Letter, StateChange
from alertwrap.spool.memory import STATE_BYTES
from alertwrap.spool.spool import Spool
from alertwrap.status.health import Health
from alertwrap.stdout import emission
from alertwrap.stdout.json_line import Message
from alertwrap.stdout.protocol import Event, Malformed

#: Unreadable lines forwarded one by one; beyond that they are counted and kept as dead letters.
_MALFORMED_A_SECOND, _MALFORMED_BURST = 0.1, 10.0
#: Unknown types that are warned of, once each.
_TYPES_WARNED = 50


@dataclass(frozen=True)
class Ears:
    """What a run is heard with: names and places that outlive it. `directory` is where the alert works."""

    alert: str
    text: bool
    spool: Spool
    log: Log
    operational: Operational
    accepted: Callable[[], None]
    implied_config: Callable[[], str | None]
    health: Health
    find_answer: Callable[[str], dict[str, Any] | None]
    tap: Tap = deaf
    directory: Path = Path()


class Hearing:
    """`hear` each event; what is to be committed stands in `waiting` until `accepted` says that it was.

    `weight` is the size of its letters: a short line can name a large file.
    """

    def __init__(self, ears: Ears, conversation: Conversation) -> None:
        self.waiting: list[Entry] = []
        self.weight = 0
        self._ears = ears
        self._conversation = conversation
        self._seqs: list[int | None] = []
        self._highest: int | None = None
        self._states: list[int | None] = []
        self._texts = StderrLog(lambda line: ears.log.warning(line, source="stdout"))
        self._malformed = Allowance(_MALFORMED_A_SECOND, _MALFORMED_BURST)
        self._logged = Allowance(LINES_A_SECOND, BURST)
        self._unknown: set[str] = set()

    def hear(self, event: Event) -> None:
        if isinstance(event, Message):
            self._message(event)
        elif isinstance(event, Malformed):
            self._unreadable(event)
        else:
            self._texts.feed(event.text.encode(errors="replace") + b"\n", time.monotonic())

    def accepted(self, accepted: Accepted) -> None:
        """What was waiting is committed."""
        self.waiting, self.weight = [], 0
        seqs, self._seqs = self._seqs, []
        highest, self._highest = self._highest, None
        self._ears.health.accepted(accepted.new, accepted.repeated)
        self._conversation.accepted(accepted, seqs, highest)
        if accepted.repeated and self._conversation.wants("delivered"):  # of a repeat the courier has nothing to say
            self._conversation.settled(self._ears.spool.first_waiting())
        states, self._states = self._states, []
        for place in accepted.refused_states:
            self._refuse("state", {"seq": states[place]}, f"the whole state may take {STATE_BYTES} bytes", "/value")
        if len(states) > len(accepted.refused_states):
            self._conversation.settle(None, "state")

    def end(self) -> None:
        """The output has ended."""
        self._texts.end(time.monotonic())
        self._tell_suppressed()

    def _message(self, message: Message) -> None:
        body = message.body
        kind = body.get("type") or "notice"
        if kind == "notice":
            self._notice(message)
        elif kind == "state":
            self._state(body)
        elif kind == "log":
            self._log(body)
        else:
            self._typed(str(kind)[:100], body)

    def _notice(self, message: Message) -> None:
        ears, body = self._ears, message.body
        seq = self._number(body) if "seq" in body else None
        found = emission.emission(message, ears.alert, ears.implied_config())
        self.waiting.append(found)
        self._seqs.append(seq)
        for field, why in found.flaws:
            self._conversation.reject(seq, _given(body), why, f"/{field}")

    def _state(self, body: dict[str, Any]) -> None:
        key = body.get("key")
        if "value" not in body:
            self._refuse("state", body, "expected a value", "/value")
            return
        self.waiting.append(StateChange(None if key is None else str(key), body["value"]))
        self._states.append(self._number(body))

    def _number(self, body: dict[str, Any]) -> int | None:
        """The number of a line that is going to be committed; None: the alert does not number."""
        seq = _seq(body)
        if seq is not None:
            self._highest = max(seq, self._highest or 0)
        return seq

    def _log(self, body: dict[str, Any]) -> None:
        if not self._logged.take(time.monotonic()):
            return
        self._tell_suppressed()
        fields = {str(key): value for key, value in body.items() if key not in ("type", "level", "msg")}
        self._ears.log.write(str(body.get("level", "info")), str(body.get("msg", "")), {**fields, "source": "alert"})

    def _tell_suppressed(self) -> None:
        suppressed = self._logged.forgive()
        if suppressed:
            self._ears.log.warning(f"… {suppressed} log lines suppressed", source="alert")

    def _typed(self, kind: str, body: dict[str, Any]) -> None:
        from alertwrap.stdout.talk import Refused, listen  # noqa: PLC0415 - most alerts print notices only

        try:
            found = listen(kind, body, self._conversation, self._ears)
        except Refused as refusal:
            self._refuse(kind, body, refusal.reason, refusal.path)
            return
        if isinstance(found, Letter):
            self.waiting.append(found)
            self.weight += len(found.body)
            self._number(body)
        elif not found:
            self._ignore(kind)

    def _refuse(self, kind: str, body: dict[str, Any], reason: str, path: str) -> None:
        self._ears.log.error(f"a {kind} line is refused", because=reason, path=path)
        self._conversation.reject(_seq(body), _given(body), reason, path)

    def _ignore(self, kind: str) -> None:
        """Whatever stands in `type` is never an error; it is counted, and warned of once."""
        self._ears.health.ignored += 1
        if kind not in self._unknown and len(self._unknown) < _TYPES_WARNED:
            self._unknown.add(kind)
            self._ears.log.warning("a line of an unknown type is ignored", type=kind)

    def _unreadable(self, event: Malformed) -> None:
        """Kept whole as a dead letter, and forwarded as a notice: people must hear that something was said."""
        ears = self._ears
        ears.health.malformed += 1
        raw = ears.log.masked(event.raw)
        self.waiting.append(Burial(event.reason, raw))
        self._conversation.reject(None, None, event.reason)
        if self._malformed.take(time.monotonic()):
            notice = emission.malformed(event.reason, raw, ears.alert, ears.implied_config())
            more = self._malformed.forgive()
            if more:
                notice["data"] = {"more_since_last": more}
            self.waiting.append(Emission(None, emission.dump(notice)))
            self._seqs.append(None)
        else:
            title = f"{ears.alert} prints so much that cannot be read that not all of it is forwarded"
            ears.operational.say("malformed", title, f"The newest is kept as dead letters. It began with: {raw[:200]}")


def _seq(body: dict[str, Any]) -> int | None:
    seq = body.get("seq")
    return seq if isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < 2**53 else None


def _given(body: dict[str, Any]) -> str | None:
    name = body.get("id")
    return None if name is None else str(name)[:200]
