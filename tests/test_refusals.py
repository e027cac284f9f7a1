"""What a client can say in other words: each refusal, and each reason why a message is not sent, has a literal
sentence, a code of its own, and its parameters."""

from __future__ import annotations

import re

from alertwrap.reference.refusals import Said, said, shapes_of_the_framework

#: They put other refusals together, and pass on what the framework says.
_BUILDERS = "service_kit/problems.py"


def calls() -> list[Said]:
    return [one for one in said() if not one.place.startswith(_BUILDERS)]


def test_every_refusal_names_its_code_and_its_sentence_literally() -> None:
    """`raise NotFound("no alert {name}", code="no-alert", name=name)`: nothing else can be listed, or translated."""
    assert [one for one in calls() if not one.code or not one.sentence] == []


def test_the_parameters_are_those_of_the_sentence() -> None:
    assert [one for one in calls() if one.params != one.placeholders] == []


def test_one_code_has_one_sentence_and_one_status() -> None:
    sentences: dict[tuple[str | None, str], set[tuple[str | None, int | None]]] = {}
    for one in calls():
        sentences.setdefault((one.code, one.kind), set()).add((one.sentence, one.status))
    assert {code: found for code, found in sentences.items() if len(found) > 1} == {}


def test_codes_are_words_with_hyphens() -> None:
    codes = [one.code or "" for one in calls()] + list(shapes_of_the_framework())
    assert [code for code in codes if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", code)] == []


def test_they_are_found_at_all() -> None:
    assert len(calls()) > 100
    assert {"no-account", "storage-failed", "no-channel", "id-taken", "no-path"} <= {one.code for one in calls()}


def test_those_of_deliveries_are_found_where_they_are_made() -> None:
    found = {one.code for one in calls() if one.kind == "delivery"}
    assert {"not-configured", "smtp-answered", "given-up", "answer-lost", "address-closed", "tls-failed"} <= found


def test_no_code_of_a_delivery_means_something_else_elsewhere() -> None:
    """One page lists them all: who looks for a code there finds one sentence."""
    found = calls()
    others = {one.code for one in found if one.kind != "delivery"} | set(shapes_of_the_framework())
    assert {one.code for one in found if one.kind == "delivery"} & others == set()
