"""Cuts in UTF-16 units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msg_sender import utf16

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=300) | st.text("ab 😀.\n,é", max_size=300)


@given(TEXTS)
def test_the_length_is_that_of_the_encoding(text: str) -> None:
    assert utf16.length(text) == len(text.encode("utf-16-le")) // 2


@given(TEXTS, st.integers(0, 400))
def test_a_cut_fits_and_is_a_start_of_the_text(text: str, units: int) -> None:
    cut, kept = utf16.cut(text, units)
    assert utf16.length(cut) <= units
    cut.encode("utf-8")  # no half of a surrogate pair
    if utf16.length(text) <= units:
        assert (cut, kept) == (text, utf16.length(text))
    elif units:
        assert cut.endswith("…")
        assert text.startswith(cut[:-1])
        assert kept == utf16.length(cut[:-1])


@given(TEXTS, st.integers(0, 400))
def test_a_head_is_the_longest_start_that_fits(text: str, units: int) -> None:
    head = utf16.head(text, units)
    assert text.startswith(head)
    assert utf16.length(head) <= units
    rest = text[len(head) :]
    assert not rest or utf16.length(head) + utf16.length(rest[0]) > units


@pytest.mark.parametrize(
    ("text", "units", "cut"),
    [
        ("aaaa bbbb.\n\nccc ddd", 14, "aaaa bbbb.…"),
        ("first one. second two three", 13, "first one.…"),
        ("one two three four five", 20, "one two three four…"),
        ("x" * 30, 10, "x" * 9 + "…"),
        ("😀" * 10, 10, "😀" * 4 + "…"),
        ("ab😀cd", 4, "ab…"),
    ],
)
def test_it_ends_where_a_phrase_ends_when_one_ends_near_the_limit(text: str, units: int, cut: str) -> None:
    assert utf16.cut(text, units)[0] == cut
