"""What an intake checks and what the model checks are the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from wire.notice import Notice, validate_given

WHOLE = {
    "id": "n-1", "alert": "disk", "config": "c1", "key": "disk:/", "status": "resolved", "severity": "error",
    "title": "Disk full", "message": "**91 %**", "entity": {"topic": "host", "key": "web-1"}, "recipients": ["u1"],
    "url": "https://x/y", "labels": {"host": "web-1"}, "actions": [{"label": "open", "url": "https://x"}],
    "attachments": [{"url": "https://x/p.png"}], "data": {"used": 91}, "starts_at": "2026-11-20T09:30:00Z",
    "ends_at": "2026-11-20T09:31:00+03:00",
}  # fmt: skip
WORDS = st.sampled_from([*WHOLE, "priority", "body", "click", "fingerprint", "dedup_key", "stranger"])
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 6), st.floats(), st.text(max_size=5), st.lists(st.text(max_size=3)),
    st.dictionaries(st.text(max_size=3), st.integers()), st.sampled_from(list(WHOLE.values())), st.just("x" * 1_001),
)  # fmt: skip


def verdict(text: str) -> list[tuple[Any, ...]]:
    """What the model says of a text: (where, words), or nothing."""
    return errors(Notice.model_validate_json, text)


def errors(validate: Any, text: str) -> list[tuple[Any, ...]]:
    try:
        validate(text)
    except ValidationError as error:
        return [(one["loc"], one["msg"]) for one in error.errors(include_input=False)]
    return []


@settings(max_examples=400)
@given(st.dictionaries(WORDS, VALUES, max_size=6))
def test_both_give_the_same_verdict_in_the_same_words(members: dict[str, Any]) -> None:
    text = json.dumps(members)
    assert errors(validate_given, text) == verdict(text)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"title":"x"}x', '{"title":"\\ud800"}', '{"data":{"a":NaN}}'])
def test_what_is_no_object_is_refused_alike(text: str) -> None:
    assert errors(validate_given, text) == verdict(text)


def test_a_notice_with_every_member_is_taken_and_only_what_was_given_is_answered() -> None:
    assert verdict(json.dumps(WHOLE)) == []
    assert validate_given(json.dumps(WHOLE)).keys() == WHOLE.keys()
    assert validate_given(b'{"body":"text"}') == {"message": "text"}
