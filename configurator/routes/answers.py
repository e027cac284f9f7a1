"""Answers that many routes give."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from configurator.announce import entity
from configurator.collection import Page
from configurator.links import Link
from configurator.preconditions import etag, is_known
from configurator.store import Document, Revision
from service_kit.openapi import Responses
from wire.times import Timestamp, rfc3339

T = TypeVar("T")

_TAG: dict[str, Any] = {"headers": {"ETag": {"description": "The revision.", "schema": {"type": "string"}}}}
#: What the routes of documents answer, for OpenAPI.
TAGGED: Responses = {200: _TAG}
READ: Responses = {200: _TAG, 304: {"description": "The caller has this revision"}}
CREATED: Responses = {
    200: {"description": "It was there already", **_TAG},
    201: {"headers": {**_TAG["headers"], "Location": {"description": "Its path.", "schema": {"type": "string"}}}},
}


class Author(BaseModel):
    """Who made a change: the token's id and name."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str


class RevisionView(BaseModel):
    """One revision; `body` is null when it is the deletion."""

    model_config = ConfigDict(frozen=True)

    revision: int
    action: Literal["created", "updated", "restored", "deleted"]
    at: Timestamp
    by: Author
    body: dict[str, Any] | None


class Revisions(BaseModel):
    """The newest first."""

    model_config = ConfigDict(frozen=True)

    items: list[RevisionView]
    next: str | None


class LinkView(BaseModel):
    """A one-time link; it is shown this once."""

    model_config = ConfigDict(frozen=True)

    link: str
    expires_at: Timestamp


def link_view(link: Link, base: str) -> dict[str, Any]:
    return {"link": link.url(base), "expires_at": rfc3339(link.expires_at)}


def base_url(request: Request, public_url: str | None) -> str:
    """Where browsers see us: as the settings say, or else as this caller does."""
    return public_url or str(request.base_url)


def shown(kind: str, document: Document, if_none_match: str | None) -> Response:
    """The document with its ETag; 304 when the caller has it."""
    if is_known(if_none_match, document.revision):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag(document.revision)})
    return changed(kind, document)


def changed(kind: str, document: Document) -> Response:
    return JSONResponse(entity(kind, document), headers={"ETag": etag(document.revision)})


def created(kind: str, document: Document, new: bool, path: str) -> Response:
    """201 with its Location, or 200 when the same was there already."""
    headers = {"ETag": etag(document.revision), "Location": f"{path}/{document.id}"}
    status = HTTPStatus.CREATED if new else HTTPStatus.OK
    return JSONResponse(entity(kind, document), status, headers)


def listed(page: Page[T], show: Callable[[T], dict[str, Any]]) -> Response:
    return JSONResponse({"items": [show(item) for item in page.items], "next": page.next})


def history(kind: str, page: Page[Revision]) -> Response:
    def show(revision: Revision) -> dict[str, Any]:
        return {
            "revision": revision.revision,
            "action": revision.action,
            "at": rfc3339(revision.at),
            "by": {"id": revision.by_id, "name": revision.by_name},
            "body": entity(kind, _then(revision)) if revision.body is not None else None,
        }

    return listed(page, show)


def _then(revision: Revision) -> Document:
    return Document(revision.id, revision.revision, revision.body or "{}", revision.at, revision.at)
