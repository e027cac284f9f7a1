"""/api/v1/configs/validate, problems, export, plan, apply: what looks at configs without, or before, changing them."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from configurator import transfer
from configurator.author import Author
from configurator.collection import Collection
from configurator.hints import Hint
from configurator.judge import Verdict, judge, troubled
from configurator.preconditions import etag_of, if_match
from configurator.routes.answers import TAGGED
from configurator.routes.parameters import After, IfMatch, Limit
from configurator.transfer import Item
from service_kit.auth import Principal, allow
from service_kit.openapi import WrongField
from service_kit.problems import FieldError
from wire.ids import Name
from wire.json_text import JsonObject
from wire.times import utc_now

PATH = "/api/v1/configs"

MayRead = Annotated[Principal, allow("configs:read")]
MayWrite = Annotated[Principal, allow("configs:write")]
OfAlert = Annotated[Name | None, Query(description="Only the configs of this alert, without recipients.")]
Prune = Annotated[bool, Query(description="Delete the configs that the document does not have.")]


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class HintView(_Shown):
    """Something odd that is allowed: `path` is a JSON Pointer into the config."""

    code: Literal["nobody", "everyone", "unknown-recipient", "no-address"]
    path: str
    message: str


class VerdictView(_Shown):
    """`errors` would refuse the config, `hints` would not."""

    errors: list[WrongField]
    hints: list[HintView]


class Trouble(VerdictView):
    """A stored config that its alert's schema does not fit any more, or of which there is a hint."""

    id: str
    name: str


class Troubles(_Shown):
    """Of one page of configs, those in trouble."""

    items: list[Trouble]
    next: str | None


class Portable(BaseModel):
    """Configs and recipients as a file has them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    recipients: list[JsonObject] = Field([], max_length=5_000)
    configs: list[JsonObject] = Field([], max_length=5_000)


class Change(_Shown):
    """One member: `path` is a JSON Pointer into the item."""

    path: str
    before: Any
    after: Any


class PlannedItem(_Shown):
    """What becomes of one item. `revision` is the one that it would replace."""

    kind: Literal["config", "recipient"]
    id: str
    name: str
    outcome: Literal["created", "changed", "unchanged", "deleted", "refused"]
    revision: int | None
    changes: list[Change]
    errors: list[WrongField]
    hints: list[HintView]


class Plan(_Shown):
    """`tag` names the plan: give it to apply as If-Match. The ETag is the same."""

    tag: str
    items: list[PlannedItem]


def judging_routes(configs: Collection) -> APIRouter:
    router = APIRouter(prefix=PATH, tags=["configs"])

    @router.post("/validate", response_model=VerdictView)
    async def validate(draft: dict[str, Any], _: MayRead) -> Response:
        """What creating or replacing this config would refuse, and what is odd about it. Changes nothing."""
        return JSONResponse(_verdict(await configs.ask(judge, draft)))

    @router.get("/problems", response_model=Troubles)
    async def problems(_: MayRead, limit: Limit = 100, after: After = None) -> Response:
        """Of a page of configs, those that break the schema their alert has now, or that have hints."""
        page = await configs.page(after, limit)
        found = await configs.ask(troubled, page.items)
        items = [
            {"id": document.id, "name": json.loads(document.body)["name"], **_verdict(verdict)}
            for document, verdict in found
        ]
        return JSONResponse({"items": items, "next": page.next})

    @router.get("/export", response_model=Portable)
    async def export(_: MayRead, name: OfAlert = None) -> Response:
        """All recipients and configs as one document, as apply takes it."""
        text = json.dumps(await configs.ask(transfer.export, name), indent=2, ensure_ascii=False)
        headers = {"Content-Disposition": 'attachment; filename="alertwrap-configs.json"'}
        return Response(text + "\n", 200, headers, "application/json")

    @router.post("/plan", response_model=Plan, responses=TAGGED)
    async def plan(document: Portable, _: MayRead, prune: Prune = False) -> Response:
        """What applying this document would do to each item. Changes nothing; the ETag names the plan."""
        return _plan(await configs.ask(transfer.plan, document.model_dump(), prune))

    @router.post("/apply", response_model=Plan, responses=TAGGED)
    async def apply(document: Portable, by: MayWrite, prune: Prune = False, match: IfMatch = None) -> Response:
        """Do what the plan says, all of it or nothing. With If-Match: only while the plan is still the same."""
        seen = if_match(match).tags
        author = Author(by, utc_now())
        return _plan(await configs.act(transfer.apply, document.model_dump(), prune, seen, author))

    return router


def _plan(items: list[Item]) -> Response:
    tag = etag_of(transfer.tag(items))
    return JSONResponse({"tag": tag, "items": [_item(item) for item in items]}, headers={"ETag": tag})


def _item(item: Item) -> dict[str, Any]:
    return {
        "kind": item.kind.name,
        "id": item.id,
        "name": item.name,
        "outcome": item.outcome,
        "revision": item.revision,
        "changes": [vars(change) for change in item.changes],
        "errors": _errors(item.errors),
        "hints": _hints(item.hints),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {"errors": _errors(verdict.errors), "hints": _hints(verdict.hints)}


def _errors(errors: tuple[FieldError, ...]) -> list[dict[str, Any]]:
    return [error.document() for error in errors]


def _hints(hints: tuple[Hint, ...]) -> list[dict[str, str]]:
    return [{"code": hint.code, "path": hint.path, "message": hint.message} for hint in hints]
