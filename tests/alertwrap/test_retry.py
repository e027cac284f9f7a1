"""What an answer of the notice center means, line by line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from alertwrap.delivery.retry import FIRST_SECONDS, LONGEST_SECONDS, asked_for, backoff, judge

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def results(*items: tuple[str, str]) -> bytes:
    return json.dumps({"results": [{"id": name, "status": status} for name, status in items]}).encode()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599, 301, 302, 307])
def test_these_are_tried_again(status: int) -> None:
    assert judge(status, None, b"", ["a"], NOW).action == "again"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_these_need_a_person_and_are_looked_at_every_minute(status: int) -> None:
    judgement = judge(status, None, b'{"detail":"token unknown"}', ["a"], NOW)
    assert (judgement.action, judgement.after) == ("alarm", 60.0)
    assert "token unknown" in judgement.reason


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refused_batch_is_split_and_a_refused_single_is_dead(status: int) -> None:
    assert judge(status, None, b"", ["a", "b"], NOW).action == "split"
    assert judge(status, None, b'{"detail":"bad"}', ["a"], NOW).refused == {"a": f"HTTP {status}: bad"}


def test_a_conflict_without_a_word_is_one_that_is_there_already() -> None:
    assert judge(409, None, b"", ["a", "b"], NOW).action == "split"
    assert judge(409, None, b"", ["a"], NOW).done == {"a"}


def test_only_what_the_answer_lists_is_done() -> None:
    body = results(("a", "accepted"), ("b", "duplicate"), ("c", "conflict"), ("d", "rejected"), ("x", "accepted"))
    judgement = judge(207, None, body, ["a", "b", "c", "d", "e"], NOW)
    assert judgement.done == {"a", "b"}
    assert set(judgement.refused) == {"c", "d"}


@pytest.mark.parametrize("body", [b"", b"ok", b"[]", b"{}", b'{"results":7}', b'{"results":[1,{}]}', b"[" * 100_000])
def test_a_2xx_without_our_ids_is_no_success(body: bytes) -> None:
    assert judge(200, None, body, ["a"], NOW).action == "again"


def test_results_count_also_when_all_were_refused() -> None:
    assert judge(422, None, results(("a", "rejected"), ("b", "rejected")), ["a", "b"], NOW).action == "settle"
    assert set(judge(409, None, results(("a", "conflict")), ["a"], NOW).refused) == {"a"}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("1", 1), ("0", 0), ("3600", 3600), ("999999", 3600), ("-1", None), ("garbage", None), ("nan", None),
     ("inf", None), (None, None), ("Fri, 20 Nov 2026 12:00:30 GMT", 30), ("Fri, 20 Nov 2020 12:00:30 GMT", None)],
)  # fmt: skip
def test_retry_after_is_believed_within_reason(header: str | None, seconds: float | None) -> None:
    assert asked_for(header, NOW) == seconds


def test_backoff_is_full_jitter_between_half_a_second_and_a_minute() -> None:
    for attempt in (0, 3, 20, 10_000):
        delays = [backoff(attempt, Random(seed)) for seed in range(300)]
        assert min(delays) >= FIRST_SECONDS
        assert max(delays) <= min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt, 16))
    assert timedelta(seconds=LONGEST_SECONDS) == timedelta(minutes=1)
