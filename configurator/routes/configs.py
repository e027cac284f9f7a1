"""/api/v1/configs"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from configurator.announce import entity
from configurator.collection import Collection
from configurator.drafts import ConfigDraft
from configurator.preconditions import if_match, required_if_match
from configurator.routes.answers import CREATED, READ, TAGGED, Revisions, changed, created, history, listed, shown
from configurator.routes.parameters import After, Before, IfMatch, IfNoneMatch, ItemId, Limit, Number
from configurator.search import Search
from service_kit.auth import Principal, allow
from wire.config import Config
from wire.ids import Name, Segment

PATH = "/api/v1/configs"

MayRead = Annotated[Principal, allow("configs:read")]
MayWrite = Annotated[Principal, allow("configs:write")]
ByName = Annotated[Name | None, Query(description="Only those of this alert.")]
ByEnabled = Annotated[bool | None, Query(description="Only those that are, or are not, enabled.")]
ByText = Annotated[str, Query(max_length=200, description="Only those that hold this text: in id, alert, metric, …")]
ByChannel = Annotated[Name | None, Query(description="Only those with a step of this channel.")]
ByRecipient = Annotated[Segment | None, Query(description="Only those that name this recipient.")]


class Configs(BaseModel):
    """A page of configs."""

    model_config = ConfigDict(frozen=True)

    items: list[Config]
    next: str | None


def config_routes(configs: Collection) -> APIRouter:
    router = APIRouter(prefix=PATH, tags=["configs"])

    @router.post("", status_code=201, response_model=Config, responses=CREATED)
    async def create(draft: ConfigDraft, by: MayWrite) -> Response:
        """Create a config. The same again, with the same `id`, answers 200; another body with that id 409."""
        document, new = await configs.create(draft.model_dump(), by)
        return created("config", document, new, PATH)

    @router.get("", response_model=Configs)
    async def list_all(
        _: MayRead,
        name: ByName = None,
        enabled: ByEnabled = None,
        q: ByText = "",
        channel: ByChannel = None,
        recipient: ByRecipient = None,
        limit: Limit = 100,
        after: After = None,
    ) -> Response:
        """A page of configs, by id."""
        columns = {"name": name, "enabled": enabled}
        filters = {column: value for column, value in columns.items() if value is not None}
        keep = Search(q, channel, recipient)
        return listed(await configs.page(after, limit, filters, keep), lambda item: entity("config", item))

    @router.get("/{id}", response_model=Config, responses=READ)
    async def get(_: MayRead, id: ItemId, if_none_match: IfNoneMatch = None) -> Response:
        """One config, with its ETag."""
        return shown("config", await configs.get(id), if_none_match)

    @router.put("/{id}", response_model=Config, responses=TAGGED)
    async def replace(id: ItemId, draft: ConfigDraft, by: MayWrite, match: IfMatch = None) -> Response:
        """Replace a config that the caller has read: If-Match is required."""
        return changed("config", await configs.replace(id, draft.model_dump(), required_if_match(match), by))

    @router.patch("/{id}", response_model=Config, responses=TAGGED)
    async def patch(id: ItemId, patch: dict[str, Any], by: MayWrite, match: IfMatch = None) -> Response:
        """Change members of a config by a JSON merge patch (RFC 7396): If-Match is required."""
        return changed("config", await configs.patch(id, patch, required_if_match(match), by))

    @router.delete("/{id}", status_code=204, response_class=Response)
    async def delete(id: ItemId, by: MayWrite, match: IfMatch = None) -> None:
        """Delete a config; its revisions stay, and can be restored."""
        await configs.remove(id, if_match(match), by)

    @router.get("/{id}/revisions", response_model=Revisions)
    async def revisions(_: MayRead, id: ItemId, limit: Limit = 100, before: Before = None) -> Response:
        """Every revision, the newest first: who, when, what."""
        return history("config", await configs.revisions(id, before, limit))

    @router.post("/{id}/revisions/{number}/restore", response_model=Config, responses=TAGGED)
    async def restore(id: ItemId, number: Number, by: MayWrite, match: IfMatch = None) -> Response:
        """Make an old revision the newest again, also of a config that was deleted."""
        return changed("config", await configs.restore(id, number, if_match(match), by))

    return router
