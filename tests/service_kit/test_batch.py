"""Batches: what is one item, what is refused, and how the answer reads."""

from __future__ import annotations

import json

import pytest

from service_kit.batch import Batch, Result, answer, parse_batch
from service_kit.problems import FieldError, wrong

JSON, NDJSON = "application/json", "application/x-ndjson"


@pytest.mark.parametrize(
    ("body", "kind", "single", "items"),
    [
        (b'{"a":1}', JSON, True, [b'{"a":1}']),
        (b' {"a":1}\n', JSON, True, [b'{"a":1}']),
        (b'{\n "a": 1\n}', JSON, True, [b'{\n "a": 1\n}']),
        (b'[ {"a": 1.10} , {"b":"]"},3]', JSON, False, [b'{"a": 1.10}', b'{"b":"]"}', b"3"]),
        (b"[]", JSON, False, []),
        (b'{"a":1}\n{"b":2}', JSON, False, [b'{"a":1}', b'{"b":2}']),
        (b'{"a":1}\r\n\n{"b":2}\n', NDJSON + "; charset=utf-8", False, [b'{"a":1}', b'{"b":2}']),
        (b'{"a":1}', NDJSON, False, [b'{"a":1}']),
        (b'{"a":\n{"b":2}', JSON, False, [b'{"a":', b'{"b":2}']),
        (b'{"a":oops}\n{"b":2}', "", False, [b'{"a":oops}', b'{"b":2}']),
        (b"", NDJSON, False, []),
        (b"", JSON, True, [b""]),
    ],
)
def test_a_body_is_one_value_an_array_or_lines(body: bytes, kind: str, single: bool, items: list[bytes]) -> None:
    assert parse_batch(body, kind) == Batch(single, items)


@pytest.mark.parametrize(
    "bad",
    [
        b'{"a":"\\u0000"}', b'{"a":"\\ud800"}', b'{"a":"x\x00"}',
        b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", b'{"a":' + b"9" * 4500 + b"}",
    ],
)  # fmt: skip
def test_what_must_not_travel_costs_its_line_only(bad: bytes) -> None:
    good = b'{"a":"\\ud83d\\ude00"}'
    batch = parse_batch(good + b"\n" + bad + b"\n" + good, NDJSON)
    assert batch.items[0] == batch.items[2] == good
    assert isinstance(batch.items[1], tuple), "the bad line is an error"
    assert isinstance(parse_batch(bad, JSON).items[0], tuple)
    inside = parse_batch(b"[" + good + b"," + bad + b"]", JSON).items
    assert isinstance(inside[-1], tuple)


def test_an_array_that_does_not_parse_is_one_bad_item_that_says_where() -> None:
    [item] = parse_batch(b'[{"a":1},{"b":]', JSON).items
    assert isinstance(item, tuple)
    assert "column 15" in item[0].message


def test_nesting_without_end_is_refused_and_not_a_crash() -> None:
    for body in (b"[" * 200_000, b'{"a":' * 200_000, b"[\n" * 200_000):
        assert isinstance(parse_batch(body, JSON).items[0], tuple)


def test_the_answer_counts_and_keeps_the_order() -> None:
    bad = (wrong("/key", "at most {most}", code="large", most=5),)
    error = {"path": "/key", "message": "at most 5", "code": "large", "params": {"most": 5}}
    results = [
        Result("a", "accepted"),
        Result("b", "duplicate"),
        Result('q"', "conflict"),
        Result(None, "rejected", bad),
    ]
    response = answer(results, single=False)
    assert response.status_code == 207
    assert json.loads(response.body) == {
        "results": [
            {"id": "a", "status": "accepted"},
            {"id": "b", "status": "duplicate"},
            {"id": 'q"', "status": "conflict"},
            {"id": None, "status": "rejected", "errors": [error]},
        ],
        "accepted": 1, "duplicate": 1, "conflict": 1, "rejected": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("results", "single", "status"),
    [
        ([Result("a", "accepted")], True, 202),
        ([Result("a", "duplicate")], True, 202),
        ([], False, 202),
        ([Result("a", "conflict")], True, 409),
        ([Result("a", "conflict")], False, 422),
        ([Result(None, "rejected", (FieldError("/key", "x"),))], True, 422),
        ([Result("a", "accepted"), Result("b", "rejected")], False, 207),
    ],
)
def test_the_status_tells_all_some_or_none(results: list[Result], single: bool, status: int) -> None:
    response = answer(results, single)
    document = json.loads(response.body)
    assert response.status_code == status
    assert len(document["results"]) == len(results)
    assert (document.get("status") == status) == (status in (409, 422)), "refusals are problem documents"
