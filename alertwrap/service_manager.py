"""What systemd is told of this process (sd_notify(3)): that it is ready, that it lives, that it ends. No library."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping


class ServiceManager:
    """Says nothing where nobody listens: without NOTIFY_SOCKET in the environment."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # "@" stands for the NUL that begins the name of an abstract socket.
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def ready(self) -> None:
        """Every alert has been taken in."""
        self._tell("READY=1")

    def alive(self, alerts: int) -> None:
        """We do our rounds: within WatchdogSec of the unit, or we are started anew."""
        self._tell(f"WATCHDOG=1\nSTATUS={alerts} alerts")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out, contextlib.suppress(OSError):
            out.setblocking(False)  # who does not listen must not hold us up
            out.sendto(state.encode(), self._address)
