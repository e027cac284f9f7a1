"""A provider's rates by appointment, on a clock of our own."""

from __future__ import annotations

from collections import Counter
from heapq import heapify, heappop, heappush
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from msg_sender.pace import Pace


def test_one_message_a_second_to_one_chat_and_the_others_do_not_wait() -> None:
    pace = Pace(1.0, 1000)
    assert pace.delay("a", "1", 100.0) == 0
    assert pace.delay("a", "2", 100.0) == 1.0
    assert pace.delay("a", "3", 100.0) == 2.0
    assert pace.delay("b", "4", 100.0) == 0


def test_the_appointment_is_kept_by_whoever_asks_again() -> None:
    pace = Pace(1.0, 1000)
    pace.delay("a", "1", 100.0)
    assert pace.delay("a", "2", 100.0) == 1.0
    assert pace.delay("a", "2", 100.5) == 0.5
    assert pace.delay("a", "2", 101.0) == 0
    assert pace.delay("a", "3", 101.0) == 1.0, "its place was behind the second"


def test_a_missed_appointment_is_lost() -> None:
    pace = Pace(1.0, 1000)
    pace.delay("a", "1", 100.0)
    pace.delay("a", "2", 100.0)
    assert pace.delay("a", "2", 500.0) == 0
    assert pace.delay("a", "3", 500.0) == 1.0


def test_thirty_a_second_in_all() -> None:
    pace = Pace(0.0, 30)
    waits = [pace.delay(str(chat), str(chat), 100.0) for chat in range(75)]
    assert [waits.count(wait) for wait in (0.0, 1.0, 2.0)] == [30, 30, 15]


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 0.3)), min_size=1, max_size=100))
def test_no_second_sees_more_than_the_rate(steps: list[tuple[int, float]]) -> None:
    """Whatever comes when: simulated workers come back at their appointments, and both rates hold."""
    pace, sent = Pace(1.0, 4), list[tuple[float, int]]()
    events = [(at, chat, str(number)) for number, (chat, at) in enumerate(_cumulated(steps))]
    heapify(events)
    while events:
        now, chat, name = heappop(events)
        wait = pace.delay(str(chat), name, now)
        if wait:
            heappush(events, (now + wait, chat, name))
        else:
            sent.append((now, chat))
    assert len(sent) == len(steps), "everyone gets through"
    for chat in {chat for _, chat in sent}:
        assert all(later - earlier > 0.999 for earlier, later in pairwise(at for at, name in sent if name == chat))
    assert max(Counter(int(at + 1e-9) for at, _ in sent).values()) <= 4


def _cumulated(steps: list[tuple[int, float]]) -> list[tuple[int, float]]:
    now, found = 1.0, []
    for chat, pause in steps:
        now += pause
        found.append((chat, now))
    return found
