"""Which configs an alert works with, whatever comes and whatever it says of them."""

from __future__ import annotations

from typing import Any

from alertwrap.run.conversation import Verdict
from alertwrap.stdin.config_book import MAX_BYTES, ConfigBook

SCHEMA = {"type": "object", "properties": {"max": {"type": "integer"}}}


def config(name: str, revision: int = 1, **metric: Any) -> dict[str, Any]:
    return {"id": name, "metric": metric, "enabled": True, "revision": revision}


def shown(book: ConfigBook) -> list[tuple[str, int]]:
    return [(one["id"], one["revision"]) for one in book.current]


def test_what_is_offered_is_used_until_something_is_wrong() -> None:
    book = ConfigBook(None)
    assert book.offer([config("a"), config("b")]) == {}
    assert shown(book) == [("a", 1), ("b", 1)]
    assert book.fail("exit code 78") is False, "nothing was ever proved: there is nothing to go back to"


def test_what_breaks_the_schema_is_not_used_and_what_was_in_use_stays() -> None:
    book = ConfigBook(None)
    book.check_with(SCHEMA)
    book.offer([config("a", max=1), config("b", max=1)])
    refused = book.offer([config("a", 2, max="x"), config("b", 2, max=2)])
    assert list(refused) == ["a"]
    assert shown(book) == [("a", 1), ("b", 2)]
    assert book.offer([config("a", 2, max="x"), config("b", 2, max=2)]) == {}, "told once"
    book.offer([config("a", 3, max=3), config("b", 2, max=2)])
    assert (shown(book), book.refused) == ([("a", 3), ("b", 2)], {})


def test_a_verdict_counts_for_the_line_that_was_sent_last_only() -> None:
    book = ConfigBook([config("a")])
    book.offer([config("a", 2)])
    book.sent(5)
    assert book.judge(Verdict(4, ("old news",))) is False
    assert shown(book) == [("a", 2)]
    assert book.judge(Verdict(5, ("wrong",))) is True
    assert (shown(book), book.refused) == ([("a", 1)], {"a": "wrong"})


def test_only_what_was_not_proved_is_suspected_and_of_that_what_the_verdict_names() -> None:
    book = ConfigBook([config("a"), config("b")])
    book.offer([config("a", 2), config("b"), config("c")])
    book.sent(1)
    assert book.judge(Verdict(1, ("/configs/2/metric: wrong",))) is True
    assert shown(book) == [("a", 2), ("b", 1)]
    assert book.fail("exit code 78") is True
    assert shown(book) == [("a", 1), ("b", 1)]
    assert book.fail("exit code 78") is False


def test_a_new_revision_is_tried_again_and_proved() -> None:
    book = ConfigBook([config("a")])
    book.offer([config("a", 2)])
    book.fail("crash loop")
    book.offer([config("a", 3)])
    assert shown(book) == [("a", 3)]
    assert book.prove() is True
    assert book.prove() is False
    assert book.good == [config("a", 3)]


def test_all_of_them_together_fit_into_line_1() -> None:
    book = ConfigBook(None)
    book.offer([config("a", text="x" * 1000), config("b", text="x" * MAX_BYTES)])
    assert shown(book) == [("a", 1)]
    assert "bytes together" in book.refused["b"]


def test_a_schema_that_cannot_be_applied_refuses_nothing() -> None:
    book = ConfigBook(None)
    book.check_with({"$ref": "https://example.org/elsewhere.json"})
    book.offer([config("a", max=1)])
    assert shown(book) == [("a", 1)]
