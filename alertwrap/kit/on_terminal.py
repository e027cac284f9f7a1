"""`python -m alertwrap.kit.on_terminal PROGRAM …`: run it with a terminal as its stdout, and pass on what it prints.

A program whose output shows up here, and not on a pipe, buffers it.
"""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys


def main(command: list[str]) -> int:
    """Its exit code; stdin and stderr are its own."""
    terminal, its_end = pty.openpty()
    process = subprocess.Popen(command, stdout=its_end)
    os.close(its_end)
    with contextlib.suppress(OSError):  # the terminal's end, on Linux
        while data := os.read(terminal, 65536):
            os.write(1, data.replace(b"\r\n", b"\n"))
    return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
