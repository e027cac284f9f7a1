"""Asks the `alertwrap run` processes of a data directory, over their sockets."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alertwrap.status.api import DIRECTORY, short_path

_SECONDS = 5.0


class NobodyThere(Exception):
    """No process runs the alert that was asked for."""


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("alertwrap", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_SECONDS)
        with short_path(self._path) as short:
            self.sock.connect(short)


@dataclass(frozen=True)
class Control:
    """The running processes of one data directory."""

    data: Path

    def alerts(self) -> list[dict[str, Any]]:
        """How every alert is doing, by name."""
        return [one for path in self._sockets() for one in _json(path, "GET", "/alerts").get("alerts", [])]

    def order(self, name: str, order: str) -> dict[str, Any]:
        """`restart` or `hold` it; returns how it is doing. Raises NobodyThere."""
        return _json(self._of(name), "POST", f"/alerts/{name}/{order}")

    def log(self, name: str, *, follow: bool) -> Iterator[str]:
        """The last lines about it, and, to follow, those to come. Raises NobodyThere."""
        connection = _Connection(self._of(name))
        with contextlib.closing(connection):
            connection.request("GET", f"/alerts/{name}/log" + ("?follow=1" if follow else ""))
            connection.sock.settimeout(None)
            for line in connection.getresponse():
                yield line.decode("utf-8", "replace").rstrip("\n")

    def _of(self, name: str) -> Path:
        for path in self._sockets():
            if any(one["alert"] == name for one in _json(path, "GET", "/alerts").get("alerts", [])):
                return path
        raise NobodyThere(f"no alertwrap on {self.data} runs an alert {name!r}")

    def _sockets(self) -> Iterator[Path]:
        for path in sorted((self.data / DIRECTORY).glob("*.sock")):
            with contextlib.suppress(OSError):  # whoever listened there was killed
                _json(path, "GET", "/healthz")
                yield path


def _json(path: Path, method: str, target: str) -> dict[str, Any]:
    connection = _Connection(path)
    with contextlib.closing(connection):
        connection.request(method, target)
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        return found
