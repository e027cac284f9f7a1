"""The slow destination pays: one that hangs holds up nobody else of its channel."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from msg_sender import worker
from msg_sender.destination import destination_of
from msg_sender.lanes import SLOW_SECONDS, Lanes
from tests.fakes.provider import SILENT, Provider
from tests.msg_sender.conftest import open_sender, until

SECRETS = {"secrets": "whsec_" + "QUJD" * 8}


@pytest.mark.parametrize(
    ("address", "destination"),
    [
        ("https://user:pw@Hooks.Example.org:8443/x?y", "hooks.example.org:8443"),
        ("https://example.org/a", "example.org"),
        ("ann@example.org", None),
        ("-100123", None),
        ("http://[::1", None),
        ("http://host:port/", None),
    ],
    ids=["port", "host", "mailbox", "chat", "broken host", "broken port"],
)
def test_the_destination_of_an_address(address: str, destination: str | None) -> None:
    assert destination_of(address) == destination


def test_one_destination_never_holds_all_places() -> None:
    room = Lanes(4).room(0.0)
    assert [room.take("a") for _ in range(4)] == [True, True, False, False]
    assert room.closed() == ["a"]
    assert [room.take("b"), room.take("b")] == [True, False]
    assert room.take(None)
    assert not room.take("c"), "there is no place left"


def test_a_slow_destination_holds_one_place_until_it_is_quick_again() -> None:
    own = Lanes(4)
    own.enter(1, "a", 0.0)
    own.leave(1, SLOW_SECONDS + 1)
    assert [own.room(9.0).take("a"), own.room(9.0).closed()] == [True, []]
    own.enter(2, "a", 10.0)
    assert own.room(10.0).closed() == ["a"]
    own.leave(2, 10.5)
    room = own.room(11.0)
    assert [room.take("a") for _ in range(3)] == [True, True, False]


def test_all_slow_destinations_together_leave_places_for_the_others() -> None:
    own = Lanes(4)
    for number, name in enumerate("abc"):
        own.enter(number, name, 0.0)
        own.leave(number, SLOW_SECONDS + 1)
    room = own.room(10.0)
    assert [room.take(name) for name in "abc"] == [True, True, False]
    assert room.closed() == ["a", "b", "c"]
    assert [room.take("d"), room.take(None)] == [True, True]


def test_who_is_out_for_long_is_slow_before_it_is_back() -> None:
    own = Lanes(8)
    own.enter(1, "a", 0.0)
    assert own.room(1.0).closed() == []
    assert own.room(SLOW_SECONDS + 1).closed() == ["a"]


async def test_dead_webhook_destinations_do_not_fill_the_workers_of_their_channel(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hosts that never answer, with a queue each; a third one is reached at once, again and again."""
    monkeypatch.setattr(worker, "_DRAIN_SECONDS", 0.1)  # nobody waits for who never answers
    silent = [Provider([SILENT] * 100, host="127.0.0.1"), Provider([SILENT] * 100, host="127.0.0.2")]
    async with silent[0] as one, silent[1] as other, Provider() as good:
        settings = {"webhook": SECRETS}
        egress = {"allow": ["127.0.0.0/8"]}
        async with open_sender(database_url, tmp_path, settings, egress=egress) as sender:
            for provider in (one, other):
                for _ in range(20):
                    await sender.post(channel="webhook", to=provider.url)

            async def both_hang() -> bool:
                return bool(one.requests and other.requests)

            late = [await sender.post(channel="webhook", to=good.url) for _ in range(5)]
            async with asyncio.timeout(40):
                for name in late:
                    assert (await sender.settled(name))["status"] == "sent"
            await until(both_hang)
            assert len(one.requests) + len(other.requests) <= 4
