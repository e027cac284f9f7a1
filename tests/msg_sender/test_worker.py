"""Workers on a real queue, with a channel that does as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from msg_sender import message_store, store
from msg_sender.app import MIGRATIONS
from msg_sender.channels.contract import Outgoing, Receipt, SendError
from msg_sender.reason import because
from msg_sender.tables import messages
from msg_sender.worker import Bench, Worker
from service_kit.database import Database, open_database
from service_kit.problems import Unavailable
from tests.conftest import eventually
from tests.msg_sender.conftest import until
from wire.message import Message

SHORT = timedelta(seconds=0.3)


class Told:
    """A channel: `act` decides; `sent` is what reached the far end."""

    def __init__(self, act: Callable[[Outgoing], Awaitable[None]] | None = None) -> None:
        self.act = act
        self.sent: list[str] = []
        self.wait = 0.0
        self.on_delay: Callable[[], None] = lambda: None

    async def send(self, message: Outgoing) -> Receipt:
        if self.act:
            await self.act(message)
        else:
            await asyncio.sleep(0)
        self.sent.append(message.id)
        return Receipt("ok")

    def delay(self, message: Outgoing, now: float) -> float:
        self.on_delay()
        wait, self.wait = self.wait, 0.0
        return wait

    async def close(self) -> None:
        return


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url, MIGRATIONS)
    yield opened
    await opened.close()


class Count:
    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()

    def __call__(self, channel: str, outcome: str) -> None:
        self.outcomes[outcome] += 1


@contextlib.asynccontextmanager
async def working(
    database: Any,
    channel: Told,
    *,
    count: Count | None = None,
    lease: timedelta = timedelta(seconds=30),
    limit: int = 4,
) -> AsyncIterator[Worker]:
    bench = Bench(database, lambda text: text, lambda: 0.0, count or Count())
    worker = Worker("email", channel, limit, bench, lease)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def accept(database: Database, *names: str) -> None:
    given = [Message.model_validate({"id": name, "channel": "email", "to": "x", "title": "T"}) for name in names]
    await database.write(store.accept, given, await database.now())


async def row(database: Database, name: str = "m1") -> dict[str, Any]:
    found = await database.read(message_store.find, name)
    assert found
    return found


async def settled(database: Database, *names: str) -> None:
    async def done() -> bool:
        return all([(await row(database, name))["status"] in ("sent", "dead") for name in names])

    await until(done)


async def test_without_faults_several_workers_send_everything_exactly_once(database: Database) -> None:
    names = [f"m{number}" for number in range(300)]
    channel = Told()
    async with working(database, channel) as first, working(database, channel), working(database, channel, limit=9):
        for start in range(0, 300, 50):
            await accept(database, *names[start : start + 50])
            first.wake()
        await eventually(lambda: len(channel.sent) >= 300)
        await settled(database, *names)
    assert Counter(channel.sent) == Counter(names)
    assert (await row(database, "m299"))["attempts"] == 1


async def test_two_processes_on_one_database_send_everything_exactly_once(postgres_url: str) -> None:
    left, right = open_database(postgres_url, MIGRATIONS), open_database(postgres_url, MIGRATIONS)
    names, channel = [f"m{number}" for number in range(200)], Told()
    try:
        async with working(left, channel), working(right, channel):
            await accept(left, *names[:100])
            await accept(right, *names[100:])
            await eventually(lambda: len(channel.sent) >= 200)
            await settled(left, *names)
    finally:
        await left.close()
        await right.close()
    assert Counter(channel.sent) == Counter(names)


async def test_no_more_than_its_bound_is_on_the_wire(database: Database) -> None:
    gate, most, now = asyncio.Event(), 0, 0

    async def hold(_: Outgoing) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await gate.wait()
        now -= 1

    channel = Told(hold)
    await accept(database, *(f"m{number}" for number in range(10)))
    async with working(database, channel, limit=3):
        await eventually(lambda: now == 3)
        gate.set()
        await eventually(lambda: len(channel.sent) == 10)
    assert most == 3


async def test_a_slow_send_keeps_its_lease_and_is_sent_once(database: Database) -> None:
    async def slow(_: Outgoing) -> None:
        await asyncio.sleep(SHORT.total_seconds() * 4)

    channel, other = Told(slow), Told()
    await accept(database, "m1")
    async with working(database, channel, lease=SHORT):
        await eventually(lambda: True)
        async with working(database, other, lease=SHORT):
            await settled(database, "m1")
    assert channel.sent + other.sent == ["m1"]
    assert len((await row(database))["tries"]) == 1


async def test_a_stalled_worker_is_replaced_and_its_late_result_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, count = asyncio.Event(), Count()

    async def stall(_: Outgoing) -> None:
        await gate.wait()

    async def no_heart(_: Worker) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Worker, "_keep_leases", no_heart)
    stalled, healthy = Told(stall), Told()
    await accept(database, "m1")
    async with working(database, stalled, lease=SHORT, count=count, limit=1):
        await until(lambda: _tries(database, 1))
        async with working(database, healthy, lease=timedelta(seconds=30)):
            await settled(database, "m1")
            gate.set()
            await eventually(lambda: count.outcomes["late"] == 1)
    assert healthy.sent == ["m1"]
    found = await row(database)
    assert found["status"] == "sent"
    assert [one["outcome"] for one in found["tries"]] == ["lost", "sent"]


async def _tries(database: Database, number: int) -> bool:
    return len((await row(database))["tries"]) == number


async def test_a_process_that_was_paused_between_claim_and_send_does_not_send_on_its_old_claim(
    database: Database,
) -> None:
    channel = Told()
    pauses = iter([SHORT.total_seconds() * 1.5])
    channel.on_delay = lambda: time.sleep(next(pauses, 0.0))  # the whole process stands still
    await accept(database, "m1")
    async with working(database, channel, lease=SHORT):
        await settled(database, "m1")
    assert channel.sent == ["m1"]


async def test_a_failed_attempt_is_a_row_and_the_message_waits(database: Database) -> None:
    async def fail(message: Outgoing) -> None:
        if len(tried) < 2:
            tried.append(message.id)
            raise SendError(because("busy", code="busy"), retry_after=0.0, answer="503 later")

    tried: list[str] = []
    channel = Told(fail)
    await accept(database, "m1")
    async with working(database, channel):
        await settled(database, "m1")
    found = await row(database)
    assert [(one["outcome"], one["error"], one["answer"]) for one in found["tries"]] == [
        ("failed", "busy", "503 later"), ("failed", "busy", "503 later"), ("sent", None, "ok"),
    ]  # fmt: skip
    assert found["reason"] is None


async def test_a_permanent_failure_is_dead_at_once_with_its_reason(database: Database) -> None:
    async def fail(_: Outgoing) -> None:
        raise SendError(because("no such user", code="no-user"), permanent=True)

    await accept(database, "m1")
    async with working(database, Told(fail)):
        await settled(database, "m1")
    found = await row(database)
    assert (found["status"], found["reason"], len(found["tries"])) == ("dead", "no such user", 1)


async def test_a_message_that_breaks_the_channel_is_dead_after_five_times(database: Database) -> None:
    async def crash(_: Outgoing) -> None:
        raise KeyError("a bug")

    await accept(database, "m1", "m2")
    async with working(database, Told(crash)):
        await settled(database, "m1", "m2")
    found = await row(database)
    assert (found["status"], len(found["tries"])) == ("dead", 5)
    assert "KeyError" in found["reason"]


async def test_a_message_that_takes_the_process_with_it_is_buried_after_five_times(database: Database) -> None:
    await accept(database, "m1")
    now = await database.now()
    for _ in range(5):  # five processes that began and were never heard of again
        [held] = await database.write(store.claim, "email", 1, now, now)
        await database.write(store.begin, held, now, now)
    channel = Told()
    async with working(database, channel):
        await settled(database, "m1")
    assert channel.sent == []
    assert (await row(database))["reason"] == "the sender stopped 5 times while sending it"


async def test_a_message_that_must_wait_for_its_rate_gives_its_place_back(database: Database) -> None:
    channel = Told()
    channel.wait = 0.4
    await accept(database, "m1")
    await accept(database, "m2")
    async with working(database, channel, limit=1):
        await settled(database, "m1", "m2")
    assert channel.sent == ["m2", "m1"]
    assert len((await row(database))["tries"]) == 1


async def test_a_result_is_recorded_although_the_storage_fails_for_a_while(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msg_sender.worker._STORAGE_PAUSE_SECONDS", 0.01)
    failures = 3

    class Flaky:
        def __getattr__(self, name: str) -> Any:
            return getattr(database, name)

        async def write(self, change: Any, *arguments: Any) -> Any:
            nonlocal failures
            if change is store.finish and failures:
                failures -= 1
                raise Unavailable("disk full")
            return await database.write(change, *arguments)

    channel = Told()
    await accept(database, "m1")
    async with working(Flaky(), channel):
        await settled(database, "m1")
    assert channel.sent == ["m1"], "and it is not sent again"


async def test_a_storage_that_fails_stops_no_worker_for_good(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msg_sender.worker._STORAGE_PAUSE_SECONDS", 0.01)
    failures = 5

    class Flaky:
        def __getattr__(self, name: str) -> Any:
            return getattr(database, name)

        async def read(self, question: Any, *arguments: Any) -> Any:
            nonlocal failures
            if failures:
                failures -= 1
                raise Unavailable("away")
            return await database.read(question, *arguments)

    channel = Told()
    async with working(Flaky(), channel):
        await accept(database, "m1")
        await settled(database, "m1")
    assert failures == 0


async def test_what_is_on_the_wire_when_we_stop_is_recorded(database: Database) -> None:
    started, gate = asyncio.Event(), asyncio.Event()

    async def hold(_: Outgoing) -> None:
        started.set()
        await gate.wait()

    channel = Told(hold)
    await accept(database, "m1", "m2")
    async with working(database, channel, limit=1):
        await started.wait()
        asyncio.get_running_loop().call_later(0.1, gate.set)
    assert (await row(database, "m1"))["status"] == "sent"
    assert (await row(database, "m2"))["status"] == "pending", "nothing new was begun"


async def test_a_message_that_cannot_be_read_any_more_goes_to_the_dead_letters(database: Database) -> None:
    await accept(database, "m1", "m2")
    broken = update(messages).where(messages.c.id == "m1").values(body='{"id":"m1","channel":"email"}')
    await database.write(lambda connection: connection.execute(broken) and None)
    channel = Told()
    async with working(database, channel):
        await settled(database, "m1", "m2")
    assert ((await row(database))["status"], channel.sent) == ("dead", ["m2"])
    assert "cannot be read" in (await row(database))["reason"]
