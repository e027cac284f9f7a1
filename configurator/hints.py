"""Hints: what a config says that is allowed and yet hardly meant. Pure: a config and the recipients it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from wire.json_text import pointer

#: The step that needs no address: the inbox itself.
_PANEL = "panel"
_ADDRESSES = ("chat_id", "to", "url")

#: nobody             no step names a receiver: the notices go to the operators' inboxes
#: everyone           a step names no receiver: it goes to everyone whom the notice concerns
#: unknown-recipient  a step names somebody who is not there
#: no-address         a step names somebody whom its channel cannot reach
Code = Literal["nobody", "everyone", "unknown-recipient", "no-address"]
Draft = Mapping[str, Any]


@dataclass(frozen=True)
class Hint:
    """`path` is a JSON Pointer into the config; `message` a sentence for people."""

    code: Code
    path: str
    message: str


def named(config: Draft) -> set[str]:
    """The ids of the recipients that a checked config names."""
    return {name for step in config["channel"].values() for name in step["recipients"]}


def hints(config: Draft, recipients: Mapping[str, Draft]) -> list[Hint]:
    """What is odd about a checked config; `recipients` by id."""
    found = [hint for channel, step in config["channel"].items() for hint in _step(channel, step, recipients)]
    if not any(_receivers(step) for step in config["channel"].values()):
        return [Hint("nobody", "/channel", "names nobody: its notices go to the inboxes of the operators")]
    return found


def _step(channel: str, step: Draft, recipients: Mapping[str, Draft]) -> Iterator[Hint]:
    if channel != _PANEL and not _receivers(step):
        yield Hint("everyone", pointer(("channel", channel)), "names nobody: it goes to everyone who has the notice")
    for index, name in enumerate(step["recipients"]):
        path = pointer(("channel", channel, "recipients", index))
        if name not in recipients:
            yield Hint("unknown-recipient", path, f"there is no recipient {name}")
        elif channel != _PANEL and channel not in recipients[name]["addresses"]:
            who = recipients[name]["name"] or name
            yield Hint("no-address", path, f"{who} has no address for {channel}: this step will skip them")


def _receivers(step: Draft) -> list[Any]:
    return [*step["recipients"], *(address for kind in _ADDRESSES for address in step[kind])]
