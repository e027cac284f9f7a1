"""Any HTTP endpoint, by the Standard Webhooks specification (https://www.standardwebhooks.com).

The id stays the same over all retries, so that a receiver can tell a repetition; time and signature are those of the
attempt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from msg_sender.channels.contract import OpenEgress, Outgoing, Receipt, SendError
from msg_sender.reason import Reason, because, of_egress
from service_kit.egress import Answer, Denied, EgressError
from service_kit.secrets import Secret
from wire.times import rfc3339, utc_now

_PREFIX = "whsec_"
_MIN_KEY, _MAX_KEY = 24, 64
_TYPE = "alertwrap.message"
#: "Later": the endpoint is overloaded, busy with this very message, or a proxy before it found it down.
_LATER = (408, 409, 425, 429)
_CUT = 2048


def _words(value: object) -> object:
    return tuple(re.split(r"[\s,]+", value.strip())) if isinstance(value, str) else value


class WebhookSettings(BaseModel):
    """`secrets` sign every request, each of them: during a rotation receivers may know the old or the new one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secrets: Annotated[tuple[Secret, ...], BeforeValidator(_words)] = Field(
        min_length=1, max_length=8, description="whsec_…, one or several with spaces between"
    )

    @field_validator("secrets")
    @classmethod
    def _are_keys(cls, secrets: tuple[Secret, ...]) -> tuple[Secret, ...]:
        for secret in secrets:
            key_of(secret)
        return secrets


def open_webhook(settings: WebhookSettings, open_egress: OpenEgress) -> Webhook:
    """The channel; sends nothing yet."""
    return Webhook(settings, open_egress)


class Webhook:
    """Posts `{"type","timestamp","data"}` to the address of the message, which is a URL."""

    def __init__(
        self, settings: WebhookSettings, open_egress: OpenEgress, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._keys = [key_of(secret) for secret in settings.secrets]
        self._egress = open_egress()
        self._now = now

    async def send(self, message: Outgoing) -> Receipt:
        body, now = payload(message), self._now()
        stamp = str(int(now.timestamp()))
        headers = {
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(sign(key, message.id, stamp, body) for key in self._keys),
        }
        try:
            answer = await self._egress.request("POST", message.to, headers=headers, body=body)
        except EgressError as error:
            raise SendError(of_egress(error).by("webhook"), permanent=isinstance(error, Denied)) from None
        if 200 <= answer.status < 300:
            return Receipt(_said(answer))
        raise refusal(answer, now)

    def delay(self, message: Outgoing, now: float) -> float:
        return 0.0

    async def close(self) -> None:
        await self._egress.close()


def payload(message: Outgoing) -> bytes:
    """The same bytes at each attempt."""
    data = message.model_dump(mode="json", exclude={"to", "channel", "accepted_at", "earlier"}, exclude_none=True)
    return json.dumps({"type": _TYPE, "timestamp": rfc3339(message.accepted_at), "data": data}).encode()


def key_of(secret: Secret) -> bytes:
    """`whsec_<base64>` → the key. Raises ValueError."""
    text = secret.get_secret_value()
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(_PREFIX) or not _MIN_KEY <= len(key) <= _MAX_KEY:
        raise ValueError('expected "whsec_" and 24 to 64 bytes in base64 (openssl rand -base64 32)')
    return key


def sign(key: bytes, message_id: str, stamp: str, body: bytes) -> str:
    """The signature `v1,<base64>` of one attempt."""
    content = f"{message_id}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def refusal(answer: Answer, now: datetime) -> SendError:
    """An answer outside of 2xx as the error it is. A redirect is one: its target was never checked by anybody."""
    permanent = 400 <= answer.status < 500 and answer.status not in _LATER
    asked = retry_after(answer.headers.get("retry-after", ""), now)
    return SendError(_answered(answer.status), permanent=permanent, retry_after=asked, answer=_said(answer))


def _answered(status: int) -> Reason:
    if status == 410:
        return because("webhook answered {status}: the endpoint is gone", code="webhook-gone", status=status)
    return because("webhook answered {status}", code="webhook-answered", status=status)


def retry_after(header: str, now: datetime) -> float | None:
    """Seconds of a Retry-After header: a number or an HTTP date; None when it is neither."""
    if re.fullmatch(r"[0-9]{1,10}", header):
        return float(header)
    try:
        at = parsedate_to_datetime(header)
        return max((at - now) / timedelta(seconds=1), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _said(answer: Answer) -> str:
    return f"HTTP {answer.status} {answer.body[:_CUT].decode('utf-8', 'replace')}".strip()
