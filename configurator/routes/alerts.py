"""/api/v1/alerts: the known alerts, with the schema of their configs' `metric`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from configurator import store
from configurator.announce import entity
from configurator.collection import Collection
from configurator.drafts import AlertDraft
from configurator.preconditions import if_match
from configurator.routes.answers import CREATED, READ, created, listed, shown
from configurator.routes.parameters import After, AlertName, IfMatch, IfNoneMatch, Limit
from configurator.store import Document
from service_kit.auth import Principal, allow
from wire.ids import Name

PATH = "/api/v1/alerts"

MayRead = Annotated[Principal, allow("configs:read")]
MayWrite = Annotated[Principal, allow("alerts:write")]


class Alert(BaseModel):
    """A known alert."""

    model_config = ConfigDict(frozen=True)

    name: Name
    metric_schema: dict[str, Any] | None
    description: str


class AlertInUse(Alert):
    """A known alert with the number of its configs, and of those that are enabled."""

    configs: int
    enabled: int


class Alerts(BaseModel):
    """A page of alerts."""

    model_config = ConfigDict(frozen=True)

    items: list[AlertInUse]
    next: str | None


def alert_routes(alerts: Collection) -> APIRouter:
    router = APIRouter(prefix=PATH, tags=["alerts"])

    @router.get("", response_model=Alerts)
    async def list_all(_: MayRead, limit: Limit = 100, after: After = None) -> Response:
        """A page of known alerts, by name, each with the number of its configs."""
        page, uses = await alerts.page(after, limit), await alerts.ask(store.count_configs)

        def show(item: Document) -> dict[str, Any]:
            configs, enabled = uses.get(item.id, (0, 0))
            return {**entity("alert", item), "configs": configs, "enabled": enabled}

        return listed(page, show)

    @router.get("/{name}", response_model=Alert, responses=READ)
    async def get(_: MayRead, name: AlertName, if_none_match: IfNoneMatch = None) -> Response:
        """One alert, with its ETag."""
        return shown("alert", await alerts.get(name), if_none_match)

    @router.put("/{name}", response_model=Alert, responses={**CREATED, 201: {"model": Alert, **CREATED[201]}})
    async def put(name: AlertName, draft: AlertDraft, by: MayWrite, match: IfMatch = None) -> Response:
        """Make an alert known, or change what is known of it. Its configs are checked when they change next."""
        document, new = await alerts.put(name, draft.model_dump(), if_match(match), by)
        return created("alert", document, new, PATH)

    @router.delete("/{name}", status_code=204, response_class=Response)
    async def delete(name: AlertName, by: MayWrite, match: IfMatch = None) -> None:
        """Forget an alert and its schema; its configs stay."""
        await alerts.remove(name, if_match(match), by)

    return router
