"""`python -m alertwrap.up.parent PID COMMAND …`: run COMMAND so that it ends when its parent does, even by kill -9.

Linux tells a process that its parent died (prctl PR_SET_PDEATHSIG), and keeps that across exec. Elsewhere the
command just runs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Ask for SIGTERM when `parent` dies; exit at once if it is dead already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
