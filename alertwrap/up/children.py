"""Programs that `alertwrap up` keeps running beside the services: the wrapper with its alerts, and the sources."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

import structlog

log = structlog.get_logger()

#: Longer than the wrapper's own stop ladder: it is told once and then waited for.
STOP_SECONDS = 25.0
_RESTART_SECONDS = (1.0, 2.0, 5.0, 15.0, 30.0)
#: Who has run so long has earned a quick restart again.
_STABLE_SECONDS = 60.0


async def keep_running(name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run `command`, and again when it ends; cancel to stop it: SIGTERM, a grace, SIGKILL."""
    failures = 0
    loop = asyncio.get_running_loop()
    launch = [sys.executable, "-m", "alertwrap.up.parent", str(os.getpid()), *command]
    while True:
        began = loop.time()
        process = await asyncio.create_subprocess_exec(
            *launch, env=dict(environment), stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        try:
            code = await process.wait()
        finally:
            await _to_the_end(_stop(process))
        failures = failures if loop.time() - began < _STABLE_SECONDS else 0
        delay = _RESTART_SECONDS[min(failures, len(_RESTART_SECONDS) - 1)]
        log.warning("a program ended; it is started again", program=name, exit_code=code, in_seconds=delay)
        failures += 1
        await asyncio.sleep(delay)


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """However often we are cancelled meanwhile: who stops a task of ours insists every second."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
