"""Programs that `alertwrap up` keeps running beside the services: the wrapper with its alerts, and the sources."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence

import structlog

log = structlog.get_logger()

#: Longer than the wrapper's own stop ladder: it is told once and then waited for.
STOP_SECONDS = 25.0
_RESTART_SECONDS = (1.0, 2.0, 5.0, 15.0, 30.0)


async def keep_running(name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run `command`, and again when it ends; cancel to stop it: SIGTERM, a grace, SIGKILL."""
    failures = 0
    launch = [sys.executable, "-m", "alertwrap.parent", str(os.getpid()), *command]
    while True:
        process = await asyncio.create_subprocess_exec(
            *launch, env=dict(environment), stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        try:
            code = await process.wait()
        finally:
            await _stop(process)
        delay = _RESTART_SECONDS[min(failures, len(_RESTART_SECONDS) - 1)]
        log.warning("a program ended; it is started again", program=name, exit_code=code, in_seconds=delay)
        failures += 1
        await asyncio.sleep(delay)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
