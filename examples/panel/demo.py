#!/usr/bin/env python3
"""alertwrap and the panel together, with one command: starts `alertwrap up` with the settings that the panel needs.

.venv/bin/python examples/panel/demo.py
"""

import argparse
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
READY_SECONDS = 30
STOP_SECONDS = 30


def main() -> None:
    parser = argparse.ArgumentParser(description="alertwrap with a small panel of virtual machines.")
    parser.add_argument("--data", type=Path, default=Path.home() / ".local/share/alertwrap-panel")
    parser.add_argument("--port", type=int, default=8000, help="of alertwrap")
    parser.add_argument("--panel-port", type=int, default=8100, help="of the panel")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    given.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    server, page = f"http://127.0.0.1:{given.port}", f"http://127.0.0.1:{given.panel_port}"
    key = keep(given.data / "jwt.key", lambda: secrets.token_urlsafe(48))
    up = ["-m", "alertwrap", "up", "--data", str(given.data / "alertwrap"), "--port", str(given.port)]
    with running([sys.executable, *up], settings(page, key)) as alertwrap:
        wait(f"{server}/readyz", alertwrap)
        token = keep(given.data / "events.token", lambda: events_token(given.data / "alertwrap"))
        panel = [
            "--server",
            server,
            "--port",
            str(given.panel_port),
            "--key-file",
            str(key),
            "--token-file",
            str(token),
        ]
        with running(
            [sys.executable, str(HERE / "panel.py"), *panel, "--data", str(given.data / "machines.json")]
        ) as it:
            it.wait()


def settings(page: str, key: Path) -> dict[str, str]:
    """What alertwrap has to know of the panel: whose pages may ask, and who vouches for the people on them."""
    return {
        "ALERTWRAP_HTTP__ORIGINS": f'["{page}"]',
        "ALERTWRAP_JWT__ISSUER": "panel",
        "ALERTWRAP_JWT__AUDIENCE": "alertwrap",
        "ALERTWRAP_JWT__ALGORITHMS": '["HS256"]',
        "ALERTWRAP_JWT__KEY_FILE": str(key),
        "ALERTWRAP_JWT__TOPICS": '["vm"]',
    }


def keep(file: Path, make) -> Path:
    """A secret that is made once."""
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(make())
    return file


def events_token(data: Path) -> str:
    command = ["-m", "alertwrap", "token", "create", "--name", "panel", "--scope", "events:write", "--data", str(data)]
    return subprocess.run([sys.executable, *command], check=True, capture_output=True, text=True).stdout.strip()


def wait(url: str, process: subprocess.Popen) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.05)
    sys.exit("alertwrap did not start")


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str] | None = None):
    process = subprocess.Popen(command, env={**os.environ, **(environment or {})})
    try:
        yield process
    except KeyboardInterrupt:
        pass
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


if __name__ == "__main__":
    main()
