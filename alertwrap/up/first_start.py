"""What an empty system is given at its first start, so that a newcomer has someone to notify and something to see."""

from __future__ import annotations

import os
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from alertwrap.manifest import metric_schema, read_manifest
from alertwrap.up.data_directory import WRAPPER_TOKEN
from service_kit.peer import Peer

#: The person in front of the machine, until real ones are entered.
OWNER = {"id": "admin", "name": "Admin", "roles": ["operator"]}
#: `alerts:write` makes the schemas of alerts known; what alerts are told to do is not theirs to write.
_WRAPPER_SCOPES = ["notices:write", "messages:write", "events:read", "events:write", "configs:read", "alerts:write"]
_WRAPPER = "example alerts"


@dataclass(frozen=True)
class Example:
    """An example alert on this machine. `missing` names the program that it needs and that is not here."""

    name: str
    file: Path
    missing: str | None


def examples_directory() -> Path:
    """Where the examples are: inside an installed wheel, or beside the packages in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "examples"
    return inside if inside.is_dir() else package.parent / "examples"


def find_examples() -> list[Example]:
    """The example alerts, each with what it lacks here."""
    return [_example(file) for file in sorted((examples_directory() / "alerts").glob("*.toml"))]


def _example(file: Path) -> Example:
    table = tomllib.loads(file.read_text("utf-8"))
    program = Path(table["command"][0])
    interpreter = _interpreter(file.parent / program) if not shutil.which(str(program)) else None
    missing = interpreter if interpreter and not shutil.which(interpreter) else None
    return Example(table["name"], file, missing)


def _interpreter(script: Path) -> str | None:
    """The program that a script's first line names: `#!/usr/bin/env bash` → bash."""
    with script.open("rb") as stream:
        words = stream.readline(200).decode("utf-8", "replace").removeprefix("#!").split()
    return words[-1] if words and words[0].endswith("/env") else (words[0] if words else None)


async def prepare(peer: Peer, directory: Path, examples: list[Example]) -> None:
    """Give the system its owner, the examples' configs and the tokens of this directory. Does so only once; the
    wrapper's token is made anew when an older version gave it other permissions."""
    mark = directory / "prepared"
    async with peer.http() as http:
        if mark.exists():
            await _renew(http, directory / WRAPPER_TOKEN)
            return
        await _create(http, "/api/v1/recipients", OWNER)
        for example in examples:
            await _create(http, "/api/v1/configs", _config(example))
        admin = {"name": "admin of this directory", "scopes": ["admin", "inbox"], "recipient": OWNER["id"]}
        await _token(http, directory / "admin.token", admin)
        await _token(http, directory / WRAPPER_TOKEN, {"name": _WRAPPER, "scopes": _WRAPPER_SCOPES})
    mark.touch()


async def register(peer: Peer, examples: list[Example]) -> None:
    """Make the examples known with the schemas they have now: at each start, since a new version may bring new ones."""
    async with peer.http() as http:
        for example in examples:
            schema = metric_schema(read_manifest(example.file)) or {}
            known = {"metric_schema": schema or None, "description": str(schema.get("description", ""))}
            (await http.put(f"/api/v1/alerts/{example.name}", json=known)).raise_for_status()


async def sign_in_link(peer: Peer) -> str:
    """A fresh one-time link for the person in front of the machine."""
    async with peer.http() as http:
        response = await http.post("/api/v1/session/link")
        response.raise_for_status()
        return str(response.json()["link"])


def _config(example: Example) -> dict[str, Any]:
    return {"id": f"example-{example.name}", "name": example.name, "channel": {"panel": {"recipients": [OWNER["id"]]}}}


async def _create(http: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> None:
    response = await http.post(path, json=body)
    if response.status_code != httpx2.codes.CONFLICT:
        response.raise_for_status()


async def _renew(http: httpx2.AsyncClient, file: Path) -> None:
    """Not a token that somebody has put there, revoked or removed: that was their decision."""
    token = _kept(file)
    if token is None:
        return
    answer = await http.get("/api/v1/session", headers={"authorization": f"Bearer {token}"})
    if answer.status_code == httpx2.codes.UNAUTHORIZED:
        return
    answer.raise_for_status()
    holder = answer.json()
    if holder["account"]["name"] != _WRAPPER or set(holder["scopes"]) == set(_WRAPPER_SCOPES):
        return
    await _token(http, file, {"name": _WRAPPER, "scopes": _WRAPPER_SCOPES})
    (await http.delete(f"/api/v1/tokens/{holder['account']['id']}")).raise_for_status()


def _kept(file: Path) -> str | None:
    try:
        return file.read_text("ascii").strip()
    except FileNotFoundError:
        return None


async def _token(http: httpx2.AsyncClient, file: Path, request: dict[str, Any]) -> None:
    response = await http.post("/api/v1/tokens", json=request)
    response.raise_for_status()
    draft = file.with_name(f".{file.name}-{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(response.json()["token"] + "\n")
    draft.replace(file)
