"""JSON that must not travel is found, and honest JSON passes."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wire.json_text import LONGEST_NUMBER, MAX_DEPTH, JsonError, check, check_depth, decode, pointer

honest_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
honest = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | honest_text,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(honest_text, inner, max_size=5),
    max_leaves=15,
)
Where = tuple[list[str | int], Any]


@given(honest, st.booleans())
@example({"a": "[[[{{{", "b": '\\"['}, False)
@example("\\u0000 NaN Infinity \\ud800", True)
def test_honest_json_passes_unchanged(value: Any, ascii_only: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert decode(raw) == value
    check(raw)


def put(value: Any, steps: list[str | int]) -> Any:
    for step in reversed(steps):
        value = {step: value} if isinstance(step, str) else [0] * step + [value]
    return value


@given(st.lists(honest_text | st.integers(0, 3), max_size=6), st.sampled_from(["\x00", "a\x00", "\ud800", "x\udfff"]))
def test_unfit_text_is_found_where_it_stands(steps: list[str | int], text: str) -> None:
    raw = json.dumps(put(text, steps)).encode()
    for attempt in (check, decode):
        with pytest.raises(JsonError) as refused:
            attempt(raw)
        assert refused.value.path == pointer(tuple(steps))


@pytest.mark.parametrize(
    "raw",
    [
        b"", b" ", b"{", b"[1,]", b"{'a': 1}", b"nul", b"1 2", b"NaN", b"[Infinity]", b'{"a": -Infinity}', b"1e999",
        b"[-1e999]", b'"\xff"', b'"\xed\xa0\x80"', b'"\x00"', b"\xef\xbb\xbf{}", '{"a": 1}'.encode("utf-16"),
        b"9" * (LONGEST_NUMBER + 1), b'{"\\u0000": 1}', b'"\\uD800"', b'"\\udC00\\ud800"', b'"tab\there"',
    ],
)  # fmt: skip
def test_what_does_not_parse_or_must_not_travel(raw: bytes) -> None:
    with pytest.raises(JsonError):
        decode(raw)


@pytest.mark.parametrize("raw", [b'"\\ud83d\\ude00"', '"한국어"'.encode(), b"1e300", b'"NaN"', b'"\\\\u0000"'])
def test_what_only_looks_unfit(raw: bytes) -> None:
    assert decode(raw) == json.loads(raw)


@given(st.integers(1, 60), st.sampled_from(["[]", "{}", "mixed"]))
def test_depth_has_a_limit(depth: int, kind: str) -> None:
    value: Any = 1
    for level in range(depth):
        value = [value] if kind == "[]" or (kind == "mixed" and level % 2) else {'a["[{': value}
    raw = json.dumps(value).encode()
    if depth <= MAX_DEPTH:
        check(raw)
        return
    with pytest.raises(JsonError, match="levels of nesting"):
        check(raw)


def test_brackets_in_text_are_no_depth() -> None:
    check_depth(json.dumps(["[" * 100, '"[' * 100, "\\" * 99 + "{" * 100]).encode())


def test_bottomless_nesting_is_refused_quickly() -> None:
    for raw in (b"[" * 1_000_000, b'{"a":' * 200_000, b'["' + b"[" * 1_000_000):
        with pytest.raises(JsonError):
            decode(raw)


@given(st.binary(max_size=300))
def test_no_bytes_bring_it_down(raw: bytes) -> None:
    for attempt in (check, decode):
        with contextlib.suppress(JsonError):
            attempt(raw)


@pytest.mark.parametrize(("path", "text"), [((), ""), (("a", 0), "/a/0"), (("a/b", "m~n", ""), "/a~1b/m~0n/")])
def test_pointers(path: tuple[str | int, ...], text: str) -> None:
    assert pointer(path) == text
