"""POST /api/v1/messages: validate, commit, answer, wake the workers. In this order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from msg_sender import store
from msg_sender.store import Verdict
from service_kit.app import read_body
from service_kit.batch import FieldErrors, Result, answer, parse_batch, rejection
from service_kit.commit import GroupCommit
from service_kit.database import Database
from service_kit.faults import faultpoint
from service_kit.guard import Guard
from service_kit.problems import TooLarge, wrong
from wire.ids import new_id
from wire.message import Message

SCOPE = "messages:write"
#: Items in one request; the bytes are bounded by the settings.
MAX_ITEMS = 10_000


class Intake:
    """The bare app behind the route, since a batch may be larger than any other body; and `accept` for ourselves."""

    def __init__(
        self, database: Database, guard: Guard, channels: Sequence[str], max_batch: int, wake: Callable[[], None]
    ) -> None:
        self._database = database
        self._guard = guard
        self._channels = channels
        self._max_batch = max_batch
        self._wake = wake
        self._commits: GroupCommit[Message, Verdict] = GroupCommit(self._commit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        await self._guard.require(scope, SCOPE)
        batch = parse_batch(await read_body(scope, receive, self._max_batch), headers.get("content-type", ""))
        if len(batch.items) > MAX_ITEMS:
            said = "expected at most {most} messages in one request"
            raise TooLarge(said, code="many-messages", most=MAX_ITEMS)
        results = await self.accept([self._read(item) for item in batch.items])
        await answer(results, batch.single)(scope, receive, send)

    async def accept(self, items: Sequence[Message | Result]) -> list[Result]:
        """Store the messages among `items`; one result for each item, in order. They are durable when it returns."""
        given = [item for item in items if isinstance(item, Message)]
        verdicts = iter(await self._commits.add(given) if given else ())
        faultpoint("msg_sender.accepted")
        self._wake()
        return [item if isinstance(item, Result) else Result(item.id, next(verdicts)) for item in items]

    async def _commit(self, given: Sequence[Message]) -> Sequence[Verdict]:
        now = await self._database.now()
        faultpoint("msg_sender.accepting")
        return await self._database.write(store.accept, given, now)

    def _read(self, item: bytes | FieldErrors) -> Message | Result:
        if isinstance(item, tuple):
            return Result(None, "rejected", item)
        try:
            message = Message.model_validate_json(item)
        except ValidationError as error:
            return Result(None, "rejected", rejection(error))
        if message.channel not in self._channels:
            known = ", ".join(self._channels)
            unknown = wrong("/channel", "expected one of: {channels}", code="unknown-channel", channels=known)
            return Result(message.id, "rejected", (unknown,))
        return message if message.id else message.model_copy(update={"id": new_id()})
