"""A front for five processes: one address, each connection piped to the service that its first path belongs to.

Enough of a reverse proxy for clients that keep a connection to one service, as ours do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

_OWNERS = {
    "events": "notifier", "topics": "notifier", "follow": "notifier",
    "configs": "configurator", "recipients": "configurator", "alerts": "configurator", "tokens": "configurator",
    "accounts": "configurator", "session": "configurator", "invites": "configurator", "audit": "configurator",
    "notices": "notice_center", "inbox": "notice_center", "overview": "notice_center",
    "messages": "msg_sender", "channels": "msg_sender",
}  # fmt: skip


class Front:
    """`ports` maps a service to where it listens; start it, and use `url`."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()
        self.url = ""

    async def __aenter__(self) -> Front:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pipes.add(task)
        task.add_done_callback(self._pipes.discard)
        try:
            head = await reader.readuntil(b"\r\n")
            segment, *rest = head.split(b" ")[1].decode().split("?")[0].split("/")[3:]
            owner = rest[0] if segment == "system" else _OWNERS[segment]
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._ports[owner])
        except (OSError, IndexError, KeyError, asyncio.IncompleteReadError):
            writer.close()
            return
        behind_writer.write(head)
        try:
            await asyncio.gather(_pipe(reader, behind_writer), _pipe(behind_reader, writer))
        finally:
            writer.close()
            behind_writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
