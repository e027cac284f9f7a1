"""A whole alertwrap of real processes, in one of its two shapes, with the far ends recorded."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect

from tests import fork_server
from tests.story.front import Front

BOOTSTRAP = "story-bootstrap-token-0123456789"
SERVICES = ("notifier", "configurator", "msg_sender", "notice_center")
_DEADLINE = 60.0


class Program:
    """`python -m MODULE WORDS` with its output in a file; `kill` is SIGKILL, `stop` is SIGTERM and waits."""

    def __init__(
        self, name: str, module: str, words: Sequence[str], environment: Mapping[str, str], logs: Path
    ) -> None:
        self.name = name
        self._module = module
        self._words = words
        self._environment = {**_clean_environment(), **environment}
        self.log = logs / f"{name}.log"
        self._process: fork_server.Process | None = None

    async def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start it, with `environment` on top of its own this time."""
        surroundings = {**self._environment, **(environment or {})}
        self._process = fork_server.start(self._module, self._words, surroundings, self.log)

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self.wait()

    async def stop(self) -> int:
        if self.running:
            self.signal(signal.SIGTERM)
        return await self.wait()

    async def wait(self) -> int:
        """Its exit code."""
        assert self._process is not None
        return await fork_server.exit_of(self._process, _DEADLINE)

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ALERTWRAP_")}


@dataclass
class System:
    """The running system: `url` is the one address, `programs` its processes by name."""

    url: str
    programs: dict[str, Program]
    directory: Path
    http: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        fresh = httpx2.Limits(max_keepalive_connections=0)  # the front sends a connection, not a request, to a service
        self.http = httpx2.AsyncClient(
            base_url=self.url, headers=bearer(BOOTSTRAP), timeout=40, trust_env=False, limits=fresh
        )

    async def post(self, path: str, body: Any, **headers: str) -> Any:
        response = await self.http.post(path, json=body, headers=headers)
        assert response.is_success, f"{path}: {response.status_code} {response.text}"
        return response.json()

    async def get(self, path: str, **params: Any) -> Any:
        response = await self.http.get(path, params=params)
        assert response.is_success, f"{path}: {response.status_code} {response.text}"
        return response.json()

    async def ready(self) -> None:
        """Until every service can work for a client with a token."""
        paths = ("/api/v1/topics/story", "/api/v1/configs", "/api/v1/messages", "/api/v1/notices")
        async with asyncio.timeout(_DEADLINE):
            for path in paths:
                while not await self._answers(path):
                    await asyncio.sleep(0.02)

    async def _answers(self, path: str) -> bool:
        with contextlib.suppress(httpx2.HTTPError):
            return (await self.http.get(path)).is_success
        return False

    async def wrapper(self, manifest: Path, environment: Mapping[str, str] | None = None) -> Program:
        """Start `alertwrap run` on a manifest, with a token of its own, and `environment` for this start only."""
        scopes = ["notices:write", "events:read", "configs:read"]
        token = (await self.post("/api/v1/tokens", {"name": "wrapper", "scopes": scopes}))["token"]
        words = ["run", "--data", str(self.directory / "wrapper"), str(manifest)]
        settings = {"ALERTWRAP_SERVER": self.url, "ALERTWRAP_TOKEN": token}
        program = Program("wrapper", "alertwrap", words, settings, self.directory)
        self.programs["wrapper"] = program
        await program.start(environment)
        return program

    async def person(self, recipient: str) -> str:
        """A token for somebody's inbox."""
        request = {"name": recipient, "scopes": ["inbox"], "recipient": recipient}
        token: str = (await self.post("/api/v1/tokens", request))["token"]
        return token

    async def close(self) -> None:
        await self.http.aclose()
        for program in reversed(self.programs.values()):
            if program.running:
                await program.stop()


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@contextlib.asynccontextmanager
async def one_process(
    directory: Path, settings: Mapping[str, str], at_first: Mapping[str, str] | None = None
) -> AsyncIterator[System]:
    """`alertwrap up` on embedded storage; with `at_first` on top of its environment until it is started again."""
    port = _free_port()
    data = directory / "data"
    words = ["up", "--no-examples", "--data", str(data), "--port", str(port)]
    up = Program("up", "alertwrap", words, {"ALERTWRAP_TOKEN": BOOTSTRAP, **settings}, directory)
    await up.start(at_first)
    system = System(f"http://127.0.0.1:{port}", {"up": up}, directory)
    try:
        await system.ready()
        yield system
    finally:
        await system.close()


@contextlib.asynccontextmanager
async def five_processes(
    directory: Path, settings: Mapping[str, str], postgres: str, at_first: Mapping[str, Mapping[str, str]] | None = None
) -> AsyncIterator[System]:
    """Each service on its own (the wrapper is the fifth), PostgreSQL behind those that can use it; with `at_first` on
    top of the environment of the services it names until they are started again."""
    ports = {name: _free_port() for name in SERVICES}
    common = {"ALERTWRAP_TOKEN": BOOTSTRAP, "ALERTWRAP_DATA": str(directory / "data"), **settings}
    common |= {f"ALERTWRAP_PEERS__{name.upper()}": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    programs = {}
    async with Front(ports) as front:
        for name in SERVICES:
            words = ["serve", "--port", str(ports[name])]
            database = (
                {} if name == "notifier" else {f"ALERTWRAP_{name.upper()}__DATABASE": await _schema(postgres, name)}
            )
            programs[name] = Program(name, name, words, {**common, **database}, directory)
            await programs[name].start((at_first or {}).get(name))
        system = System(front.url, programs, directory)
        try:
            await system.ready()
            yield system
        finally:
            await system.close()


async def _schema(postgres: str, name: str) -> str:
    """One schema for each service in the test's database, so that no query can cross."""
    import psycopg

    async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as connection:
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"'.encode())
    return f"{postgres}?options=-csearch_path%3D{name}"


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Inbox:
    """A follower of one person's inbox, as the panel is one."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.entries: list[dict[str, Any]] = []

    async def until(self, count: int) -> list[dict[str, Any]]:
        """Wait until `count` entries have been pushed since the snapshot."""
        async with asyncio.timeout(_DEADLINE):
            while len(self.entries) < count:
                frame = json.loads(await self._socket.recv())
                if frame["type"] == "event" and frame["action"] != "deleted":
                    self.entries.append(frame["data"])
        return self.entries


@contextlib.asynccontextmanager
async def follow_inbox(system: System, token: str) -> AsyncIterator[Inbox]:
    url = "ws" + system.url.removeprefix("http") + "/api/v1/follow"
    async with connect(url, additional_headers=bearer(token), proxy=None) as socket:
        await socket.send(json.dumps({"type": "subscribe", "topic": "inbox"}))
        async with asyncio.timeout(_DEADLINE):
            while json.loads(await socket.recv())["type"] != "snapshot":
                pass
        yield Inbox(socket)
