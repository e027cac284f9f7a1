"""Problem documents: what they tell a program, and that they never tell what was sent."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from service_kit import problems
from service_kit.problems import Conflict, FieldError, Unauthorized, Unavailable, refused, wrong
from wire.json_text import JsonError, decode
from wire.refusal import Refusal

SECRET = "aw_0123456789abcdef0123456789abcdef"


def _even(number: int) -> int:
    if number % 2:
        raise Refusal("expected a multiple of {step}", code="odd", step=2)
    return number


def _plain(text: str) -> str:
    if text == "no":
        raise ValueError("expected something else")
    return text


class Thing(BaseModel, extra="forbid"):
    name: Annotated[str, Field(max_length=3, pattern="^[a-z]*$")] = ""
    size: Annotated[int, Field(ge=1), AfterValidator(_even)] = 2
    kind: Literal["big", "small"] = "big"
    word: Annotated[str, AfterValidator(_plain)] = ""


@pytest.mark.parametrize(
    ("given", "path", "code", "params"),
    [
        ({"name": "hunter"}, "/name", "string-too-long", {"max_length": 3}),
        ({"name": "H"}, "/name", "string-pattern-mismatch", {"pattern": "^[a-z]*$"}),
        ({"name": 5}, "/name", "string-type", {}),
        ({"size": 0}, "/size", "greater-than-equal", {"ge": 1}),
        ({"size": 3}, "/size", "odd", {"step": 2}),
        ({"kind": "hunter"}, "/kind", "literal-error", {"expected": "'big' or 'small'"}),
        ({"word": "no"}, "/word", "invalid", {}),
        ({"hunter": "hunter"}, "/hunter", "extra-forbidden", {}),
    ],
)
def test_a_wrong_field_has_a_code_and_the_limits_of_its_sentence(
    given: dict[str, Any], path: str, code: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError) as caught:
        Thing.model_validate(given)
    [error] = problems.invalid_model(caught.value).document()["errors"]
    assert (error["path"], error["code"], error["params"]) == (path, code, params)
    assert "hunter" not in error["message"] + json.dumps(error["params"])


def test_a_problem_says_its_parameters_in_words_and_by_name() -> None:
    document = Conflict("there are {count} of {kind}", code="many", count=3, kind="{config}").document()
    assert (document["code"], document["detail"]) == ("many", "there are 3 of {config}")
    assert document["params"] == {"count": 3, "kind": "{config}"}
    assert document["type"].endswith("#many")


def test_who_is_to_come_again_is_told_when() -> None:
    later = Unavailable("storage {failed}", code="away", retry_after=7)
    assert (later.detail, later.params, later.headers["Retry-After"]) == ("storage {failed}", {"retry_after": 7}, "7")
    assert Unauthorized("who?", code="who").headers == {"WWW-Authenticate": "Bearer"}


def test_what_is_wrong_with_each_field_is_the_detail_of_the_whole() -> None:
    errors = [wrong("/a", "expected at most {most}", code="large", most=5), FieldError("", "expected an object")]
    document = refused(errors).document()
    assert document["detail"] == "/a: expected at most 5; body: expected an object"
    assert document["code"] == "invalid"
    assert document["errors"][0] == {
        "path": "/a", "message": "expected at most 5", "code": "large", "params": {"most": 5},
    }  # fmt: skip
    assert errors[0].under("/items/0").path == "/items/0/a"


def test_no_secret_stands_in_a_parameter() -> None:
    document = Conflict("{text}", code="x", errors=[wrong("", "{text}", code="x", text=SECRET)], text=SECRET).document()
    assert SECRET not in json.dumps(document)


@pytest.mark.parametrize(
    ("raw", "code", "params"),
    [
        (b"{", "not-json", {"why": "Expecting property name enclosed in double quotes", "line": 1, "column": 2}),
        (b"\xff", "not-utf-8", {"byte": "0xff", "at": 0}),
        (b"NaN", "not-a-json-number", {"found": "NaN"}),
        (b"1e999", "large-number", {"found": "1e999"}),
        (b"[" * 40 + b"]" * 40, "too-deep", {"most": 32}),
        (b'"\\u0000"', "nul", {}),
        (b'"\\ud800"', "lone-surrogate", {}),
        (b"1" * 4_001, "long-number", {"most": 4_000}),
    ],
)
def test_unfit_json_has_codes_too(raw: bytes, code: str, params: dict[str, Any]) -> None:
    with pytest.raises(JsonError) as caught:
        decode(raw)
    [error] = problems.invalid_json(caught.value).errors
    assert (error.code, error.params) == (code, params)
