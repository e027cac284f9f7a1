"""All channels of this process, each with its worker: opened together, woken together, closed together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from msg_sender.channels.contract import Channel, NotConfigured, OpenEgress, Outgoing, SendError
from msg_sender.channels.registry import CHANNELS, open_channel
from msg_sender.settings import Settings
from msg_sender.worker import SEND_SECONDS, Bench, Worker
from service_kit.problems import NotFound
from service_kit.tasks import Tasks
from wire.ids import new_id
from wire.times import utc_now

#: Trials at once; they are for people, and each may hold a connection for as long as a provider likes.
_TRIALS = 2


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

    def overview(self, backlog: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
        """[{"name","configured","reason","pending","sending","dead"}]; no setting is shown."""
        return [
            {
                "name": name,
                "configured": not isinstance(channel, NotConfigured),
                "reason": channel.reason if isinstance(channel, NotConfigured) else None,
                **{status: backlog.get((name, status), 0) for status in ("pending", "sending", "dead")},
            }
            for name, channel in self._channels.items()
        ]

    async def test(self, name: str, to: str) -> dict[str, Any]:
        """{"status": "sent"|"failed", "permanent", "error"}. Raises NotFound for an unknown channel."""
        if name not in self._channels:
            raise NotFound(f"no channel {name}; there are: {', '.join(self._channels)}")
        message = Outgoing(id=new_id(), channel=name, to=to, title="Test", message=_TEST, accepted_at=utc_now())
        try:
            async with self._trials, asyncio.timeout(SEND_SECONDS):
                await self._channels[name].send(message)
        except SendError as error:
            return {"status": "failed", "permanent": error.permanent, "error": self._clean(str(error))}
        except TimeoutError:
            return {"status": "failed", "permanent": False, "error": "no answer in time"}
        return {"status": "sent", "permanent": False, "error": None}

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()


_TEST = "This is a test of the channel. Whoever reads it can be reached."
