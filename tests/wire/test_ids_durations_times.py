"""Ids, durations and times."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from wire import ids
from wire.durations import LONGEST, Duration, parse, render
from wire.ids import Id, Name, Segment, new_id
from wire.times import Timestamp, rfc3339

DURATION, TIMESTAMP = TypeAdapter(Duration), TypeAdapter(Timestamp)


def test_ids_are_version_7_and_strictly_growing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wire.ids._last", 0)  # a test with a clock of its own may have been in the future
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(set(made))
    for text in (made[0], made[-1]):
        parsed = uuid.UUID(text)
        assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
        assert abs((parsed.int >> 80) - time.time() * 1000) < 60_000


def test_ids_of_many_threads_are_all_different_and_grow_in_each() -> None:
    made: list[list[str]] = [[] for _ in range(8)]
    threads = [threading.Thread(target=lambda mine=mine: mine.extend(new_id() for _ in range(2_000))) for mine in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(mine == sorted(mine) for mine in made)
    assert len({one for mine in made for one in mine}) == 16_000


def test_ids_grow_though_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 0)
    assert before < new_id() < new_id()


@pytest.mark.parametrize("text", ["", " ", "a b", "é", "a\n", "a\x00", "x" * 201, "\ud800"])
def test_what_is_no_id(text: str) -> None:
    for kind in (Id, Name, Segment):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize("text", ["a/b", "/", "..", ".", "-a", "a?b", "a#b", "a%2fb"])
def test_what_is_no_segment_of_a_path(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Segment).validate_python(text)


@pytest.mark.parametrize("text", ["u1", "ann@example.org", "a+b_c-d.e~f:g", "01a1fb10-1e36-7000-88a3-8c826e121b0e"])
def test_what_is_a_segment_of_a_path(text: str) -> None:
    assert TypeAdapter(Segment).validate_python(text) == text


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86400), ("0", 0), (0, 0), ("0s", 0)]
)
def test_durations_as_people_write_them(text: object, seconds: int) -> None:
    assert parse(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s",
        "-5m",
        "5",
        "1.5h",
        "5 m",
        "5M",
        "5m\n",
        "٣m",
        "367d",
        "9999999999s",
        5,
        0.5,
        True,
        False,
        None,
        [],
        "1h30m",
    ],
)
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse(text)
    with pytest.raises(ValidationError):
        DURATION.validate_python(text)


@given(st.integers(0, int(LONGEST.total_seconds())))
def test_a_duration_written_is_read_back(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert parse(render(span)) == span
    assert DURATION.validate_json(DURATION.dump_json(span)) == span


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))])))
def test_a_time_written_is_read_back_in_utc_with_its_microseconds(at: datetime) -> None:
    assume(2 <= at.year <= 9998)  # in UTC it may be another year
    assert TIMESTAMP.validate_json(TIMESTAMP.dump_json(at)) == at
    assert rfc3339(at).endswith("Z")
    assert len(rfc3339(at)) == 27


def test_text_order_of_times_is_time_order() -> None:
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=n * 333_333) for n in range(50)]
    assert [rfc3339(at) for at in moments] == sorted(rfc3339(at) for at in moments)


def test_a_time_without_a_zone_or_beyond_the_calendar_is_refused() -> None:
    for text in ("2026-11-20T09:30:00", "yesterday", "", "0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00"):
        with pytest.raises(ValidationError):
            TIMESTAMP.validate_python(text)
