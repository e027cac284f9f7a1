"""What runs beside the services gets its time to stop."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from alertwrap.up.children import keep_running
from service_kit.tasks import Tasks
from tests.conftest import eventually

_SLOW_TO_STOP = """
import pathlib, signal, sys, time
here = pathlib.Path(sys.argv[1])
def stop(*_):
    time.sleep(1.5)  # longer than the pause between two cancellations
    (here / "stopped").touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
(here / "started").touch()
while True:
    time.sleep(1)
"""


async def test_a_program_that_takes_its_time_to_stop_is_waited_for(tmp_path: Path) -> None:
    tasks = Tasks()
    tasks.start("slow", keep_running("slow", [sys.executable, "-c", _SLOW_TO_STOP, str(tmp_path)], os.environ))
    await eventually((tmp_path / "started").exists)
    await tasks.close()
    assert (tmp_path / "stopped").exists()
