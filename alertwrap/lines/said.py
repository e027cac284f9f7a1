"""What an alert may say beyond a notice. Imported when the first such line comes: most alerts print notices only."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from wire.ids import Id, Name
from wire.json_text import JsonObject
from wire.notice import Action
from wire.recipient import Address

Seq = Annotated[int, Field(ge=0, le=2**53 - 1)]
Short = Annotated[str, StringConstraints(max_length=2_000)]
#: Seconds; a day is the longest that an alert may ask for.
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]

#: What the wrapper can do when it is asked for with `hello`.
Feature = Literal["ack", "delivered", "errors", "ping", "resync", "shutdown", "verdict"]


class Said(BaseModel):
    """Fields that are not known are ignored: there will be more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class State(Said):
    """`value` replaces the state; with `key` it sets one key of it, and null deletes that key."""

    type: Literal["state"]
    key: str | None = None
    value: Any
    seq: Seq | None = None


class LogLine(Said):
    """A line for the wrapper's log; every other field goes with it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: Literal["log"]
    level: str = "info"
    msg: str = ""


class Hello(Said):
    """Who the alert is, and which features it wants. It may come at any time; what is not known is not turned on."""

    type: Literal["hello"]
    name: Short = ""
    version: Short = ""
    v: list[int] = Field(default_factory=lambda: [1])
    features: list[str] = Field(default_factory=list)
    metric_schema: JsonObject | None = None


class ConfigOk(Said):
    """The config line of this `rev` is right. `restart_needed`: start me anew with it."""

    type: Literal["config_ok"]
    rev: Seq
    applied: Literal["live", "next_run", "restart_needed"] = "live"


class Complaint(Said):
    """One mistake in a config: a JSON Pointer under the line, and a text for the operator."""

    path: Short = ""
    msg: Short = ""


class ConfigError(Said):
    """The config line of this `rev` is wrong; the alert goes on with the one before."""

    type: Literal["config_error"]
    rev: Seq
    errors: list[Complaint] = Field(default_factory=list)


class Error(Said):
    """What is wrong with the alert itself. `retry_in`: seconds after its exit until the next run."""

    type: Literal["error"]
    kind: Literal["config", "transient", "permanent", "internal"] = Field(alias="class")
    msg: Short = ""
    retry_in: Seconds | None = None


class Status(Said):
    """What the alert is doing, for people; `progress` from 0 to 1."""

    type: Literal["status"]
    text: Short = ""
    progress: Annotated[float, Field(ge=0, le=1)] | None = None


class Heartbeat(Said):
    """The alert lives and has nothing to say."""

    type: Literal["heartbeat"]
    seq: Seq | None = None


class Pong(Said):
    """The answer to a ping."""

    type: Literal["pong"]
    seq: Seq | None = None


class Metric(Said):
    """A number for Prometheus; the last value counts."""

    type: Literal["metric"]
    name: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,99}$")]
    value: Annotated[float, Field(allow_inf_nan=False)]
    labels: dict[Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,49}$")], Short] = Field(
        default_factory=dict, max_length=10
    )


class Resync(Said):
    """Tell me everything again."""

    type: Literal["resync"]


class Bye(Said):
    """The alert is about to end. `permanent`: it makes no sense to start it again as things are."""

    type: Literal["bye"]
    reason: Short = ""
    permanent: bool = False


class Ack(Said):
    """The answer of this `id`, or every answer so far, has been dealt with."""

    type: Literal["ack"]
    id: Id | None = None


class Chat(Said):
    """A place where people are spoken to: a channel and an address on it."""

    channel: Name
    chat: Address


class Attached(Said):
    """A file to go with a reply: its address, or its path on this machine, relative to where the alert's file stands.

    Without a `type` it is guessed by the name.
    """

    url: Short | None = None
    path: Short | None = None
    name: Annotated[str, StringConstraints(max_length=255)] = ""
    type: Annotated[str, StringConstraints(max_length=127)] | None = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> Attached:
        if (self.url is None) == (self.path is None):
            raise ValueError("expected either `url` or `path`")
        return self


class Reply(Said):
    """A message to one chat: `to`, or where the answer `in_reply_to` came from.

    `edit`: the `id` of an earlier reply to the same chat, which this one replaces.
    """

    type: Literal["reply"]
    id: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    to: Chat | None = None
    in_reply_to: Id | None = None
    text: Annotated[str, StringConstraints(max_length=200_000)] = ""
    buttons: tuple[Action, ...] = ()
    attachments: Annotated[tuple[Attached, ...], Field(max_length=10)] = ()
    edit: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    seq: Seq | None = None

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Reply:
        if self.to is None and self.in_reply_to is None:
            raise ValueError("expected `to` or `in_reply_to`")
        if not (self.text or self.attachments):
            raise ValueError("expected a text or attachments")
        return self


#: `type` → its model. A line without a type is a notice, and has the schema of one.
SAID: dict[str, type[Said]] = {
    "state": State, "log": LogLine, "hello": Hello, "config_ok": ConfigOk, "config_error": ConfigError,
    "error": Error, "status": Status, "heartbeat": Heartbeat, "pong": Pong, "metric": Metric, "resync": Resync,
    "bye": Bye, "ack": Ack, "reply": Reply,
}  # fmt: skip
