"""What clients send: the wire's shapes without what only the server sets. Unknown and server-set fields are refused."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from service_kit.auth import SCOPES
from wire.config import ChannelSettings
from wire.durations import Duration
from wire.ids import Name, Segment
from wire.json_text import JsonObject
from wire.recipient import Recipient
from wire.refusal import Refusal

#: Segments after /api/v1/configs/ that are no config.
RESERVED = frozenset({"export", "problems"})


def _known_scope(scope: str) -> str:
    if scope not in SCOPES:
        raise Refusal("expected one of {scopes}", code="unknown-scope", scopes=", ".join(SCOPES))
    return scope


def _no_page_of_the_api(id: str | None) -> str | None:
    if id in RESERVED:
        raise Refusal("{id} is a path of the API: expected another id", code="reserved-id", id=id)
    return id


class ConfigDraft(BaseModel):
    """A config without its revision. `id` may be chosen by the client, which makes repeating a POST harmless."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[Segment | None, AfterValidator(_no_page_of_the_api)] = None
    name: Name
    metric: JsonObject = Field(default_factory=dict)
    channel: dict[Name, ChannelSettings] = Field(default_factory=dict)
    enabled: StrictBool = True


class RecipientDraft(Recipient):
    """A recipient whose `id` the server may choose."""

    id: Segment | None = None  # type: ignore[assignment]


class AlertDraft(BaseModel):
    """What is known of an alert; `metric_schema` is JSON Schema 2020-12 for the `metric` of its configs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric_schema: dict[str, Any] | None = None
    description: Annotated[str, StringConstraints(max_length=4_000)] = ""


class TokenRequest(BaseModel):
    """A token to be made. `expires_in` null: it does not expire. Scope `inbox` needs a recipient: whose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(max_length=200)] = ""
    scopes: Annotated[tuple[Annotated[str, AfterValidator(_known_scope)], ...], Field(min_length=1, max_length=50)]
    recipient: Segment | None = None
    expires_in: Duration | None = None

    @model_validator(mode="after")
    def _whole(self) -> TokenRequest:
        if "inbox" in self.scopes and self.recipient is None:
            said = "recipient: expected whose inbox it is, since the scopes have inbox"
            raise Refusal(said, code="inbox-of-nobody")
        if self.expires_in is not None and not self.expires_in:
            said = 'expires_in: expected a duration above "0", or null for one that does not expire'
            raise Refusal(said, code="no-duration")
        return self
