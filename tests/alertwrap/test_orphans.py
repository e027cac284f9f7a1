"""What an alert leaves alone is buried, and nobody else is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

# An alert that leaves two processes alone, one in its session and one in its own; they end a moment after it.
_PROBE = """
import subprocess, sys, time
from alertwrap.process.orphans import Undertaker, adopt_orphans
assert adopt_orphans()
alert = subprocess.Popen(["bash", "-c", "sleep 0.1 & setsid sleep 0.1 & exit 3"], start_new_session=True)
waits = subprocess.Popen(["bash", "-c", "exit 7"], start_new_session=True)
undertaker, deadline, buried = Undertaker(), time.monotonic() + 10, 0
while buried < 2:
    assert time.monotonic() < deadline, f"{buried} of 2 orphans were buried"
    buried += undertaker.look({alert.pid, waits.pid})
    time.sleep(0.01)
assert buried == 2
assert (alert.wait(), waits.wait()) == (3, 7), "an exit that somebody waits for was taken away"
assert undertaker.look(set()) == 0
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt")
def test_an_orphan_is_buried_and_the_exit_of_an_alert_is_left_to_who_waits_for_it() -> None:
    found = subprocess.run([sys.executable, "-c", _PROBE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
