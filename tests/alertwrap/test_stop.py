"""The end of the wrapper: no part of it takes longer than whoever waits for it has patience."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from alertwrap import host
from alertwrap.delivery.courier import PATH, Courier, Route
from alertwrap.delivery.post import NoAnswer, Poster
from alertwrap.log import Log
from alertwrap.run.timing import Ladder
from alertwrap.spool.entries import Emission
from alertwrap.spool.spool import Spool
from alertwrap.stdout import alert_watcher
from alertwrap.up import children


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        opened.settimeout(40)
        yield opened


@pytest.fixture
def silent(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_all_steps_of_a_stop_fit_into_the_time_that_the_parent_waits() -> None:
    ladder = Ladder()
    longest = ladder.flush + ladder.eof + ladder.term + ladder.kill + alert_watcher.DRAIN_SECONDS
    assert longest + 1 < host.LADDER_SECONDS
    assert host.LADDER_SECONDS + host.DELIVER_SECONDS + host.ENDING_SECONDS + 1 < children.STOP_SECONDS


def test_a_request_in_flight_does_not_prolong_the_stop(listening: socket.socket, silent: str, tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool" / "a.db")
    spool.append([Emission(None, '{"title":"a"}')])
    courier = Courier(Poster(silent, "token", PATH), Log(level="error"), Random())
    courier.carry(Route(spool, lambda *_: None))
    carrying = threading.Thread(target=courier.run, daemon=True)
    carrying.start()
    connection, _ = listening.accept()
    with connection:
        assert connection.recv(1), "it is in flight"
        courier.stop(0.3)
        carrying.join(10)  # left alone it would wait for the answer for longer
        assert not carrying.is_alive()
    assert spool.pending_count == 1


def test_after_the_end_nothing_is_begun(silent: str) -> None:
    poster = Poster(silent, "token", PATH)
    poster.end_by(time.monotonic())
    with pytest.raises(NoAnswer):
        poster.post(b"{}")
