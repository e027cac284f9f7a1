"""An event: one change of one entity of the panel."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from wire.ids import Id, Name
from wire.json_text import JsonObject
from wire.refusal import Refusal
from wire.times import Timestamp

Key = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class Event(BaseModel):
    """`data` is the entity after the change; without it the event is *thin* and says only that it changed.

    `id` is chosen by the producer: the same id with the same content is accepted again and changes nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id | None = None
    topic: Name
    key: Key
    action: Literal["created", "updated", "deleted"] = "updated"
    data: JsonObject | None = None
    at: Timestamp | None = None

    @model_validator(mode="after")
    def _deleted_has_no_data(self) -> Event:
        if self.action == "deleted" and self.data is not None:
            raise Refusal("data: expected none when action is deleted", code="deleted-with-data")
        return self
