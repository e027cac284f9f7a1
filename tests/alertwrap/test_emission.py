"""From what an alert said to what the notice center takes; the short cut for plain notices is no other way."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alertwrap.stdout.emission import emission
from alertwrap.stdout.json_line import Message, plain, read
from wire.notice import Notice

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=450)
WORDS = st.sampled_from(["info", "warning", "error", "warn", "purple", "firing", "resolved", "", "x" * 1001, "x" * 401])
FIELDS = st.sampled_from(["title", "message", "key", "severity", "status", "url", "labels", "nonsense"])


@given(st.dictionaries(FIELDS, TEXT | WORDS | st.integers() | st.none(), max_size=5))
def test_the_short_cut_for_plain_lines_comes_to_the_same(body: dict[str, Any]) -> None:
    line = json.dumps(body, ensure_ascii=False).encode()
    message = plain(line) or read(line)[0]
    short, long = emission(message, "probe", "c1"), emission(Message(body), "probe", "c1")
    assert short._replace(body=json.loads(short.body)) == long._replace(body=json.loads(long.body))


@given(st.dictionaries(FIELDS, TEXT | WORDS | st.integers() | st.none(), max_size=5))
def test_whatever_was_said_comes_out_as_a_notice_that_is_taken(body: dict[str, Any]) -> None:
    said = json.loads(emission(Message(body), "probe", "c1").body)
    try:
        Notice.model_validate(said)
    except ValidationError as error:
        raise AssertionError(f"{body} became {said}") from error
    assert (said["alert"], said["config"]) == ("probe", "c1")
