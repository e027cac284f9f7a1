"""What the OpenAPI of every service says alike: who may call, errors as problem documents, batches item by item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from service_kit.auth import permission_of
from service_kit.problems import MEDIA_TYPE
from wire.refusal import Param


class Coded(BaseModel):
    """A sentence for people, as a program has it: docs/problems.md lists codes and parameters."""

    model_config = ConfigDict(frozen=True)

    code: str
    params: dict[str, Param]


class WrongField(Coded):
    """`path` is a JSON Pointer into what was sent; `message` says what was expected.

    `code` and `params` say the same to a program: docs/problems.md lists them.
    """

    path: str
    message: str


class ItemResult(BaseModel):
    """What became of one item of a batch. `id` is null when it was rejected and named none."""

    model_config = ConfigDict(frozen=True)

    id: str | None
    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    errors: list[WrongField] = []


class BatchAnswer(BaseModel):
    """One result for each item, in the order of the items."""

    model_config = ConfigDict(frozen=True)

    results: list[ItemResult]
    accepted: int
    duplicate: int
    conflict: int
    rejected: int


Responses = dict[int | str, dict[str, Any]]

BATCH_ANSWERS: Responses = {
    202: {"model": BatchAnswer, "description": "All are durable, now or before"},
    207: {"model": BatchAnswer, "description": "Some were rejected or in conflict; `results` says which"},
    409: {"description": "A single item whose id was accepted before with other content"},
    422: {"description": "None was accepted; `errors` and `results` say why"},
}
#: For `openapi_extra`, beside the JSON body that the route declares.
NDJSON: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-ndjson": {"schema": {"type": "string", "description": "one JSON object a line"}}},
    }
}
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `detail` is for people; `code` is stable, and `params` are what stands in the sentence:"
    " docs/problems.md lists them. `errors` names each wrong field.",
    "required": ["type", "title", "status", "code", "detail", "params"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "params": {"$ref": "#/components/schemas/WrongField/properties/params"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/WrongField"}},
    },
}
_REFUSAL = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def complete(document: dict[str, Any], routes: Iterable[object]) -> dict[str, Any]:
    """FastAPI's document, with our errors in the place of its own, and the scope that each operation wants."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= {"Problem": _PROBLEM, "WrongField": WrongField.model_json_schema()}
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for route in routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = document["paths"][route.path_format][method.lower()]
                operation["responses"] = _with_refusals(operation["responses"])
                scope = permission_of(route.dependant)
                operation["security"] = [] if scope is None else [{"token": [scope] if scope else []}]
    return document


def _with_refusals(responses: Mapping[str, Any]) -> dict[str, Any]:
    refused = {status: response["description"] for status, response in responses.items() if status[0] in "45"}
    refused |= {"4XX": "Refused", "503": "Not now; try again after Retry-After seconds"}
    ours = {status: {"description": description, "content": _REFUSAL} for status, description in refused.items()}
    return dict(sorted({**responses, **ours}.items()))
