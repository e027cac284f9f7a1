"""Foreign schemas: what they may say, and that they cannot reach out, run for ever or bring the server down."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configurator.metric_schema import MAX_STEPS, metric_errors, schema_errors

#: Longer than any honest validation, on a busy machine too.
SOON = 3.0


@pytest.fixture
def canary() -> Iterator[tuple[str, list[Any]]]:
    """A listener that must stay unheard: (its base URL, who called)."""
    calls: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                calls.append(address)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", calls
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "URL/schema.json"},
        {"properties": {"a": {"$dynamicRef": "URL/schema.json#meta"}}},
        {"$id": "URL/base/", "$ref": "other.json"},
        {"$id": "URL/base/", "allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"$id": "x/", "$ref": "#missing"}}},
        {"$schema": "URL/meta.json", "type": "object"},
    ],
)
def test_no_reference_is_ever_fetched(canary: tuple[str, list[Any]], schema: dict[str, Any]) -> None:
    url, calls = canary
    text = _with_url(schema, url)
    schema_errors(text)
    metric_errors(text, {"a": 1})
    with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))):
        pass
    deadline = time.monotonic() + 40
    while not calls and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(calls) == 1, "the only call is the one that shows that the canary hears"


def _with_url(value: Any, url: str) -> Any:
    if isinstance(value, dict):
        return {key: _with_url(item, url) for key, item in value.items()}
    return value.replace("URL", url) if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"$ref": "http://example.org/x"}, "/$ref"),
        ({"$ref": "x.json"}, "/$ref"),
        ({"properties": {"a": {"pattern": "(?=a)"}}}, "/properties/a/pattern"),
        ({"properties": {"a": {"pattern": r"(a)\1"}}}, "/properties/a/pattern"),
        ({"properties": {"a": {"pattern": "a" * 1001}}}, "/properties/a/pattern"),
        ({"properties": {"a": {"pattern": "(((a{1000}){1000}){1000})"}}}, "/properties/a/pattern"),
        ({"patternProperties": {"a": {}}}, "/patternProperties"),
        ({"examples": [{"patternProperties": {}}], "$ref": "#/examples/0"}, "/examples/0/patternProperties"),
        ({"type": "nonsense"}, "/type"),
        ({"minimum": "1"}, "/minimum"),
        ({"properties": {"a": {"required": "b"}}}, "/properties/a/required"),
        ({"$ref": "#"}, ""),
        ({"$ref": "#/$defs/missing"}, ""),
        ({"description": "x" * 70_000}, ""),
    ],
)
def test_a_harmful_or_wrong_schema_is_refused_with_its_place(schema: dict[str, Any], path: str) -> None:
    assert path in [error.path for error in schema_errors(schema)]


@pytest.mark.parametrize(
    ("schema", "metric"),
    [
        ({"properties": {"a": {"pattern": "^(a+)+$"}}}, {"a": "a" * 100_000 + "!"}),
        ({"properties": {"a": {"pattern": "(.*)*,(.*)*;"}}}, {"a": "," * 20_000}),
        ({"properties": {"a": {"uniqueItems": True}}}, {"a": [{"n": number} for number in range(40_000)]}),
        (
            {
                "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)} | {"d40": {}},
                "properties": {"a": {"$ref": "#/$defs/d0"}},
            },
            {"a": 1},
        ),
        ({"properties": {"a": {"items": {"enum": list(range(5_000))}}}}, {"a": [-1] * 50_000}),
        ({"properties": {"a": {"items": {"$ref": "#/properties/a"}}}}, {"a": [[[[[1]]]]]}),
        ({"properties": {"a": {"multipleOf": 0.5}}}, {"a": 10**3_000}),
    ],
    ids=["nested repeat", "several repeats", "unique", "doubling", "big enum", "recursive", "big number"],
)
def test_a_costly_check_ends_soon(schema: dict[str, Any], metric: dict[str, Any]) -> None:
    started = time.process_time()  # whatever else the machine does
    schema_errors(schema)
    metric_errors(schema, metric)
    assert time.process_time() - started < SOON


def test_a_check_that_is_too_costly_refuses_the_metric() -> None:
    schema = {"properties": {"a": {"items": {"enum": list(range(1_000))}}}}
    errors = metric_errors(schema, {"a": [1] * 1_000})
    assert [(error.path, str(MAX_STEPS) in error.message) for error in errors] == [("/metric", True)]


def test_no_error_repeats_a_value() -> None:
    schema = {"properties": {"password": {"type": "integer"}, "b": {"const": 1}, "c": {"maxLength": 3}}}
    for error in metric_errors(schema, {"password": "hunter2", "b": "hunter2", "c": "hunter2"}):
        assert "hunter2" not in error.message


def test_an_error_says_the_keyword_and_what_it_expects_to_a_program_too() -> None:
    schema = {"properties": {"a": {"type": "integer"}, "b": {"minLength": 3}, "c": {"oneOf": [{"const": 1}]}}}
    schema |= {"required": ["d"], "additionalProperties": False}
    errors = metric_errors(schema, {"a": "x", "b": "x", "c": "x", "e": 1})
    told = {error.path: (error.code, error.params) for error in errors}
    assert told == {
        "/metric/a": ("breaks-type", {"expected": '"integer"'}),
        "/metric/b": ("breaks-min-length", {"expected": "3"}),
        "/metric/c": ("breaks-one-of", {"expected": '[{"const": 1}]'}),
        "/metric/d": ("missing", {}),
        "/metric": ("breaks-additional-properties", {}),
    }


@pytest.mark.parametrize("keyword", ["pattern", "required", "uniqueItems"])
def test_our_keywords_agree_with_the_library(keyword: str) -> None:
    from jsonschema import Draft202012Validator

    value: Any = {"pattern": "b+", "required": ["x"], "uniqueItems": True}[keyword]
    for instance in ({}, {"x": 1}, "abc", "xyz", [1, 1], [1, 2], [{"a": 1}, {"a": 1}], [1, True], 5, None):
        schema = {"properties": {"v": {keyword: value}}}
        ours = not metric_errors(schema, {"v": instance})
        assert ours == Draft202012Validator(schema).is_valid({"v": instance}), instance


keywords = st.sampled_from(
    ["type", "properties", "items", "$ref", "$defs", "allOf", "anyOf", "not", "if", "then", "enum", "const", "pattern",
     "required", "minLength", "multipleOf", "contains", "prefixItems", "unevaluatedProperties", "dependentSchemas",
     "propertyNames", "uniqueItems", "$id", "$anchor", "$dynamicRef", "format", "additionalProperties"]
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | keywords, inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(keywords, json_values, max_size=5), st.dictionaries(st.text(max_size=5), json_values, max_size=4)
)
@settings(max_examples=300, deadline=None)
def test_no_schema_brings_the_check_down(schema: dict[str, Any], metric: dict[str, Any]) -> None:
    schema_errors(schema)
    metric_errors(schema, metric)
