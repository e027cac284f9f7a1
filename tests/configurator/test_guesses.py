"""Wrong passwords: who guesses waits, whatever is restarted and however many processes answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from configurator import guesses
from configurator.app import MIGRATIONS
from configurator.guesses import pause
from service_kit.database import Database, open_database
from tests.configurator.conftest import RecordingNotifier, configurator
from tests.configurator.people import accept, browser, invite, sign_in

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url, MIGRATIONS)
    yield opened
    await opened.close()


@pytest.fixture
def _long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes its time for a hash: the pause must not be over by then."""
    monkeypatch.setattr("configurator.guesses.pause", lambda mistakes: 0.0 if mistakes < 5 else 600.0)


@pytest.mark.usefixtures("_long_pauses")
async def test_guessing_is_slowed_down_for_the_login_and_for_no_other(client: httpx2.AsyncClient) -> None:
    ann, bob = await invite(client, "ann"), await invite(client, "bob")
    async with browser(client) as page:
        await accept(page, ann)
        await accept(page, bob)
        answers = [await sign_in(page, "ann", f"guess {number}") for number in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 600
        assert answers[-1].json()["params"]["seconds"] == int(answers[-1].headers["retry-after"])
        assert (await sign_in(page, "ann")).status_code == 429, "or a right guess would be told from a wrong one"
        assert (await sign_in(page, "bob")).status_code == 200


@pytest.mark.usefixtures("_long_pauses")
async def test_a_restart_does_not_start_the_count_anew(database_url: str) -> None:
    answers = []
    for tries in (3, 3):
        async with configurator(database_url, RecordingNotifier()) as client, browser(client) as page:
            answers += [(await sign_in(page, "ann", "guess")).status_code for _ in range(tries)]
    assert answers == [401] * 5 + [429]


@pytest.mark.usefixtures("_long_pauses")
async def test_processes_on_one_postgresql_count_together(postgres_url: str) -> None:
    async with (
        configurator(postgres_url, RecordingNotifier()) as one,
        configurator(postgres_url, RecordingNotifier()) as other,
        browser(one) as page,
        browser(other) as another,
    ):
        turns = [page, another, page, another, page, another]
        assert [(await sign_in(turn, "ann", "guess")).status_code for turn in turns] == [401] * 5 + [429]


def test_the_wait_grows_and_is_bounded() -> None:
    assert [pause(number) for number in (0, 4, 5, 6, 7, 10, 11, 10_000)] == [0, 0, 1, 2, 4, 32, 60, 60]


async def test_the_wait_ends_by_time_or_by_the_password(database: Database) -> None:
    async def wait(seconds: float) -> float:
        return await database.write(guesses.wait, 7, NOW + timedelta(seconds=seconds))

    assert [await wait(0) for _ in range(5)] == [0] * 5
    assert await wait(0.5) == 0.5
    assert await wait(1) == 0
    assert await wait(1.5) == 1.5
    assert await wait(-3_600) == 2, "a clock that was set back makes nobody wait for an hour"
    assert [await wait(2_000) for _ in range(5)] == [0] * 5, "a quarter of an hour later all is forgotten"
    assert await wait(2_000) == 1
    await database.write(guesses.right, 7)
    assert await wait(2_000) == 0


async def test_of_many_at_once_no_more_get_through_than_one_by_one(database: Database) -> None:
    waits = await asyncio.gather(*(database.write(guesses.wait, 7, NOW) for _ in range(50)))
    assert sorted(waits)[:6] == [0, 0, 0, 0, 0, 1]


async def test_counters_that_nobody_touches_are_forgotten(database: Database) -> None:
    for _ in range(6):
        await database.write(guesses.wait, 7, NOW)
    await database.write(guesses.forget, NOW + timedelta(minutes=14))
    assert await database.write(guesses.wait, 7, NOW) == 1
    await database.write(guesses.forget, NOW + timedelta(minutes=16))
    assert await database.write(guesses.wait, 7, NOW) == 0
