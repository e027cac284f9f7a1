"""How others talk to the configurator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx2

from service_kit.peer import Peer
from wire.config import Config
from wire.recipient import Recipient

_PAGE = 500


class ConfiguratorError(Exception):
    """The configurator refused. `status` is the HTTP status, the text its problem document's detail."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status} {detail}")
        self.status = status


class ConfiguratorClient:
    """Opened with the peer; `close` it at the end. Raises ConfiguratorError, or an httpx2 error when it is away."""

    def __init__(self, peer: Peer) -> None:
        self._http = peer.http()

    async def close(self) -> None:
        await self._http.aclose()

    async def create_token(
        self, name: str, scopes: Sequence[str], recipient: str | None = None, expires_in: str | None = None
    ) -> str:
        """A new token's text."""
        request = {"name": name, "scopes": list(scopes), "recipient": recipient, "expires_in": expires_in}
        answer = _accepted(await self._http.post("/api/v1/tokens", json=request))
        return str(answer.json()["token"])

    async def configs(self, name: str | None = None) -> AsyncIterator[Config]:
        """All configs, or all of one alert."""
        query: dict[str, Any] = {"limit": _PAGE} | ({"name": name} if name else {})
        while True:
            page = _accepted(await self._http.get("/api/v1/configs", params=query)).json()
            for item in page["items"]:
                yield Config.model_validate(item)
            if page["next"] is None:
                return
            query["next"] = page["next"]

    async def put_recipient(self, recipient: Recipient) -> None:
        """Create the recipient, or make an existing one equal to this."""
        await self._put("/api/v1/recipients", recipient.id, recipient.model_dump(mode="json"))

    async def put_config(self, config: Config) -> None:
        """Create the config, or make an existing one equal to this; its `revision` is the server's."""
        await self._put("/api/v1/configs", config.id, config.model_dump(mode="json", exclude={"revision"}))

    async def _put(self, path: str, id: str, body: dict[str, Any]) -> None:
        answer = await self._http.post(path, json=body)
        while answer.status_code in (409, 412):  # it is there and differs; or somebody else was faster
            read = _accepted(await self._http.get(f"{path}/{id}"))
            answer = await self._http.put(f"{path}/{id}", json=body, headers={"If-Match": read.headers["etag"]})
        _accepted(answer)


def _accepted(answer: httpx2.Response) -> httpx2.Response:
    if answer.is_success:
        return answer
    raise ConfiguratorError(answer.status_code, str(answer.json().get("detail", "")) if answer.content else "")
