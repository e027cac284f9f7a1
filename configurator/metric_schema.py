"""Metric schemas: JSON Schema (2020-12) that an alert brings, so that a wrong config is refused while it is typed.

Schemas come from outside, so they are kept from doing harm: no reference leaves the document and nothing is ever
fetched, patterns run on a linear-time engine, and a check that takes too many steps is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from pydantic_core import SchemaError as PatternError
from pydantic_core import SchemaValidator, core_schema
from referencing import Registry
from referencing.exceptions import Unresolvable

from service_kit.problems import FieldError, wrong
from wire.json_text import pointer

#: Bytes of a schema; a form that needs more is not a form.
MAX_BYTES = 64 * 1024
#: Members looked at in one validation; an honest config takes a few thousand. About 0.1 s.
MAX_STEPS = 50_000
_MAX_PATTERN = 1_000
_MAX_ERRORS = 20
_MAX_SHOWN = 200
#: jsonschema hands these to Python's backtracking engine, in more places than we could replace.
_REFUSED = ("patternProperties",)

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]
Path = tuple[int | str, ...]


class TooCostly(Exception):
    """The validation took more than MAX_STEPS."""


def schema_errors(schema: dict[str, Any]) -> list[FieldError]:
    """What is wrong with `schema`, with JSON Pointers into it; empty when it may be used."""
    if len(json.dumps(schema)) > MAX_BYTES:
        return [wrong("", "expected at most {most} bytes", code="large", most=MAX_BYTES)]
    found = list(_harmful(schema, ()))
    if found:
        return found[:_MAX_ERRORS]
    errors, failure = _run(Draft202012Validator.META_SCHEMA, schema, ())
    return errors or failure or _run(schema, {}, ())[1]


def metric_errors(schema: dict[str, Any], metric: dict[str, Any]) -> list[FieldError]:
    """Where `metric` breaks `schema`, with JSON Pointers under /metric; never echoes a value of the metric."""
    errors, failure = _run(schema, metric, ("metric",))
    return errors or failure


def _run(schema: Any, value: Any, at: Path) -> tuple[list[FieldError], list[FieldError]]:
    """(errors of the value, why the schema could not be applied to it)."""
    place = pointer(at)
    try:
        validator = _counting_validator()(schema, registry=Registry())
        return [_field_error(error, at) for error in islice(validator.iter_errors(value), _MAX_ERRORS)], []
    except TooCostly:
        failure = wrong(place, "the schema takes more than {most} steps to check", code="costly-schema", most=MAX_STEPS)
    except RecursionError:
        failure = wrong(place, "the schema refers to itself without end", code="endless-schema")
    except Unresolvable as error:
        said, to = "the schema has a reference that leads nowhere: {to}", str(error.ref)[:_MAX_SHOWN]
        failure = wrong(place, said, code="reference-to-nowhere", to=to)
    except Exception as error:
        # Whatever a foreign schema makes the library raise, the config is refused: closed, not open.
        failure = wrong(place, "the schema cannot be applied: {why}", code="broken-schema", why=type(error).__name__)
    return [], [failure]


def _counting_validator() -> type[Any]:
    """A validator class whose keywords share one budget of steps; a new one for each validation."""
    steps = 0

    def counted(check: Keyword) -> Keyword:
        def limited(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError] | None:
            nonlocal steps
            steps += 1 + _size(value) + _size(instance)
            if steps > MAX_STEPS:
                raise TooCostly
            return check(validator, value, instance, schema)

        return limited

    keywords = Draft202012Validator.VALIDATORS | _OURS
    extended: Any = extend  # untyped where it comes from
    made: type[Any] = extended(Draft202012Validator, {name: counted(check) for name, check in keywords.items()})
    return made


def _size(value: Any) -> int:
    return len(value) if isinstance(value, list | dict) else 0


def _harmful(value: Any, path: Path) -> Iterator[FieldError]:
    """Every part that could reach outside or run for ever, wherever it stands: a reference can point anywhere."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _harmful(item, (*path, index))
    elif isinstance(value, dict):
        for name, item in value.items():
            complaint = _complaint(name, item)
            if complaint:
                yield complaint.under(pointer((*path, name)))
            yield from _harmful(item, (*path, name))


