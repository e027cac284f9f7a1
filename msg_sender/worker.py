"""The worker of one channel: claims what is due, sends it, writes down how it went. One for each channel, each with
its own bound, so that a dead channel holds up nobody else.

A crash after the provider's answer and before our record of it is the one place where a message goes out twice, both
times with the same id: the next worker finds the attempt unfinished and cannot know.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError

from msg_sender import retry, store
from msg_sender.channels.contract import Channel, Outgoing, Receipt, SendError
from msg_sender.lanes import Lanes
from msg_sender.predecessors import predecessors
from msg_sender.reason import Reason, because
from msg_sender.store import Claim, Outcome
from service_kit.database import Database
from service_kit.faults import faultpoint
from service_kit.problems import Unavailable

log = structlog.get_logger()

#: Who dies is replaced after at most this long; who lives prolongs the lease three times in it.
LEASE = timedelta(seconds=30)
#: Somebody else may have stored a message without waking us: look again this often.
_POLL_SECONDS = 2.0
#: One attempt, whatever the channel does inside.
SEND_SECONDS = 60.0
_STORAGE_PAUSE_SECONDS = 1.0
#: What is on the wire when we are told to stop may still be answered and recorded; later it would be sent again.
_DRAIN_SECONDS = 5.0


@dataclass(frozen=True)
class Bench:
    """What all workers of a process share. `clean` takes secrets and what a database cannot hold out of a text."""

    database: Database
    clean: Callable[[str], str]
    random: retry.Random
    count: Callable[[str, str], None]  # channel, outcome


class Worker:
    """`run` for ever; `wake` when something may be due."""

    def __init__(self, name: str, channel: Channel, limit: int, bench: Bench, lease: timedelta = LEASE) -> None:
        self._name = name
        self._channel = channel
        self._limit = limit
        self._bench = bench
        self._lease = lease
        self._hint = asyncio.Event()
        self._sending: dict[asyncio.Task[None], Claim] = {}
        self._lanes = Lanes(limit)

    def wake(self) -> None:
        """There may be something to send."""
        self._hint.set()

    async def run(self) -> None:
        """Claim and send for ever; cancel to stop. What is on the wire then gets a moment to end."""
        heart = asyncio.create_task(self._keep_leases())
        try:
            while True:
                self._hint.clear()  # before looking: a hint during the look must not be lost
                if not await self._claim_free():
                    await self._sleep()
        finally:
            if self._sending:
                await asyncio.wait(self._sending, timeout=_DRAIN_SECONDS)
            for task in (heart, *self._sending):
                task.cancel()
            await asyncio.gather(heart, *self._sending, return_exceptions=True)

    async def _claim_free(self) -> int:
        """Start sending as many as there are free places for; returns how many."""
        free = self._limit - len(self._sending)
        if not free:
            return 0
        try:
            claims = await self._claim(free)
        except Exception as error:
            log.warning("messages wait: the storage does not answer", channel=self._name, error=str(error))
            await asyncio.sleep(_STORAGE_PAUSE_SECONDS)
            return 0
        for held in claims:
            self._lanes.enter(held.number, held.destination, time.monotonic())
            task = asyncio.create_task(self._handle(held, time.monotonic() + self._lease.total_seconds()))
            self._sending[task] = held
            task.add_done_callback(self._done)
        return len(claims)

    async def _claim(self, limit: int) -> list[Claim]:
        database = self._bench.database
        now = await database.now()
        room = self._lanes.room(time.monotonic())
        due = await database.read(store.next_due, self._name, room.closed())
        if due is None or due > now:
            return []  # a look costs no write
        claims = await database.write(store.claim, self._name, limit, now, now + self._lease, room)
        faultpoint("msg_sender.claimed")
        return claims

    def _done(self, task: asyncio.Task[None]) -> None:
        held = self._sending.pop(task)
        self._lanes.leave(held.number, time.monotonic())
        self._hint.set()
        if not task.cancelled() and task.exception():
            log.error("an attempt could not be recorded", message=held.id, error=str(task.exception()))

    async def _sleep(self) -> None:
        seconds = await self._seconds_until_due()
        try:
            async with asyncio.timeout(seconds):  # not wait_for: until Python 3.12 it may swallow a cancellation
                await self._hint.wait()
        except TimeoutError:
            return

    async def _seconds_until_due(self) -> float:
        try:
            closed = self._lanes.room(time.monotonic()).closed()
            due = await self._bench.database.read(store.next_due, self._name, closed)
            now = await self._bench.database.now()
        except Exception:
            return _POLL_SECONDS
        return _POLL_SECONDS if due is None else min(max((due - now).total_seconds(), 0.01), _POLL_SECONDS)

    async def _handle(self, held: Claim, lease_ends: float) -> None:
        database = self._bench.database
        now = await database.now()
        try:
            message = _outgoing(held)
        except ValidationError as error:
            why = error.errors(include_url=False, include_input=False)[0]["msg"]
            await self._bury(held, because("it cannot be read: {why}", code="unreadable", why=why), now)
            return
        if held.breakdowns >= retry.MAX_BREAKDOWNS:
            said = "the sender stopped {times} times while sending it"
            await self._bury(held, because(said, code="sender-stopped", times=held.breakdowns), now)
            return
        if message.replaces is not None:
            before = await database.read(predecessors, held.number, message)
            if before.are_waiting and (pause := retry.behind(held.since, now)):
                first = because("it waits for {id} to go first", code="waits-for-earlier", id=message.replaces)
                await database.write(store.release, held, now + pause, first.clean(self._bench.clean))
                return
            message = message.model_copy(update={"earlier": before.sent})
        wait = self._channel.delay(message, time.monotonic())
        if wait > 0:
            await database.write(store.release, held, now + timedelta(seconds=wait))
            return
        mine = await database.write(store.begin, held, now, now + self._lease)
        faultpoint("msg_sender.begun")
        if not mine or time.monotonic() > lease_ends:
            return  # somebody else has it, or may have: a paused process must not send on an old claim
        await self._record(held, await self._try(message, held))

    async def _bury(self, held: Claim, reason: Reason, now: datetime) -> None:
        await self._bench.database.write(store.bury, held, reason.clean(self._bench.clean), now)

    async def _try(self, message: Outgoing, held: Claim) -> Receipt | retry.Failure | SendError:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                receipt = await self._channel.send(message)
        except SendError as error:
            return error
        except TimeoutError:
            return SendError(because("no answer in {seconds} s", code="no-answer-within", seconds=round(SEND_SECONDS)))
        except Exception as error:
            log.exception("a channel broke down", channel=self._name, message=message.id)
            broke = because("the channel broke down ({error})", code="channel-broke", error=type(error).__name__)
            return retry.Failure(broke, breakdown=True)
        faultpoint("msg_sender.answered")
        return receipt

    async def _record(self, held: Claim, result: Receipt | retry.Failure | SendError) -> None:
        """Insists while the storage fails: what is not recorded is sent again."""
        while True:
            try:
                outcome, recorded = await self._record_once(held, result)
                break
            except Unavailable as error:
                log.warning("a result waits: the storage does not answer", message=held.id, error=str(error))
                await asyncio.sleep(_STORAGE_PAUSE_SECONDS)
        faultpoint("msg_sender.recorded")
        self._bench.count(self._name, outcome.status if recorded else "late")
        if outcome.status == "dead" or not recorded:
            log.warning(
                "a message was not sent",
                channel=self._name,
                message=held.id,
                reason=outcome.reason.text if outcome.reason else "late",
            )

    async def _record_once(self, held: Claim, result: Receipt | retry.Failure | SendError) -> tuple[Outcome, bool]:
        now = await self._bench.database.now()
        outcome = _clean(decide(held, result, now, self._bench.random), self._bench.clean)
        return outcome, await self._bench.database.write(store.finish, held, outcome, now)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            held = dict(self._sending)
            if not held:
                continue
            try:
                until = await self._bench.database.now() + self._lease
                kept = await self._bench.database.write(store.extend, list(held.values()), until)
            except Exception as error:
                log.warning("leases could not be prolonged", channel=self._name, error=str(error))
                continue
            for task, one in held.items():
                if one.number not in kept and task in self._sending:
                    task.cancel()


def _outgoing(held: Claim) -> Outgoing:
    """Raises ValidationError: an earlier version may have accepted what this one does not."""
    if held.contents is None:
        return Outgoing.model_validate_json(held.body[:-1] + f',"accepted_at":"{held.accepted_at.isoformat()}"}}')
    body = json.loads(held.body)
    for place, content in json.loads(held.contents).items():
        body["attachments"][int(place)]["content"] = content
    return Outgoing.model_validate({**body, "accepted_at": held.accepted_at})


def decide(held: Claim, result: Receipt | retry.Failure | SendError, now: datetime, random: retry.Random) -> Outcome:
    """What an attempt's result makes of its message."""
    if isinstance(result, Receipt):
        return Outcome(True, "sent", None, 0, answer=result.answer, reference=result.reference)
    failure = (
        result
        if isinstance(result, retry.Failure)
        else retry.Failure(result.reason, permanent=result.permanent, retry_after=result.retry_after)
    )
    breakdowns = held.breakdowns + 1 if failure.breakdown else 0
    answer = result.answer if isinstance(result, SendError) else None
    verdict = retry.after(failure, held.attempts + 1, breakdowns, held.since, now, random)
    if isinstance(verdict, retry.Dead):
        return Outcome(False, "dead", None, breakdowns, failure.reason, answer, reason=verdict.reason)
    return Outcome(False, "pending", verdict.at, breakdowns, failure.reason, answer, reason=failure.reason)


def _clean(outcome: Outcome, clean: Callable[[str], str]) -> Outcome:
    return replace(
        outcome,
        error=outcome.error and outcome.error.clean(clean),
        reason=outcome.reason and outcome.reason.clean(clean),
        answer=outcome.answer and clean(outcome.answer),
        reference=outcome.reference and clean(outcome.reference),
    )
