"""Errors that a client sees: problem documents (RFC 9457).

Problem                     an expected refusal, with its HTTP status
├── Invalid           422   names each wrong field: `errors` [{"path", "message"}]
├── Unauthorized      401
├── Forbidden         403
├── NotFound          404
├── Conflict          409
├── Gone              410   it was here, and was deleted as the settings want it
├── TooLarge          413
├── UnsupportedMedia  415
└── Unavailable       503   try again, after `retry_after` seconds
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from service_kit.secrets import mask
from wire.json_text import JsonError, pointer

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class FieldError:
    """One wrong field: `path` is a JSON Pointer into what was sent, `message` says what was expected."""

    path: str
    message: str


class Problem(Exception):
    """An expected refusal. `code` is stable and can be matched by clients; `detail` is for people."""

    status = HTTPStatus.BAD_REQUEST
    code = "bad-request"

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None):
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def document(self) -> dict[str, Any]:
        """The RFC 9457 document."""
        body: dict[str, Any] = {
            "type": f"about:blank#{self.code}",
            "title": self.status.phrase,
            "status": int(self.status),
            "code": self.code,
            "detail": mask(self.detail),
        }
        if self.errors:
            body["errors"] = [{"path": error.path, "message": mask(error.message)} for error in self.errors]
        return body

    def response(self) -> Response:
        """The document as an HTTP answer."""
        body = json.dumps(self.document()).encode()
        return Response(body, int(self.status), self.headers, MEDIA_TYPE)


class Invalid(Problem):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid"


class Unauthorized(Problem):
    status = HTTPStatus.UNAUTHORIZED
    code = "unauthorized"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


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


class Unavailable(Problem):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


def invalid_json(error: JsonError) -> Invalid:
    """A JsonError as the client sees it."""
    return Invalid(str(error), errors=[FieldError(error.path, error.message)])


def invalid_model(error: ValidationError) -> Invalid:
    """A pydantic error as the client sees it; never echoes the value, which may be a secret."""
    errors = field_errors(error.errors(include_url=False, include_context=False, include_input=False))
    return Invalid("; ".join(f"{item.path or 'body'}: {item.message}" for item in errors), errors=errors)


def field_errors(errors: Iterable[Any]) -> list[FieldError]:
    """pydantic's error list → ours. The leading "body" that FastAPI adds is dropped."""
    found = []
    for error in errors:
        where = tuple(error["loc"])
        where = where[1:] if where[:1] == ("body",) else where
        found.append(FieldError(pointer(where), error["msg"].removeprefix("Value error, ")))
    return found


def install(app: FastAPI) -> None:
    """Make `app` answer every error as a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_request_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(JsonError, _on_json_error)


def with_status(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Problem:
    """A Problem of any status, with the status' own phrase as its code."""
    problem = Problem(detail, headers=headers)
    problem.status = status
    problem.code = status.phrase.lower().replace(" ", "-")
    return problem


async def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _on_json_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, JsonError)
    return invalid_json(error).response()


async def _on_request_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = field_errors(error.errors())
    return Invalid("; ".join(f"{item.path or 'body'}: {item.message}" for item in errors), errors=errors).response()


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return with_status(status, error.detail or status.phrase, error.headers).response()
