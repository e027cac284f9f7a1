"""Errors that a client sees: problem documents (RFC 9457).

Problem                     an expected refusal, with its HTTP status
├── Invalid           422   names each wrong field: `errors` [{"path", "message", "code", "params"}]
├── Unauthorized      401
├── Forbidden         403
├── NotFound          404
├── Conflict          409
├── Gone              410   it was here, and was deleted as the settings want it
├── PreconditionFailed, PreconditionRequired   412, 428
├── TooLarge          413
├── UnsupportedMedia  415
├── TooMany           429   ask again, after `retry_after` seconds
├── Internal          500   the log knows more
└── Unavailable       503   try again, after `retry_after` seconds

Each says what is wrong twice: by a sentence for people, and by a stable `code` with the `params` of the sentence.
`docs/problems.md` lists them all. It is made from the calls that raise them: sentence and code stand there literally.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from service_kit.secrets import mask
from wire.json_text import JsonError, pointer
from wire.refusal import Param, Refusal, fill

MEDIA_TYPE = "application/problem+json"
#: The code of what has none of its own: a field that somebody else's library refused for its own reasons.
INVALID = "invalid"
#: What pydantic tells besides its sentence that is ours to pass on: limits, never what was sent.
_LIMITS = frozenset({
    "min_length", "max_length", "actual_length", "ge", "gt", "le", "lt", "multiple_of", "pattern", "expected",
    "field_type",
})  # fmt: skip


@dataclass(frozen=True)
class FieldError:
    """One wrong field: `path` is a JSON Pointer into what was sent, `message` says what was expected.

    `code` and `params` say the same to a program; they are those of the sentence, as in a Problem.
    """

    path: str
    message: str
    code: str = INVALID
    params: Mapping[str, Param] = field(default_factory=dict)

    def under(self, place: str) -> FieldError:
        """The same, where `path` is counted from further up."""
        return replace(self, path=place + self.path)

    def document(self) -> dict[str, Any]:
        """As the wire has it."""
        return {"path": self.path, "message": mask(self.message), "code": self.code, "params": _masked(self.params)}


def wrong(path: str, sentence: str, /, *, code: str, **params: Param) -> FieldError:
    """What is wrong with one field: `wrong("/name", "expected at most {most} letters", code="long-name", most=9)`."""
    return FieldError(path, fill(sentence, params), code, params)


class Problem(Exception):
    """An expected refusal: `raise NotFound("no alert {name}", code="no-alert", name=name)`.

    `code` is stable and can be matched by clients, `detail` is the sentence with `params` in it, for people. The
    seconds after which to come again, `retry_after`, are among the parameters too.
    """

    status = HTTPStatus.BAD_REQUEST
    code = "bad-request"
    headers: Mapping[str, str] = {}
    retry_after: int | None = None

    def __init__(
        self,
        sentence: str,
        /,
        *,
        code: str = "",
        errors: Sequence[FieldError] = (),
        retry_after: int | None = None,
        **params: Param,
    ) -> None:
        self.detail = fill(sentence, params)
        self.code = code or self.code
        self.params: Mapping[str, Param] = params
        self.errors = tuple(errors)
        self.retry_after = retry_after or self.retry_after
        if self.retry_after is not None:
            self.headers = {**self.headers, "Retry-After": str(self.retry_after)}
            self.params = {**params, "retry_after": self.retry_after}
        super().__init__(self.detail)

    def document(self) -> dict[str, Any]:
        """The RFC 9457 document."""
        body: dict[str, Any] = {
            "type": f"about:blank#{self.code}",
            "title": self.status.phrase,
            "status": int(self.status),
            "code": self.code,
            "detail": mask(self.detail),
            "params": _masked(self.params),
        }
        if self.errors:
            body["errors"] = [error.document() for error in self.errors]
        return body

    def response(self) -> Response:
        """The document as an HTTP answer."""
        body = json.dumps(self.document()).encode()
        return Response(body, int(self.status), dict(self.headers), MEDIA_TYPE)


class Invalid(Problem):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid"


class Unauthorized(Problem):
    status = HTTPStatus.UNAUTHORIZED
    code = "unauthorized"
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    status = HTTPStatus.FORBIDDEN
    code = "forbidden"


class NotFound(Problem):
    status = HTTPStatus.NOT_FOUND
    code = "not-found"


class Conflict(Problem):
    status = HTTPStatus.CONFLICT
    code = "conflict"


class Gone(Problem):
    status = HTTPStatus.GONE
    code = "gone"


class PreconditionFailed(Problem):
    status = HTTPStatus.PRECONDITION_FAILED
    code = "precondition-failed"


class PreconditionRequired(Problem):
    status = HTTPStatus.PRECONDITION_REQUIRED
    code = "precondition-required"


class TooLarge(Problem):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too-large"


class UnsupportedMedia(Problem):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported-media"


class TooMany(Problem):
    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too-many-requests"
    retry_after = 1


class Internal(Problem):
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal-server-error"


class Unavailable(Problem):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    retry_after = 1


def refused(errors: Sequence[FieldError]) -> Invalid:
    """What is wrong with each of these fields."""
    return Invalid("; ".join(f"{error.path or 'body'}: {error.message}" for error in errors), errors=errors)


def errors_of(problem: Problem) -> tuple[FieldError, ...]:
    """What a problem says of fields; when it names none, it is about the whole."""
    return problem.errors or (FieldError("", problem.detail, problem.code, problem.params),)


def invalid_json(error: JsonError) -> Invalid:
    """A JsonError as the client sees it."""
    return refused([FieldError(error.path, error.message, error.code, error.params)])


def invalid_model(error: ValidationError) -> Invalid:
    """A pydantic error as the client sees it; never echoes the value, which may be a secret."""
    return refused(field_errors(error.errors(include_url=False, include_input=False)))


def field_errors(errors: Iterable[Any]) -> list[FieldError]:
    """pydantic's error list → ours. The leading "body" that FastAPI adds is dropped."""
    found = []
    for error in errors:
        where = tuple(error["loc"])
        where = where[1:] if where[:1] == ("body",) else where
        found.append(FieldError(pointer(where), error["msg"].removeprefix("Value error, "), *_why(error)))
    return found


def _why(error: Mapping[str, Any]) -> tuple[str, Mapping[str, Param]]:
    """The code and the parameters: of our own validators as they say, of pydantic's those that are limits."""
    context = error.get("ctx", {})
    ours = context.get("error")
    if isinstance(ours, Refusal):
        return ours.code, ours.params
    if error["type"] == "value_error":
        return INVALID, {}
    return error["type"].replace("_", "-"), {name: value for name, value in context.items() if name in _LIMITS}


def install(app: FastAPI) -> None:
    """Make `app` answer every error as a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_request_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(JsonError, _on_json_error)


def with_status(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Problem:
    """A Problem of any status, with the status' own phrase as its code."""
    problem = Problem(detail, code=status.phrase.lower().replace(" ", "-"))
    problem.status, problem.headers = status, headers or {}
    return problem


async def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _on_json_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, JsonError)
    return invalid_json(error).response()


async def _on_request_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return refused(field_errors(error.errors())).response()


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return with_status(status, error.detail or status.phrase, error.headers).response()


def _masked(params: Mapping[str, Param]) -> dict[str, Param]:
    return {name: mask(value) if isinstance(value, str) else value for name, value in params.items()}
