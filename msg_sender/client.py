"""What other services import to hand messages over.

HandOverFailed     the message sender did not take all of them
├── Unreachable    no answer, or not now: hand the same messages over again, later
└── Refused        it will never take some of them as they are; `results` says which, and why
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import httpx2

from service_kit.peer import Peer
from wire.message import Message

#: One request: well below what the service takes at once, and a fraction of a second of its work.
_BATCH, _BATCH_BYTES = 500, 4 * 1024 * 1024
_TAKEN = ("accepted", "duplicate")


class HandOverFailed(Exception):
    """The message sender did not take all of the messages."""


class Unreachable(HandOverFailed):
    """No answer, or not now. What was taken is known only to the message sender: hand all of it over again."""


class Refused(HandOverFailed):
    """`results` are the items refused: [{"id", "status": "rejected"|"conflict", "errors"?}]; the others were taken."""

    def __init__(self, results: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(_explain(result) for result in results))
        self.results = results


class MsgSenderClient:
    """Talks to the message sender, over the network or in this process. `close` it at the end."""

    def __init__(self, peer: Peer) -> None:
        self._http = peer.http()

    async def hand_over(self, messages: Sequence[Message]) -> None:
        """Returns when every one of `messages` is stored there, now or before; raises HandOverFailed otherwise.

        Each message should have its id, so that handing it over twice sends it once.
        """
        refused: list[dict[str, Any]] = []
        for body in _batches(messages):
            refused += [result for result in await self._post(body) if result["status"] not in _TAKEN]
        if refused:
            raise Refused(refused)

    async def of_notice(self, notice_id: str) -> list[dict[str, Any]]:
        """The messages of a notice with their attempts, oldest first, as GET /api/v1/messages lists them."""
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            given = {"notice": notice_id, "order": "asc", "attempts": "true", "limit": "200"}
            page = await self._get("/api/v1/messages", {**given, **({"next": cursor} if cursor else {})})
            found += page["items"]
            cursor = page["next"]
        return found

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def _post(self, body: bytes) -> list[dict[str, Any]]:
        headers = {"content-type": "application/x-ndjson"}
        try:
            answer = await self._http.post("/api/v1/messages", content=body, headers=headers)
        except httpx2.HTTPError as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        return list(_body(answer, refusals=True)["results"])

    async def _get(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        try:
            answer = await self._http.get(path, params=query)
        except httpx2.HTTPError as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        return _body(answer)


def _body(answer: httpx2.Response, *, refusals: bool = False) -> dict[str, Any]:
    """The JSON of an answer that speaks of our request; anything else is Unreachable."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if isinstance(body, dict) and (answer.is_success or (refusals and "results" in body)):
        return body
    detail = body.get("detail") if isinstance(body, dict) else None
    raise Unreachable(f"the message sender answered {answer.status_code}: {detail or 'no problem document'}")


def _batches(messages: Sequence[Message]) -> Iterator[bytes]:
    """NDJSON bodies of bounded size, in order."""
    lines: list[bytes] = []
    size = 0
    for message in messages:
        line = message.model_dump_json(exclude_none=True).encode()
        if lines and (len(lines) >= _BATCH or size + len(line) > _BATCH_BYTES):
            yield b"\n".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield b"\n".join(lines)


def _explain(result: dict[str, Any]) -> str:
    errors = ", ".join(f"{error['path']}: {error['message']}" for error in result.get("errors", ()))
    return f"{result.get('id')}: {result['status']}" + (f" ({errors})" if errors else "")
