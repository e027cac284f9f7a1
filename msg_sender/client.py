"""What other services import to hand messages over.

HandOverFailed     the message sender did not take all of them
├── Unreachable    no answer, or not now: hand the same messages over again, later
└── Refused        it will never take some of them as they are; `results` says which, and why
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx2

from service_kit.peer import Peer
from wire.message import Message

#: One request: well below what the service takes at once, and a fraction of a second of its work.
_BATCH, _BATCH_BYTES = 500, 4 * 1024 * 1024
#: Ids in one question: they stand in its URL, and proxies take some 8 kB.
_IDS = 50
_TAKEN = ("accepted", "duplicate")
#: A message's id, and the message as a line of NDJSON.
Line = tuple[str | None, bytes]


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
        for some in _batches(messages):
            refused += await self._hand_over(some)
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

    async def of_ids(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Those of these messages that are there, without their attempts."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(ids), _IDS):
            some: dict[str, str | list[str]] = {"id": list(ids[start : start + _IDS]), "limit": str(_IDS)}
            found += (await self._get("/api/v1/messages", some))["items"]
        return found

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def _hand_over(self, lines: Sequence[Line]) -> list[dict[str, Any]]:
        """What was refused, under the ids that we gave: who cannot read an item cannot name it either."""
        headers = {"content-type": "application/x-ndjson"}
        try:
            answer = await self._http.post(
                "/api/v1/messages", content=b"\n".join(raw for _, raw in lines), headers=headers
            )
        except httpx2.HTTPError as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        if answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return await self._hand_over_halves(lines)
        results = _body(answer, refusals=True)["results"]
        if len(results) != len(lines):
            raise Unreachable(f"the message sender answered {len(results)} results to {len(lines)} messages")
        named = [{**result, "id": name} for (name, _), result in zip(lines, results, strict=True)]
        return [result for result in named if result["status"] not in _TAKEN]

    async def _hand_over_halves(self, lines: Sequence[Line]) -> list[dict[str, Any]]:
        """It, or a proxy before it, takes smaller requests than we thought: one message must not hold up the others."""
        if len(lines) == 1:
            error = {"path": "", "message": "larger than the message sender takes"}
            return [{"id": lines[0][0], "status": "rejected", "errors": [error]}]
        middle = len(lines) // 2
        return [*await self._hand_over(lines[:middle]), *await self._hand_over(lines[middle:])]

    async def _get(self, path: str, query: Mapping[str, str | list[str]]) -> dict[str, Any]:
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


def _batches(messages: Sequence[Message]) -> Iterator[list[Line]]:
    """Portions of bounded size, in order."""
    lines: list[Line] = []
    size = 0
    for message in messages:
        raw = message.model_dump_json(exclude_none=True).encode()
        if lines and (len(lines) >= _BATCH or size + len(raw) > _BATCH_BYTES):
            yield lines
            lines, size = [], 0
        lines.append((message.id, raw))
        size += len(raw)
    if lines:
        yield lines


def _explain(result: dict[str, Any]) -> str:
    errors = ", ".join(f"{error['path']}: {error['message']}" for error in result.get("errors", ()))
    return f"{result.get('id')}: {result['status']}" + (f" ({errors})" if errors else "")
