"""The typed lines of an alert that says more than notices: what each does. Imported when the first of them comes."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from alertwrap.lines import said
from alertwrap.run.conversation import Conversation, Trouble, Verdict
from alertwrap.spool.entries import Letter
from alertwrap.stdout import enclosed
from alertwrap.stdout.emission import global_id
from alertwrap.stdout.hearing import Ears
from wire.json_text import pointer
from wire.message import Message

#: Of Alert Lines.
VERSION = 1


class Refused(ValueError):
    """A line of a known type that makes no sense; `path` points at what is wrong in it."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path


def listen(kind: str, body: dict[str, Any], conversation: Conversation, ears: Ears) -> Letter | bool:
    """Do what a line asks for; a Letter is to be committed. False: there is no such type. Raises Refused."""
    model = said.SAID.get(kind)
    if model is None:
        return False
    try:
        line = model.model_validate(body)
    except ValidationError as error:
        raise _explained(error) from None
    if isinstance(line, said.Reply):
        return _letter(line, ears)
    _do(line, conversation, ears)
    return True


def _do(line: said.Said, conversation: Conversation, ears: Ears) -> None:
    health = ears.health
    match line:
        case said.Hello():
            _meet(line, conversation, ears)
        case said.ConfigOk():
            conversation.judge(Verdict(line.rev, restart=line.applied == "restart_needed"))
        case said.ConfigError():
            errors = tuple(f"{one.path}: {one.msg}".strip(": ") for one in line.errors)
            conversation.judge(Verdict(line.rev, errors or ("no reason given",)))
        case said.Error():
            ears.log.error(line.msg or "the alert reports an error", kind=line.kind, source="alert")
            for_good = line.kind in ("config", "permanent")
            retry_in = line.retry_in if line.kind == "transient" else None
            conversation.complain(Trouble(f"{line.kind}: {line.msg}", for_good, retry_in))
        case said.Bye():
            ears.log.info("the alert says good-bye", reason=line.reason, permanent=line.permanent, source="alert")
            if line.permanent:
                conversation.complain(Trouble(line.reason or "it said good-bye for good", for_good=True))
        case said.Status():
            health.status, health.progress = line.text, line.progress
        case said.Metric():
            if not health.measure(line.name, line.labels, line.value):
                raise Refused("too many series of metrics", "/name")
        case said.Resync():
            conversation.ask_again()
        case said.Ack():
            conversation.settle(line.id, "ack")
        case _:
            pass  # heartbeat and pong: that something was said is what they say


def _meet(line: said.Hello, conversation: Conversation, ears: Ears) -> None:
    if VERSION not in line.v:
        raise Refused(f"this wrapper speaks version {VERSION}", "/v")
    ears.health.program = f"{line.name} {line.version}".strip()
    conversation.hello(line.features, line.metric_schema)


def _letter(reply: said.Reply, ears: Ears) -> Letter:
    """A reply as a message for the message sender. Its chat is named, or the one where the answer came from."""
    to = reply.to or _origin(reply, ears)
    attachments = _attached(reply.attachments, ears.directory)
    identity, replaced = global_id(ears.alert, reply.id), global_id(ears.alert, reply.edit)
    if replaced is not None and replaced == identity:
        raise Refused("a reply cannot replace itself", "/edit")
    message: dict[str, Any] = {
        "channel": to.channel, "to": to.chat, "message": reply.text or attachments[0]["name"],
        "buttons": [button.model_dump(exclude_none=True) for button in reply.buttons],
        "attachments": attachments, "data": {"alert": ears.alert},
    }  # fmt: skip
    if replaced is not None:
        message["replaces"] = replaced
    if reply.in_reply_to is not None:
        message["in_reply_to"] = reply.in_reply_to
    try:
        Message.model_validate(message)
    except ValidationError as error:
        raise _explained(error) from None
    return Letter(identity, to_json(message).decode())


def _origin(reply: said.Reply, ears: Ears) -> said.Chat:
    answer = ears.find_answer(reply.in_reply_to or "")
    if answer is None:
        raise Refused("no such answer is known; say where to with `to`", "/in_reply_to")
    try:
        return said.Chat(channel=answer.get("channel", ""), chat=answer.get("chat", ""))
    except ValidationError:
        raise Refused("that answer came from no chat; say where to with `to`", "/in_reply_to") from None


def _attached(given: Sequence[said.Attached], directory: Path) -> list[dict[str, Any]]:
    """The files as the message carries them; those on this machine are read now."""
    files, room = [], enclosed.MOST_BYTES
    for place, one in enumerate(given):
        name = one.name or os.path.basename(one.path or one.url or "")[:255] or "attachment"
        file: dict[str, Any] = {"name": name, "type": one.type or enclosed.kind_of(name)}
        if one.path is None:
            files.append({**file, "url": one.url})
            continue
        try:
            content = enclosed.read(one.path, directory, room)
        except enclosed.Unreadable as error:
            raise Refused(str(error), f"/attachments/{place}/path") from None
        room -= len(content)
        files.append({**file, "content": b64encode(content).decode(), "size": len(content)})
    return files


def _explained(error: ValidationError) -> Refused:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return Refused(first["msg"].removeprefix("Value error, "), pointer(tuple(first["loc"])))
