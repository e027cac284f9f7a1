"""One of our services as a process of its own."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests import fork_server

_LISTENS = re.compile(r"listens on (http://\S+)")
_DEADLINE = 60.0


@asynccontextmanager
async def service(
    module: str, environment: Mapping[str, str], directory: Path, end: signal.Signals = signal.SIGKILL
) -> AsyncIterator[tuple[fork_server.Process, str]]:
    """(`MODULE serve` on a free port, its URL). At the end it gets the signal `end`, if it still lives."""
    log = directory / f"{module}.log"
    heard = log.stat().st_size if log.exists() else 0
    process = fork_server.start(module, ["serve", "--port", "0"], environment, log)
    try:
        yield process, await _url(process, log, heard)
    finally:
        if process.poll() is None:
            process.send_signal(end)
        await fork_server.exit_of(process, _DEADLINE)


async def _url(process: fork_server.Process, log: Path, heard: int) -> str:
    async with asyncio.timeout(_DEADLINE):
        while not (found := _LISTENS.search(said := log.read_text("utf-8")[heard:])):
            assert process.poll() is None, f"it did not start: {said}"
            await asyncio.sleep(0.01)
    return found[1]
