"""All channels of this process, each with its worker: opened together, woken together, closed together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from msg_sender.channels.contract import Channel, NotConfigured, OpenEgress, Outgoing, Receipt, SendError
from msg_sender.channels.registry import CHANNELS, open_channel
from msg_sender.reason import Reason, because
from msg_sender.settings import Settings
from msg_sender.worker import SEND_SECONDS, Bench, Worker
from service_kit.openapi import Coded
from service_kit.problems import NotFound
from service_kit.tasks import Tasks
from wire.ids import new_id
from wire.times import utc_now

#: Trials at once; they are for people, and each may hold a connection for as long as a provider likes.
_TRIALS = 2


class TrialResult(BaseModel):
    """How a trial went. `answer` is what the provider said, `seconds` how long it took."""

    model_config = ConfigDict(frozen=True)

    status: Literal["sent", "failed"]
    permanent: bool
    error: str | None
    error_codes: list[Coded] | None = None
    answer: str | None
    reference: str | None
    seconds: float


class Desk:
    """`close` it after the workers have stopped."""

    def __init__(self, settings: Settings, open_egress: OpenEgress, bench: Bench) -> None:
        self._channels: Mapping[str, Channel] = {
            name: open_channel(name, getattr(settings, name), open_egress) for name in CHANNELS
        }
        share, lease = max(1, settings.msg_sender.workers // len(self._channels)), settings.msg_sender.lease
        self._workers = [Worker(name, channel, share, bench, lease) for name, channel in self._channels.items()]
        self._trials = asyncio.Semaphore(_TRIALS)
        self._clean = bench.clean

    def start(self, tasks: Tasks) -> list[asyncio.Task[Any]]:
        """One loop for each channel."""
        named = zip(self._channels, self._workers, strict=True)
        return [tasks.start(f"msg_sender {name}", worker.run()) for name, worker in named]

    def wake(self) -> None:
        """Something may be due."""
        for worker in self._workers:
            worker.wake()

    def why_not(self) -> Mapping[str, Reason | None]:
        """Every channel, with what to set when it is not configured, None when it is. No setting is shown."""
        return {
            name: channel.reason if isinstance(channel, NotConfigured) else None
            for name, channel in self._channels.items()
        }

    def is_configured(self, name: str) -> bool:
        return name in self._channels and not isinstance(self._channels[name], NotConfigured)

    async def test(self, name: str, to: str) -> TrialResult:
        """One attempt, at once. Raises NotFound for an unknown channel."""
        if name not in self._channels:
            said, known = "no channel {name}; there are: {channels}", ", ".join(self._channels)
            raise NotFound(said, code="no-channel", name=name, channels=known)
        message = Outgoing(id=new_id(), channel=name, to=to, title="Test", message=_TEST, accepted_at=utc_now())
        async with self._trials:
            started = time.monotonic()
            result = await self._try(name, message)
        seconds = round(time.monotonic() - started, 3)
        if isinstance(result, Receipt):
            sent = self._told(result.answer), self._told(result.reference)
            return TrialResult(
                status="sent", permanent=False, error=None, answer=sent[0], reference=sent[1], seconds=seconds
            )
        reason = result.reason.clean(self._clean)
        return TrialResult(
            status="failed", permanent=result.permanent, error=reason.text, error_codes=list(reason.codes),
            answer=self._told(result.answer), reference=None, seconds=seconds,
        )  # fmt: skip

    async def _try(self, name: str, message: Outgoing) -> Receipt | SendError:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await self._channels[name].send(message)
        except SendError as error:
            return error
        except TimeoutError:
            return SendError(because("no answer in time", code="no-answer-in-time"))

    def _told(self, text: str | None) -> str | None:
        return self._clean(text) if text else None

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()


_TEST = "This is a test of the channel. Whoever reads it can be reached."
