"""What an alert may be told. Models for the published schema and the tests; the wrapper writes these lines by hand."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from wire.json_text import JsonObject

Seq = Annotated[int, Field(ge=1, le=2**53 - 1)]
Reason = Literal["first", "crash", "config", "deploy", "schedule", "entity", "operator"]


class Told(BaseModel):
    """`at` is RFC 3339, UTC. Fields that you do not know are to be ignored: there will be more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: str


class Run(BaseModel):
    """This run of the alert. `attempt` counts the starts since it last ran stably."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    attempt: int
    reason: Reason


class OneConfig(BaseModel):
    """One enabled config of this alert."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    metric: JsonObject
    enabled: Literal[True]
    revision: int


class OpenCondition(BaseModel):
    """A key that was fired and is not resolved; `id` of its first notice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    id: str
    since: str


class Limits(BaseModel):
    """Bytes of one line, its newline included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_in: int
    max_out: int


class _Everything(Told):
    v: Literal[1]
    rev: Seq
    alert: str
    run: Run
    configs: list[OneConfig]
    secrets: dict[str, str]
    state: Any
    open: list[OpenCondition]
    limits: Limits
    features: list[str]
    dry_run: bool


class Config(_Everything):
    """Line 1, and again on every change. Secrets stand in line 1 only."""

    type: Literal["config"]


class _Entity(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str
    key: str
    data: JsonObject | None = None


class _Recipient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    data: JsonObject | None = None


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    channel: str = ""
    chat: str = ""
    sender: JsonObject | None = Field(None, alias="from")
    text: str | None = None
    command: str | None = None
    button: str | None = None
    notice: str | None = None
    entity: JsonObject | None = None
    attachments: list[JsonObject] = Field(default_factory=list)


class Everything(_Everything):
    """`stdin = "once"`: one line with all there is, then the end."""

    type: Literal["run"]
    entities: list[_Entity]
    recipients: list[_Recipient]
    answers: list[_Answer]


class Entity(Told, _Entity):
    """An entity of a topic that the alert watches; `deleted` when it is gone."""

    type: Literal["entity"]
    rev: Seq
    deleted: Literal[True] | None = None


class Recipient(Told, _Recipient):
    """A recipient; `deleted` when it is gone."""

    type: Literal["recipient"]
    rev: Seq
    deleted: Literal[True] | None = None


class Synced(Told):
    """All of the snapshot was told: so many entities and recipients."""

    type: Literal["synced"]
    entities: int
    recipients: int


class Answer(Told, _Answer):
    """Somebody pressed a button, replied or sent a command in a chat."""

    type: Literal["answer"]


class Tick(Told):
    """The clock: at most one waits."""

    type: Literal["tick"]
    seq: Seq
    scheduled: str


class Ack(Told):
    """Every line up to `seq` is durable."""

    type: Literal["ack"]
    seq: int


class Rejected(BaseModel):
    """A notice that will never be delivered; it is kept as a dead letter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: int | None
    id: str
    reason: str


class Delivered(Told):
    """Every notice up to `seq` is at the notice center, but for those that it refused for good."""

    type: Literal["delivered"]
    seq: int
    rejected: list[Rejected]


class Reject(Told):
    """A line was not taken as it is."""

    type: Literal["reject"]
    seq: int | None
    id: str | None
    reason: str
    path: str


class Ping(Told):
    """Are you there? Say `pong` with this `seq`."""

    type: Literal["ping"]
    seq: Seq


class Resync(Told):
    """Forget what you were told of entities and recipients: all of it follows anew, then `synced`."""

    type: Literal["resync"]


class Shutdown(Told):
    """stdin is about to end; you have so many milliseconds."""

    type: Literal["shutdown"]
    reason: str
    deadline_ms: int


TOLD: dict[str, type[Told]] = {
    "config": Config, "run": Everything, "entity": Entity, "recipient": Recipient, "synced": Synced, "answer": Answer,
    "tick": Tick, "ack": Ack, "delivered": Delivered, "reject": Reject, "ping": Ping, "resync": Resync,
    "shutdown": Shutdown,
}  # fmt: skip
