"""Batches: one object, a JSON array or NDJSON in; one result for each item out, in the order of the items.

Each item stays the text that was sent, so that a model can validate it in one pass and the store can keep it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from itertools import repeat
from json.encoder import encode_basestring_ascii as quoted
from typing import Literal, NamedTuple

from fastapi import Response
from pydantic import ValidationError

from service_kit.problems import MEDIA_TYPE, Conflict, FieldError, Invalid, Problem, field_errors, refused
from wire.json_text import LONGEST_NUMBER, MAX_DEPTH, JsonError, check, check_depth, decode_any, suspicious

FieldErrors = tuple[FieldError, ...]
Status = Literal["accepted", "duplicate", "conflict", "rejected"]

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
_BLANK = b" \t\r\n"
_ACCEPTED_BETWEEN = ',"status":"accepted"},{"id":'
_NONE_ELSE = ',"duplicate":0,"conflict":0,"rejected":0'
_ACCEPTED, _MULTI_STATUS = int(HTTPStatus.ACCEPTED), int(HTTPStatus.MULTI_STATUS)


class Batch(NamedTuple):
    """`items` are JSON texts, or what was wrong with that item. `single`: the body was one value, not a list."""

    single: bool
    items: list[bytes | FieldErrors]


class Result(NamedTuple):
    """What became of one item. `id` is None when the item was rejected and named none."""

    id: str | None
    status: Status
    errors: FieldErrors = ()


def results_of(ids: Sequence[str], statuses: Sequence[Status]) -> list[Result]:
    """A Result for each id, none of them rejected. Without a call of Python for each: batches are thousands long."""
    return list(map(tuple.__new__, repeat(Result), zip(ids, statuses, repeat(()), strict=False)))


def parse_batch(body: bytes, content_type: str) -> Batch:
    """Split a body into its items. A malformed line costs that line; a malformed array or object is one bad item."""
    kind = content_type.partition(";")[0].strip().lower()
    text = body.strip(_BLANK)
    if kind in LINES:
        return Batch(False, _lines(text))
    if text.startswith(b"["):
        return _array(text)
    if b"\n" in text and not _is_one_value(text):
        return Batch(False, _lines(text))
    return Batch(True, [_checked(text)])


def rejection(error: ValidationError) -> FieldErrors:
    """A pydantic error as an item's errors; never echoes the value, which may be a secret."""
    return tuple(field_errors(error.errors(include_url=False, include_input=False)))


class Reply(NamedTuple):
    """What is answered to a batch, before it is an HTTP answer."""

    status: int
    media_type: str
    body: bytes


def reply(results: Sequence[Result], single: bool) -> Reply:
    """202 when nothing was refused, 207 when some were, 422 (409: a single conflict) when all were."""
    statuses = [result.status for result in results]
    accepted = statuses.count("accepted")
    if accepted == len(results) > 0:
        return Reply(_ACCEPTED, "application/json", _all_accepted(results).encode())
    refused = statuses.count("rejected") + statuses.count("conflict")
    if refused and refused == len(results):
        return _problem(results, single)
    return Reply(_MULTI_STATUS if refused else _ACCEPTED, "application/json", f"{{{_report(results)}}}".encode())


def answer(results: Sequence[Result], single: bool) -> Response:
    """`reply` as a response of the framework."""
    status, media_type, body = reply(results, single)
    return Response(body, status, media_type=media_type)


def _is_one_value(text: bytes) -> bool:
    """Whether lines are one pretty-printed value. When neither reading parses, what looks like lines is lines."""
    try:
        decode_any(text)
    except JsonError as error:
        first, _, rest = text.partition(b"\n")
        return not (error.message.startswith("expected JSON: Extra data") or _is_line(first) or _is_line(rest))
    return True


def _is_line(text: bytes) -> bool:
    line = text.partition(b"\n")[0].strip(_BLANK)
    return line.startswith(b"{") and line.endswith(b"}")


def _lines(body: bytes) -> list[bytes | FieldErrors]:
    """A few looks over all lines at once tell that nearly no body needs a look at the values of each."""
    lines = [line for raw in body.split(b"\n") if (line := raw.strip(_BLANK))]
    if suspicious(body) or _longest(lines) >= LONGEST_NUMBER or _most(b"[", lines) + _most(b"{", lines) > MAX_DEPTH:
        return [_checked(line) for line in lines]
    return [*lines]


def _longest(lines: Sequence[bytes]) -> int:
    return max(map(len, lines), default=0)


def _most(bracket: bytes, lines: Sequence[bytes]) -> int:
    return max(map(bytes.count, lines, repeat(bracket)), default=0)


def _checked(text: bytes) -> bytes | FieldErrors:
    try:
        check(text)
    except JsonError as error:
        return _errors(error)
    return text


def _array(body: bytes) -> Batch:
    try:
        check_depth(body, MAX_DEPTH + 1)
        return Batch(False, [_checked(item) for item in _elements(body)])
    except JsonError as error:
        return Batch(False, [_errors(error)])


def _elements(body: bytes) -> list[bytes]:
    """The texts of an array's elements, as they were sent. Raises JsonError when it does not parse."""
    decode_any(body)  # says what is wrong and where, in words; below only the places matter
    text = body.decode()
    decoder, at, items = json.JSONDecoder(), _skip(text, 1), list[bytes]()
    while text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        items.append(text[at:end].encode())
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at
    return items


def _skip(text: str, at: int) -> int:
    while text[at] in " \t\r\n":
        at += 1
    return at


def _errors(error: JsonError) -> FieldErrors:
    return (FieldError(error.path, error.message, error.code, error.params),)


def _problem(results: Sequence[Result], single: bool) -> Reply:
    first = results[0]
    if single and first.status == "conflict":
        said = "{id}: this id was accepted before with other content"
        problem: Problem = Conflict(said, code="id-taken", id=first.id)
    elif len(results) > 1 or not first.errors:
        problem = Invalid("none of {count} items was accepted", code="none-accepted", count=len(results))
    else:
        problem = refused([error.under("" if single else "/0") for error in first.errors])
    document = json.dumps(problem.document())
    return Reply(int(problem.status), MEDIA_TYPE, f"{document[:-1]}, {_report(results)}}}".encode())


def _all_accepted(results: Sequence[Result]) -> str:
    """`_report` of what nearly every answer says, as the whole object. By hand: this is the hot path of a batch."""
    listed = _ACCEPTED_BETWEEN.join([quoted(str(result.id)) for result in results])
    return f'{{"results":[{{"id":{listed},"status":"accepted"}}],"accepted":{len(results)}{_NONE_ELSE}}}'


def _report(results: Sequence[Result]) -> str:
    """The members of the answer's object."""
    statuses = [result.status for result in results]
    listed = ",".join(map(_one, results))
    return (
        f'"results":[{listed}],"accepted":{statuses.count("accepted")}'
        f',"duplicate":{statuses.count("duplicate")},"conflict":{statuses.count("conflict")}'
        f',"rejected":{statuses.count("rejected")}'
    )


def _one(result: Result) -> str:
    name = "null" if result.id is None else quoted(result.id)
    if not result.errors:
        return f'{{"id":{name},"status":"{result.status}"}}'
    errors = json.dumps([error.document() for error in result.errors])
    return f'{{"id":{name},"status":"{result.status}","errors":{errors}}}'
