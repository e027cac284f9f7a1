"""The message that goes to one receiver of a step."""

from __future__ import annotations

import json
import uuid
from typing import Any

from notice_center.decide import Decision, Situation
from notice_center.fold import loads
from wire.json_text import MAX_DEPTH, JsonError, check_depth
from wire.message import Message

#: Of the message, around the notice's own data.
_LEVELS = 2
_NAMESPACE = uuid.UUID("0b8a4a36-3f0e-5d0c-9a55-5d2b8f6a1c77")


def compose(situation: Situation, decision: Decision) -> Message:
    """`decision` is a send. The id follows from whom it is for, so composing it again is the same message.

    Raises ValidationError when no message can go there, as to an address with a line break.
    """
    notice = situation.notice
    assert decision.address is not None
    recipient = situation.directory.recipients.get(decision.recipient) if decision.recipient else None
    return Message(
        id=message_id(situation, decision.address),
        channel=situation.step.channel,
        to=decision.address,
        title=notice.title or ("" if notice.message else notice.key or notice.alert),
        message=notice.message,
        severity=notice.severity,
        url=notice.url,
        attachments=loads(notice.attachments),
        buttons=loads(notice.actions),
        data={
            **{name: getattr(notice, name) for name in ("alert", "key", "config", "count")},
            **{name: loads(getattr(notice, name)) for name in ("entity", "labels")},
            "data": _data(notice.data),
        },
        locale=recipient.locale if recipient else "en",
        notice=notice.id,
    )


def message_id(situation: Situation, address: str) -> str:
    """One for each notice, config, channel, address and round."""
    step = situation.step
    name = json.dumps([situation.notice.id, step.config, step.channel, address, step.round])
    return str(uuid.uuid5(_NAMESPACE, name))


def _data(text: str) -> Any:
    """In the message it lies one level deeper than in the notice. What is too deep then is left out: it is for
    programs, and the text that people wait for must not be refused for it."""
    try:
        check_depth(text.encode(), MAX_DEPTH - _LEVELS)
    except JsonError:
        return {}
    return loads(text)
