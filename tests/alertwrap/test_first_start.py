"""The tokens of a data directory, at its first start and at later ones: the wrapper's may do what a wrapper does."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from alertwrap.up.first_start import prepare
from service_kit.peer import Peer
from service_kit.secrets import Secret
from tests.configurator.conftest import BOOTSTRAP, RecordingNotifier, authorized, configurator


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with configurator(f"sqlite:///{tmp_path}/store.db", RecordingNotifier()) as opened:
        yield opened


@pytest.fixture
async def peer(client: Any) -> Peer:
    return Peer("http://configurator", Secret(BOOTSTRAP), client.app)


def stored(directory: Path) -> str:
    return (directory / "wrapper.token").read_text().strip()


async def keep(client: httpx2.AsyncClient, directory: Path, name: str, *scopes: str) -> str:
    """Put a token with these scopes where the wrapper's is."""
    made = (await client.post("/api/v1/tokens", json={"name": name, "scopes": scopes})).json()["token"]
    (directory / "wrapper.token").write_text(made + "\n")
    return str(made)


async def status(client: httpx2.AsyncClient, method: str, path: str, token: str) -> int:
    body = {"metric_schema": None, "description": "d"} if "alerts" in path else {"name": "disk"}
    return (await client.request(method, path, json=body, headers=authorized(token))).status_code


async def test_the_wrapper_may_make_alerts_known_and_write_no_config(
    client: httpx2.AsyncClient, peer: Peer, tmp_path: Path
) -> None:
    await prepare(peer, tmp_path, [])
    token = stored(tmp_path)
    assert await status(client, "PUT", "/api/v1/alerts/disk", token) == 201
    assert await status(client, "POST", "/api/v1/configs", token) == 403
    assert stat.S_IMODE((tmp_path / "wrapper.token").stat().st_mode) == 0o600
    await prepare(peer, tmp_path, [])
    assert stored(tmp_path) == token, "made once"


async def test_a_token_of_an_older_version_is_made_anew_and_works_no_more(
    client: httpx2.AsyncClient, peer: Peer, tmp_path: Path
) -> None:
    await prepare(peer, tmp_path, [])
    older = await keep(client, tmp_path, "example alerts", "notices:write", "configs:read", "configs:write")
    await prepare(peer, tmp_path, [])
    assert stored(tmp_path) != older
    assert await status(client, "PUT", "/api/v1/alerts/disk", stored(tmp_path)) == 201
    assert await status(client, "POST", "/api/v1/configs", stored(tmp_path)) == 403
    assert await status(client, "POST", "/api/v1/configs", older) == 401


async def test_a_token_that_somebody_has_put_there_stays(
    client: httpx2.AsyncClient, peer: Peer, tmp_path: Path
) -> None:
    await prepare(peer, tmp_path, [])
    own = await keep(client, tmp_path, "mine", "notices:write", "events:read")
    await prepare(peer, tmp_path, [])
    assert stored(tmp_path) == own
    (tmp_path / "wrapper.token").write_text("aw_revoked\n")
    await prepare(peer, tmp_path, [])
    assert stored(tmp_path) == "aw_revoked"
    (tmp_path / "wrapper.token").unlink()
    await prepare(peer, tmp_path, [])
    assert not (tmp_path / "wrapper.token").exists()
