"""From an alert's line to a follower's socket: the whole way, with every fsync on it, at a steady rate.

`alertwrap up` on embedded storage, a real wrapper, an alert that prints RATE notices a second, and one person's
follower. Also: how long `up` takes to be ready, and how much memory a wrapper with one alert holds.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import httpx2
from websockets.asyncio.client import connect

RATE = 500
SECONDS = 10
WARM_UP = 2
_TOKEN = "benchmark-bootstrap-token-0123456789"
_ALERT = """
import json, sys, time
sys.stdin.readline()
start = time.monotonic()
for number in range({count}):
    delay = start + number / {rate} - time.monotonic()
    if delay > 0:
        time.sleep(delay)
    print(json.dumps({{"title": str(time.monotonic_ns())}}), flush=True)
sys.stdin.read()
"""


async def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        await measure(Path(directory))


async def measure(directory: Path) -> None:
    port = _free_port()
    environment = {**os.environ, "ALERTWRAP_TOKEN": _TOKEN, "ALERTWRAP_SERVER": f"http://127.0.0.1:{port}"}
    base = [sys.executable, "-m", "alertwrap"]
    boots = [await _boot(base, directory / f"boot-{number}", port, environment) for number in range(3)]
    up = await _start([*base, "up", "--no-examples", "--data", str(directory / "up"), "--port", str(port)], environment)
    await _ready(port)
    await _prepare(port)
    manifest = _manifest(directory)
    following = asyncio.Event()
    follower = asyncio.create_task(_follow(port, following))
    await following.wait()
    wrapper = await _start([*base, "run", "--data", str(directory / "run"), str(manifest)], environment)
    delays = await follower
    resident = _resident_mb(wrapper.pid)
    for process in (wrapper, up):
        process.terminate()
        await process.wait()
    print(f"ready          alertwrap up, first start {max(boots[:1]):.2f} s, later {min(boots[1:]):.2f} s (reach 2 s)")
    print(f"memory         wrapper with one alert {resident:.1f} MB (reach 45 MB)")
    delays.sort()
    p50, p99 = (delays[int(len(delays) * part)] for part in (0.50, 0.99))
    print(f"line to socket {RATE}/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {delays[-1]:.1f} ms (reach p99 30 ms)")
    print(f"ratio          p99 is {p99 / 30:.2f} of the reach")


async def _boot(base: list[str], data: Path, port: int, environment: dict[str, str]) -> float:
    data = data.parent / "boots"
    start = time.monotonic()
    process = await _start([*base, "up", "--no-examples", "--data", str(data), "--port", str(port)], environment)
    await _ready(port)
    took = time.monotonic() - start
    process.terminate()
    await process.wait()
    return took


async def _start(command: list[str], environment: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )


async def _ready(port: int) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http, asyncio.timeout(20):
        while True:
            try:
                if (await http.get(f"http://127.0.0.1:{port}/readyz")).is_success:
                    return
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(0.01)


async def _prepare(port: int) -> None:
    headers = {"authorization": f"Bearer {_TOKEN}"}
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False) as http:
        config = {"id": "c1", "name": "clock", "channel": {"panel": {"recipients": ["ann"]}}}
        for path, body in (("/api/v1/recipients", {"id": "ann"}), ("/api/v1/configs", config)):
            (await http.post(path, json=body)).raise_for_status()


def _manifest(directory: Path) -> Path:
    (directory / "clock.py").write_text(_ALERT.format(count=RATE * SECONDS, rate=RATE))
    manifest = directory / "clock.toml"
    manifest.write_text(f'name = "clock"\ncommand = ["{sys.executable}", "{directory}/clock.py"]\n')
    return manifest


async def _follow(port: int, following: asyncio.Event) -> list[float]:
    """Milliseconds of each notice after the warm-up."""
    delays: list[float] = []
    headers = {"authorization": f"Bearer {_TOKEN}"}
    async with (
        connect(
            f"ws://127.0.0.1:{port}/api/v1/follow", additional_headers=headers, proxy=None, max_size=None
        ) as socket,
        asyncio.timeout(SECONDS * 4),
    ):
        await socket.send(json.dumps({"type": "subscribe", "topic": "inbox"}))
        seen = 0
        while seen < RATE * SECONDS:
            frame = json.loads(await socket.recv())
            now = time.monotonic_ns()
            if frame["type"] == "snapshot":
                following.set()
            elif frame["type"] == "event":
                seen += 1
                if seen > RATE * WARM_UP:
                    delays.append((now - int(frame["data"]["title"])) / 1e6)
    return delays


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    asyncio.run(main())
