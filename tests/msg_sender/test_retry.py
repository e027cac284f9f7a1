"""When a failed message is tried again. Time and chance are given."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msg_sender.reason import because
from msg_sender.retry import GIVE_UP_AFTER, LONGEST, LONGEST_ASKED, Again, Dead, Failure, after, delay

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GONE = because("gone", code="gone")


@pytest.mark.parametrize(
    ("attempts", "ceiling"),
    [(1, 5), (2, 10), (3, 20), (4, 40), (8, 640), (11, 5120), (12, 7200), (50, 7200), (10**6, 7200)],
)
def test_the_ceiling_doubles_up_to_two_hours(attempts: int, ceiling: int) -> None:
    assert delay(attempts, None, 1.0) == timedelta(seconds=ceiling)
    assert delay(attempts, None, 0.25) == timedelta(seconds=ceiling / 4)
    assert delay(attempts, None, 0.0) == timedelta()


@pytest.mark.parametrize(
    ("attempts", "asked", "seconds"),
    [
        (1, 3, 5),  # less than our own delay: ours
        (1, 30, 30),
        (1, 3600, 3600),
        (1, 999_999, 3600),  # clamped to an hour
        (12, 999_999, 14_400),  # or to twice our own delay
        (1, -1, 5),
        (1, math.inf, 5),
        (1, math.nan, 5),
        (1, 1e300, 3600),
    ],
)
def test_what_the_provider_asks_counts_within_bounds(attempts: int, asked: float, seconds: float) -> None:
    assert delay(attempts, asked, 1.0) == timedelta(seconds=seconds)


@given(st.integers(1, 500), st.none() | st.floats(), st.floats(0, 1))
def test_a_delay_is_never_negative_nor_longer_than_four_hours(
    attempts: int, asked: float | None, chance: float
) -> None:
    assert timedelta() <= delay(attempts, asked, chance) <= max(2 * LONGEST, LONGEST_ASKED)


def test_a_permanent_failure_is_dead_at_once() -> None:
    assert after(Failure(GONE, permanent=True), 1, 0, NOW, NOW, lambda: 0.5) == Dead(GONE)


def test_a_passing_failure_is_tried_for_days_and_then_dead_with_its_reason() -> None:
    failure = Failure(because("503", code="busy"))
    assert after(failure, 1, 0, NOW, NOW, lambda: 1.0) == Again(NOW + timedelta(seconds=5))
    late = NOW + GIVE_UP_AFTER - timedelta(hours=3)
    assert isinstance(after(failure, 60, 0, NOW, late, lambda: 1.0), Again)
    dead = after(failure, 61, 0, NOW, NOW + GIVE_UP_AFTER, lambda: 0.5)
    assert isinstance(dead, Dead)
    assert dead.reason.text == "503; given up after 61 attempts in 96 h"
    assert [(one.code, one.params) for one in dead.reason.codes] == [
        ("busy", {}), ("given-up", {"attempts": 61, "hours": 96}),
    ]  # fmt: skip


def test_an_outage_of_three_days_ends_in_a_few_dozen_attempts_and_not_in_death() -> None:
    now, attempts = NOW, 0
    while now - NOW < timedelta(days=3):
        attempts += 1
        verdict = after(Failure(GONE), attempts, 0, NOW, now, lambda: 0.5)
        assert isinstance(verdict, Again)
        now = verdict.at
    assert 40 < attempts < 120


def test_what_breaks_our_own_code_is_dead_after_five_times() -> None:
    failure = Failure(GONE, breakdown=True)
    assert isinstance(after(failure, 4, 4, NOW, NOW, lambda: 0.5), Again)
    dead = after(failure, 5, 5, NOW, NOW, lambda: 0.5)
    assert isinstance(dead, Dead)
    assert dead.reason.text == "gone; 5 times in a row"
    assert [one.code for one in dead.reason.codes] == ["gone", "times-in-a-row"]
