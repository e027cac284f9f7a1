"""The forwarder: claims steps that are due, decides, hands messages over, and records what it decided.

A crash between claim and finish leaves the step to the next claim once its lease lapsed. Messages have ids that
follow from what they are, so handing one over twice sends it once. While the message sender is away nothing is lost and
nothing decided: the steps come back, with growing pauses, for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from pydantic import ValidationError

from msg_sender.client import HandOverFailed, Refused
from notice_center import step_store
from notice_center.compose import compose
from notice_center.decide import Decision, Situation, Step, decide
from notice_center.directory import Directories
from notice_center.step_store import Claims, Finished
from service_kit.database import Database
from service_kit.faults import faultpoint
from wire.config import Config
from wire.message import Message

log = structlog.get_logger()

#: Longer than a hand-over takes; after it someone else may claim.
LEASE = timedelta(seconds=30)
#: Steps in one claim: a second's work.
_CLAIM = 100
#: Steps that one transaction moves when a config was changed.
_MOVED = 500
#: Another process may have added steps: look this often without a hint.
_POLL_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
#: A step that cannot even be decided or composed is skipped after so many claims.
_TRIES = 5


class Sender(Protocol):
    """What is needed of the message sender. Raises HandOverFailed."""

    async def hand_over(self, messages: Sequence[Message]) -> None: ...


@dataclass
class Plan:
    """What one claim comes to: steps with their decisions, the messages to hand over, and steps that went wrong."""

    done: list[Finished] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    wrong: list[Step] = field(default_factory=list)


class Forwarder:
    """`run` for ever; `wake` says that there may be a new step. `chance` answers a number from 0 to 1."""

    def __init__(
        self, database: Database, directories: Directories, sender: Sender, chance: Callable[[], float]
    ) -> None:
        self._database = database
        self._directories = directories
        self._sender = sender
        self._chance = chance
        self._hint = asyncio.Event()
        self._heeded: Mapping[str, Config] = {}

    def wake(self) -> None:
        """There may be a step that is due sooner than any other, or a config that wants it so."""
        self._hint.set()

    async def run(self) -> None:
        """Forward what is due, sleep until the next is; cancel to stop."""
        while True:
            self._hint.clear()  # before looking: a hint during the look must not be lost
            try:
                claimed = 0 if self._directories.missing else await self.forward_once()
            except Exception as error:
                log.exception("forwarding failed and goes on", error=str(error))
                await asyncio.sleep(_FIRST_PAUSE)
                continue
            if not claimed:
                await self._sleep()

    async def forward_once(self) -> int:
        """One claim; returns how many steps it held."""
        now = await self._database.now()
        await self._heed_configs(now)
        lapse = time.monotonic() + LEASE.total_seconds()
        claims = await self._database.write(step_store.claim, now, LEASE, _CLAIM)
        if claims.steps:
            faultpoint("forward.claimed")
            await self._carry_out(plan(claims, self._directories, now), lapse)
        return len(claims.steps)

    async def _heed_configs(self, now: datetime) -> None:
        """What was changed since the last look moves steps. A config that is gone moves none: it may come back."""
        configs = self._directories.now.configs
        if configs is not self._heeded:
            changed = {name: config for name, config in configs.items() if self._heeded.get(name) != config}
            moved = await self._database.read(step_store.sooner, changed, now) if changed else []
            for start in range(0, len(moved), _MOVED):
                await self._database.write(step_store.bring_forward, moved[start : start + _MOVED])
            self._heeded = configs

    async def _carry_out(self, planned: Plan, lapse: float) -> None:
        """Hand over, then record. Past the lease somebody else does it: the read state may be another by now."""
        if time.monotonic() >= lapse:
            log.warning("a claim lapsed before it was handed over", steps=len(planned.done))
            return
        done = planned.done
        try:
            if planned.messages:
                await self._sender.hand_over(planned.messages)
        except Refused as refused:
            done = [_without(one, refused) for one in done]
        except (HandOverFailed, OSError) as error:
            log.warning("messages wait: the message sender does not take them", error=str(error))
            await self._back_off([one.step for one in done], str(error))
            done = []
        faultpoint("forward.handed_over")
        await self._back_off(planned.wrong, "could not be decided")
        await self._database.write(step_store.finish, done, await self._database.now())
        faultpoint("forward.finished")

    async def _back_off(self, steps: Sequence[Step], error: str) -> None:
        if steps:
            now = await self._database.now()
            again = [(one, now + pause(one.tries, self._chance())) for one in steps]
            await self._database.write(step_store.back_off, again, error[:500])

    async def _sleep(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(await self._until_next()):
                await self._hint.wait()

    async def _until_next(self) -> float:
        try:
            at = await self._database.read(step_store.next_wake)
            now = await self._database.now()
        except Exception as error:
            log.warning("forwarding waits for the storage", error=str(error))
            return _FIRST_PAUSE
        least = _FIRST_PAUSE if self._directories.missing else 0.001
        return _POLL_SECONDS if at is None else min(_POLL_SECONDS, max(least, (at - now).total_seconds()))


def plan(claims: Claims, directories: Directories, now: datetime) -> Plan:
    """Decide each claimed step, in order: what one sends, the next one knows."""
    planned = Plan()
    for step in claims.steps:
        sent = claims.sent.setdefault((step.notice, step.round, step.channel), set())
        situation = Situation(
            step, claims.notices[step.notice], claims.entries[step.notice], directories.now, sent, now
        )
        try:
            _plan_one(planned, situation)
        except Exception as error:
            log.exception("a step cannot be decided", step=step.id, error=str(error))
            if step.tries < _TRIES:
                planned.wrong.append(step)
            else:
                planned.done.append(Finished(step, (Decision("skip", "failed"),), {}))
            continue
        sent.update(each.address for each in planned.done[-1].decisions if each.verdict == "send" and each.address)
    return planned


def pause(tries: int, chance: float) -> timedelta:
    """Growing, with jitter, so that what waited together does not come back together."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(tries, 16))
    return timedelta(seconds=longest * (0.5 + chance / 2))


def _plan_one(planned: Plan, situation: Situation) -> None:
    decided = [_composed(situation, each) for each in decide(situation)]
    messages = [message for _, message in decided if message]
    config = situation.directory.configs.get(situation.step.config)
    ids = {one.to: str(one.id) for one in messages}
    decisions = tuple(decision for decision, _ in decided)
    planned.done.append(Finished(situation.step, decisions, ids, config.revision if config else None))
    planned.messages += messages


def _composed(situation: Situation, decision: Decision) -> tuple[Decision, Message | None]:
    """A receiver to whom no message can go costs the others of the step nothing."""
    if decision.verdict != "send":
        return decision, None
    try:
        return decision, compose(situation, decision)
    except ValidationError as error:
        fields = [".".join(map(str, one["loc"])) for one in error.errors()]  # not the values: one may be a secret
        log.warning("a message cannot be composed", notice=situation.notice.id, fields=fields)
        return replace(decision, verdict="skip", reason="failed"), None


def _without(one: Finished, refused: Refused) -> Finished:
    """The decisions after some messages were refused. A conflict is no refusal: an earlier wording was taken before."""
    never = {result["id"] for result in refused.results if result["status"] != "conflict"}
    if never.isdisjoint(one.message_ids.values()):
        return one
    bad = {address for address, message in one.message_ids.items() if message in never}
    decisions = tuple(
        replace(each, verdict="skip", reason="refused") if each.verdict == "send" and each.address in bad else each
        for each in one.decisions
    )
    return replace(one, decisions=decisions)
