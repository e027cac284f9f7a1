"""The message that goes to one receiver of a step."""

from __future__ import annotations

import json
import uuid

from notice_center.decide import Decision, Situation
from notice_center.fold import loads
from wire.message import Message

_NAMESPACE = uuid.UUID("0b8a4a36-3f0e-5d0c-9a55-5d2b8f6a1c77")


def compose(situation: Situation, decision: Decision) -> Message:
    """`decision` is a send. The id follows from whom it is for, so composing it again is the same message."""
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
            **{name: loads(getattr(notice, name)) for name in ("entity", "labels", "data")},
        },
        locale=recipient.locale if recipient else "en",
        notice=notice.id,
    )


def message_id(situation: Situation, address: str) -> str:
    """One for each notice, config, channel, address and round."""
    step = situation.step
    name = json.dumps([situation.notice.id, step.config, step.channel, address, step.round])
    return str(uuid.uuid5(_NAMESPACE, name))
