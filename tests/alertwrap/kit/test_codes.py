"""Every code that a tool names has a page, and `alertwrap explain` finds it however it is written."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from alertwrap.cli import main
from alertwrap.kit.codes import PARTS, codes, page, part
from alertwrap.kit.conformance.rows import ROWS
from alertwrap.run.operational import Kind
from tests.alertwrap.conftest import ROOT


def explain(*words: str) -> str:
    return CliRunner().invoke(main, ["explain", *words]).output


def test_every_row_and_every_word_of_the_wrapper_has_a_code() -> None:
    assert [name for name in codes() if part(name) == "C"] == list(ROWS)
    assert [name for name in codes() if part(name) == ""] == sorted(Kind.__args__)  # type: ignore[attr-defined]


def test_every_word_of_the_wrapper_is_provoked_by_a_test() -> None:
    tests = "".join(file.read_text("utf-8") for file in (ROOT / "tests" / "alertwrap").glob("test_*.py"))
    assert [kind for kind in Kind.__args__ if f'"{kind}"' not in tests] == []  # type: ignore[attr-defined]


def test_the_page_of_codes_is_made_from_them() -> None:
    found = (ROOT / "docs" / "codes.md").read_text("utf-8")
    assert found == page(), "run: python -m alertwrap.kit.codes > docs/codes.md"


@pytest.mark.parametrize("name", codes())
def test_each_says_what_is_right_why_and_what_to_do(name: str) -> None:
    meaning = codes()[name]
    assert meaning.title[0].isupper() or meaning.title[0] == "`"
    assert explain(name) == f"{name}: {meaning.title}\n\n{meaning.why}\n\nDo: {meaning.do}\n"


@pytest.mark.parametrize(("word", "name"), [("c14", "C14"), ("Crash-Loop", "crash_loop"), (" l06 ", "L06")])
def test_a_code_is_found_however_it_is_written(word: str, name: str) -> None:
    assert explain(word).startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("crashloop", "did you mean crash_loop?"),
        ("malformd", "did you mean malformed?"),
        ("C99", "did you mean C"),
        ("what", "`alertwrap explain` lists them"),
    ],
)
def test_a_code_that_is_none_suggests_the_nearest(word: str, hint: str) -> None:
    text = explain(word)
    assert f"{word} is no code; {hint}" in text


def test_without_a_code_all_are_listed_by_where_they_come_from() -> None:
    lines = explain().splitlines()
    heads = [line for line in lines if line and not line.startswith(" ")]
    assert heads[:3] == list(PARTS.values())
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(codes())
    assert max(map(len, lines)) <= 80