def _complaint(name: str, value: Any) -> FieldError | None:
    if name in ("$ref", "$dynamicRef") and isinstance(value, str) and not value.startswith("#"):
        return wrong("", 'expected a reference inside this schema, such as "#/$defs/host"', code="reference-outside")
    if name == "pattern" and isinstance(value, str) and _compiled(value) is None:
        said = "expected a regular expression without look-around or back-references, of at most {most} characters"
        return wrong("", said, code="hard-pattern", most=_MAX_PATTERN)
    if name in _REFUSED:
        said = "{keyword} is not supported: use propertyNames with a pattern"
        return wrong("", said, code="refused-keyword", keyword=name)
    return None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> SchemaValidator | None:
    """A test for `pattern` on a linear-time engine; None when that engine refuses it."""
    if len(pattern) > _MAX_PATTERN:
        return None
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except PatternError:
        return None


def _pattern(validator: Any, pattern: str, instance: Any, _: Any) -> Iterator[ValidationError]:
    compiled = _compiled(pattern)
    if isinstance(instance, str) and not (compiled and compiled.isinstance_python(instance)):
        yield ValidationError("does not match")


def _required(validator: Any, names: list[str], instance: Any, _: Any) -> Iterator[ValidationError]:
    """Like the library's, but the path is that of the missing member."""
    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield ValidationError("expected a value: it is required", path=(name,))


def _unique_items(validator: Any, wanted: bool, instance: Any, _: Any) -> Iterator[ValidationError]:
    """Like the library's, but not quadratic."""
    if wanted and isinstance(instance, list):
        seen = {json.dumps(item, sort_keys=True) for item in instance}
        if len(seen) < len(instance):
            yield ValidationError("not unique")


_OURS: dict[str, Keyword] = {"pattern": _pattern, "required": _required, "uniqueItems": _unique_items}


_CAPITAL = re.compile("[A-Z]")
#: Keyword → what it expects, in words; a keyword that is not here speaks for itself.
_SENTENCES = {
    "type": "expected {expected}",
    "minimum": "expected at least {expected}",
    "exclusiveMinimum": "expected more than {expected}",
    "maximum": "expected at most {expected}",
    "exclusiveMaximum": "expected less than {expected}",
    "multipleOf": "expected a multiple of {expected}",
    "enum": "expected one of {expected}",
    "const": "expected {expected}",
    "minLength": "expected at least {expected} characters",
    "maxLength": "expected at most {expected} characters",
    "pattern": "expected text that matches {expected}",
    "minItems": "expected at least {expected} items",
    "maxItems": "expected at most {expected} items",
    "uniqueItems": "expected each item once",
    "oneOf": "expected exactly one of the variants to fit",
    "anyOf": "expected one of the variants to fit",
}


def _field_error(error: Any, at: Path) -> FieldError:
    """What was expected. The library's own texts echo the value, which may be a secret."""
    place, keyword = pointer((*at, *error.absolute_path)), error.validator
    if keyword == "required":
        return wrong(place, "expected a value: it is required", code="missing")
    if keyword is None:
        return wrong(place, "expected nothing here", code="extra-forbidden")
    code = "breaks-" + _CAPITAL.sub(lambda found: "-" + found[0].lower(), keyword)
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        return FieldError(place, str(error.message)[:_MAX_SHOWN], code)
    expected = json.dumps(error.validator_value, ensure_ascii=False)[:_MAX_SHOWN]
    sentence = _SENTENCES.get(keyword, "expected {keyword}: {expected}")
    return FieldError(place, sentence.format(keyword=keyword, expected=expected), code, {"expected": expected})
