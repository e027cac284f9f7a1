"""A real `alertwrap up` of one's own, to be looked at through a browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx2

from tests import fork_server

#: On a machine that does other things too.
_DEADLINE = 60.0
_READY = re.compile(r"alertwrap is ready: (\S+)")
_LINK = re.compile(r"\S+/sign-in#link=\S+")


class House:
    """`start`, `kill` and `start` again keep the port and the data."""

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None, examples: bool = False) -> None:
        self.directory = directory
        self.url = ""
        self._environment = dict(environment or {})
        self._examples = examples
        self._process: fork_server.Process | None = None
        self._log = directory.with_name(directory.name + ".log")
        self._links: list[str] = []

    def start(self) -> House:
        """Returns once it says that it is ready."""
        port = self.url.rpartition(":")[2] or "0"
        words = ["up", "--data", str(self.directory), "--port", port, *(() if self._examples else ("--no-examples",))]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ALERTWRAP_")}
        heard = self._log.stat().st_size if self._log.exists() else 0
        self._process = fork_server.start("alertwrap", words, {**clean, **self._environment}, self._log)
        ready = until(lambda: _READY.search(self._said(heard)), f"no ready line in {self._log}")
        until(lambda: "Ctrl-C" in self._said(heard), f"an unfinished welcome in {self._log}")
        self.url = ready[1]
        self._links = _LINK.findall(self._said(heard))
        return self

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(_DEADLINE)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(_DEADLINE)

    def link(self) -> str:
        """A sign-in link for the administrator; each works once."""
        if not self._links:
            command = [sys.executable, "-m", "alertwrap", "sign-in", "--data", str(self.directory)]
            said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_DEADLINE).stdout
            self._links = _LINK.findall(said)
        return self._links.pop()

    def http(self, token: str | None = None) -> httpx2.Client:
        """A client of the API, as the administrator unless another token is given."""
        token = token or (self.directory / "admin.token").read_text().strip()
        headers = {"authorization": f"Bearer {token}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=_DEADLINE, trust_env=False, verify=False)

    def post(self, path: str, body: Any) -> Any:
        with self.http() as http:
            answer = http.post(path, json=body)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def get(self, path: str, **query: Any) -> Any:
        with self.http() as http:
            answer = http.get(path, params=query)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def notice(self, title: str, **more: Any) -> Any:
        """Say something to the administrator."""
        return self.post("/api/v1/notices", {"alert": "test", "title": title, "recipients": ["admin"], **more})

    def _said(self, after: int) -> str:
        return self._log.read_bytes()[after:].decode("utf-8", "replace")


def until(condition: Callable[[], Any], complaint: str, deadline: float = _DEADLINE) -> Any:
    """What `condition` answers once it is true; for what can only be asked for."""
    last = time.monotonic() + deadline
    while not (found := condition()):
        assert time.monotonic() < last, complaint
        time.sleep(0.02)
    return found
