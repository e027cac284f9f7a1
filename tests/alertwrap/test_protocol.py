"""Bytes in, events out: whatever was printed comes out as something, in order, with bounded memory."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertwrap.stdout.json_line import Message
from alertwrap.stdout.protocol import KEPT, Event, Framer, Malformed, Text, line

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6,
)  # fmt: skip
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=4)


def run(data: bytes, *cuts: int, text: bool = False, max_line: int = 1024 * 1024) -> list[Event]:
    framer = Framer(text=text, max_line=max_line)
    events: list[Event] = []
    for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True):
        events += framer.feed(data[start:end], 0.0)
    return events + framer.end(0.0)


def bodies(data: bytes, **more: Any) -> list[Any]:
    return [event.body if isinstance(event, Message) else event for event in run(data, **more)]


def test_objects_arrays_and_text_are_told_apart() -> None:
    assert bodies(b'{"a":1}\n\n  [{"b":2},{"c":3}]\r\nhello\n\xef\xbb\xbf{"d":4}\n') == [
        {"a": 1}, {"b": 2}, {"c": 3}, Text("hello"), {"d": 4},
    ]  # fmt: skip


def test_pretty_printed_json_is_one_message() -> None:
    value = {"title": "a", "labels": {"x": "y"}, "actions": [{"label": "b"}]}
    assert bodies(json.dumps(value, indent=2).encode() + b"\n" + json.dumps([value], indent=4).encode()) == [value] * 2


def test_what_never_closes_is_malformed_and_gives_back_the_messages_that_it_swallowed() -> None:
    found = run(b'[\n{"title":"kept"}\n{"title":"next"}\n{"title":"third"}\n')
    assert isinstance(found[0], Malformed)
    assert found[1:] == [Message({"title": t}) for t in ("kept", "next", "third")]


def test_an_unfinished_message_is_given_up_by_the_clock() -> None:
    framer = Framer()
    assert framer.feed(b'{"title":\n', 10.0) == []
    assert framer.deadline == 11.0
    assert framer.expire(10.9) == []
    assert framer.expire(11.0) == [Malformed("not closed in time", '{"title":')]
    assert framer.feed(b'{"title":"b"}\n', 12.0) == [Message({"title": "b"})]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a":1,"a":2}', "same key twice"),
        ('{"n":{"a":1,"a":2}}', "same key twice"),
        ('{"a": nope}', "Expecting value"),
        ("[1]", "expected an object"),
        ("[" + ",".join(["{}"] * 10_001) + "]", "more than 10000 messages"),
        ('{"a":' + "[" * 100 + "]" * 100 + "}", "levels of nesting"),
        ("[" * 100_000, "levels of nesting"),
        ('{"a":' + "9" * 5000 + "}", "thousands of digits"),
        ('{"a":' + "9" * 4100 + "}", "thousands of digits"),
        ('{"a":"torn', "Unterminated string"),
        ('{"a":1', "cut off"),
    ],
)
def test_unreadable_lines_say_why(text: str, reason: str) -> None:
    (event,) = run(text.encode())
    assert isinstance(event, Malformed)
    assert reason in event.reason
    assert event.raw == text[:KEPT]


@pytest.mark.parametrize(
    ("data", "body", "flag"),
    [
        (b'{"a":"\xff"}', {"a": "\ufffd"}, "encoding_repaired"),
        (b'{"a":"\xed\xa0\x80"}', {"a": "\ufffd\ufffd\ufffd"}, "encoding_repaired"),
        (b'{"a":NaN,"b":-Infinity}', {"a": None, "b": None}, "number_repaired"),
        (b'{"a":1e999}', {"a": None}, "number_repaired"),
        (b'{"a":"\\ude00"}', {"a": "\ufffd"}, "text_repaired"),
        (b'{"a":"\\u0000x","b\\ud800":1}', {"a": "\ufffdx", "b\ufffd": 1}, "text_repaired"),
    ],
)
def test_what_cannot_travel_is_repaired_and_flagged(data: bytes, body: dict[str, Any], flag: str) -> None:
    assert run(data) == [Message(body, (flag,))]


def test_honest_emoji_and_words_like_nan_in_text_are_left_alone() -> None:
    assert run(b'{"a":"\\ud83d\\ude00","b":"NaN: Infinity","t":"12:30:00"}') == [
        Message({"a": "😀", "b": "NaN: Infinity", "t": "12:30:00"})
    ]


def test_a_line_over_the_limit_leaves_its_head_and_the_next_line_is_read() -> None:
    for cut in (50, 150, 299, 300, 301):
        found = run(b'{"a":"' + b"x" * 300 + b'"}\n{"b":1}\n', cut, max_line=100)
        assert [type(event) for event in found] == [Malformed, Message], cut


def test_memory_stays_bounded_however_long_the_line() -> None:
    framer = Framer(max_line=1000)
    for _ in range(1000):
        framer.feed(b"x" * 65536, 0.0)
        assert len(framer._rest) <= 1000 + 65536


def test_in_text_format_every_line_is_a_title() -> None:
    assert bodies(b'disk full\n{"a":1}\n' + b"y" * 1500, text=True) == [
        {"title": "disk full"}, {"title": '{"a":1}'}, {"title": "y" * 999 + "…", "message": "y" * 1500},
    ]  # fmt: skip


@given(st.lists(OBJECTS, max_size=6), st.data(), st.sampled_from([None, 1, 2]))
def test_every_object_comes_out_in_order_however_it_is_cut(
    objects: list[dict[str, Any]], data: st.DataObject, indent: int | None
) -> None:
    raw = "\n".join(json.dumps(item, indent=indent, ensure_ascii=False) for item in objects).encode() + b"\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=4)))

    assert [type(event) for event in run(raw, *cuts)] == [type(event) for event in run(raw)]
    assert run(raw, *cuts) == run(raw)


@settings(max_examples=300)
@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=3))
def test_any_bytes_give_the_same_events_however_they_are_cut(raw: bytes, places: list[int]) -> None:
    cuts = sorted(min(place, len(raw)) for place in places)
    assert repr(run(raw, *cuts)) == repr(run(raw))


@settings(max_examples=300)
@given(st.lists(st.sampled_from(['{"title":"a"}', "{", "}", "[", "]", ",", '{"a":', '"', "text", '"b":1,', "\\"])))
def test_no_line_is_lost_in_silence(parts: list[str]) -> None:
    """Each good line survives whatever stands around it: as a message or inside what is reported as malformed."""
    raw = "\n".join(parts).encode()
    found = run(raw)
    reported = "".join(event.raw for event in found if isinstance(event, Malformed))
    messages = json.dumps([event.body for event in found if isinstance(event, Message)], separators=(",", ":"))
    assert messages.count('{"title":"a"}') + reported.count('{"title":"a"}') == parts.count('{"title":"a"}')


@given(OBJECTS)
def test_lines_to_the_alert_are_ascii_and_come_back(message: dict[str, Any]) -> None:
    raw = line(message)
    assert raw.isascii()
    assert raw.count(b"\n") == 1
    assert json.loads(raw) == message


def test_lines_to_the_alert_have_no_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        line({"a": math.nan})
