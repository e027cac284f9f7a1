"""What a channel is: its own settings, and one `send` that tries once and says whether a retry makes sense.

To write one, copy a small file beside this one, and name it in `registry`. A channel renders, respects its provider's
limit, sends once, and translates the failure. When to try again is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from msg_sender.reason import Reason
from service_kit.egress import Egress
from wire.ids import Id
from wire.message import Message
from wire.times import Timestamp

#: Opens an egress client that also reaches the URLs of the operator's own settings; it is closed by its opener.
OpenEgress = Callable[..., Egress]


@dataclass(frozen=True)
class Earlier:
    """A message that was sent, and is to be replaced: its id, and the provider's own for it, if it gave one."""

    id: str
    reference: str | None


class Outgoing(Message):
    """A message that was accepted: it has its id, and the time since when it is ours to send.

    `earlier` is there when what it `replaces` was sent. A channel that cannot change it sends anew.
    """

    id: Id
    accepted_at: Timestamp
    earlier: Earlier | None = None


@dataclass(frozen=True)
class Receipt:
    """The provider took it. `answer` is what it said, `reference` its own id for the message, if it gave one."""

    answer: str = ""
    reference: str | None = None


class SendError(Exception):
    """The provider did not take it. The reason is shown to operators and holds no secret.

    `permanent`: trying the same again will not help. `retry_after`: the provider asked for this many seconds.
    `answer` is what the provider said, in its words.
    """

    def __init__(
        self, reason: Reason, *, permanent: bool = False, retry_after: float | None = None, answer: str = ""
    ) -> None:
        super().__init__(reason.text)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
        self.answer = answer


class Channel(Protocol):
    """One way to reach an address."""

    async def send(self, message: Outgoing) -> Receipt:
        """Try once. Raises SendError."""
        ...

    def delay(self, message: Outgoing, now: float) -> float:
        """Seconds until the provider's rate lets this message go, 0 for now. `now` is monotonic.

        Asking reserves a place, so that asking again at that time answers 0.
        """
        ...

    async def close(self) -> None: ...


class NotConfigured:
    """Stands for a channel without settings: what is sent by it goes to the dead letters, and says why."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason

    async def send(self, message: Outgoing) -> Receipt:
        raise SendError(self.reason, permanent=True)

    def delay(self, message: Outgoing, now: float) -> float:
        return 0.0

    async def close(self) -> None:
        return
