"""People's JWT, made by the customer's own issuer: checked here, and nowhere else.

Only the pinned algorithms count; a key that the token itself brings or names by URL (`jwk`, `jku`, `x5u`) does not.
What a token says is read only after its signature was checked, but for the id of the key.
"""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import jwt
import structlog
from jwt.types import Options
from pydantic import TypeAdapter, ValidationError

from service_kit.auth import Principal, jwt_refused
from service_kit.egress import Egress, EgressError
from service_kit.problems import Unavailable
from service_kit.settings import JwtSettings, SettingsError
from wire.ids import Segment
from wire.times import utc_now

log = structlog.get_logger()

#: Keys are read again after this long, so that one that was withdrawn stops opening doors;
_FRESH_SECONDS = 600.0
#: and when a token names an unknown one, but never more often than this: anyone can invent a key's id.
_PATIENCE_SECONDS = 30.0
#: The issuer's clock may go this much before ours. An end is an end.
_LEEWAY_SECONDS = 30
_REQUIRED: Options = {"require": ["exp", "iss", "aud"]}

_segment: TypeAdapter[str] = TypeAdapter(Segment)
Key = Any


class Issuer:
    """The customer's issuer. `egress` fetches its keys, when they are not in the settings."""

    def __init__(self, settings: JwtSettings, egress: Egress) -> None:
        self._settings = settings
        self._keys = _Published(settings.jwks_url, egress) if settings.jwks_url else None
        self._key = _prepared(settings) if settings.key else None

    async def who(self, token: str) -> Principal:
        """Whose token it is: it opens this recipient's inbox, and the topics that the settings name, and nothing else.

        Raises Unauthorized or Unavailable.
        """
        key = self._key if self._keys is None else await self._keys.find(_key_id(token))
        try:
            claims = self._checked(token, key)
            recipient = _segment.validate_python(claims.get(self._settings.claim), strict=True)
            expires = datetime.fromtimestamp(claims["exp"], UTC)
            issued = datetime.fromtimestamp(claims["iat"], UTC) if "iat" in claims else None
        except (jwt.PyJWTError, ValidationError, TypeError, ValueError, OverflowError, OSError) as error:
            log.info("a JWT was refused", reason=type(error).__name__)
            raise jwt_refused() from None
        if expires <= utc_now():
            raise jwt_refused()
        topics = frozenset(self._settings.topics)
        inbox = frozenset({"inbox"})
        return Principal(f"jwt:{recipient}", recipient, inbox, recipient, expires, topics=topics, issued_at=issued)

    def _checked(self, token: str, key: Key) -> dict[str, Any]:
        settings = self._settings
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=list(settings.algorithms), audience=settings.audience, issuer=settings.issuer,
            leeway=_LEEWAY_SECONDS, options=_REQUIRED,
        )  # fmt: skip
        return claims


class _Published:
    """The keys at a URL, by their id."""

    def __init__(self, url: str, egress: Egress) -> None:
        self._url = url
        self._egress = egress
        self._keys: dict[str, Key] = {}
        self._read_at = self._asked_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def find(self, id: str) -> Key:
        """The key of this id; raises Unauthorized when the issuer has none, Unavailable when it does not say."""
        if id not in self._keys or (self._is_stale() and not self._one_at_a_time.locked()):
            async with self._one_at_a_time:
                if self._may_ask() and (id not in self._keys or self._is_stale()):
                    await self._read()
        if id in self._keys:
            return self._keys[id]
        if not self._keys:
            said = "the issuer's keys cannot be read now; try again"
            raise Unavailable(said, code="issuer-away", retry_after=int(_PATIENCE_SECONDS))
        raise jwt_refused()

    def _is_stale(self) -> bool:
        return time.monotonic() - self._read_at > _FRESH_SECONDS

    def _may_ask(self) -> bool:
        return time.monotonic() - self._asked_at > _PATIENCE_SECONDS

    async def _read(self) -> None:
        """When it fails, the keys stay as they were last seen."""
        self._asked_at = time.monotonic()
        try:
            answer = await self._egress.request("GET", self._url, headers={"accept": "application/json"})
            if answer.status != 200 or not answer.complete:
                raise ValueError(f"status {answer.status}")
            self._keys = _keys_of(json.loads(answer.body))
            self._read_at = self._asked_at
        except (EgressError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.error("the issuer's keys cannot be read", url=self._url, error=str(error) or type(error).__name__)


def _key_id(token: str) -> str:
    """Raises Unauthorized. A token without an id is taken for the key without one."""
    try:
        return str(jwt.get_unverified_header(token).get("kid", ""))
    except jwt.PyJWTError:
        raise jwt_refused() from None


def _keys_of(document: Any) -> dict[str, Key]:
    """The public keys for signatures among a JSON Web Key Set; a shared secret in it would be everybody's."""
    keys = {}
    for entry in document["keys"]:
        if entry.get("kty") == "oct" or entry.get("use", "sig") != "sig":
            continue
        try:
            keys[str(entry.get("kid", ""))] = jwt.PyJWK(entry).key
        except jwt.PyJWTError as error:
            log.info("a key of the issuer is not understood", kid=entry.get("kid"), error=str(error))
    return keys


def _prepared(settings: JwtSettings) -> Key:
    """The key as the algorithms want it; raises SettingsError when it is none."""
    assert settings.key is not None
    key: Key = settings.key.get_secret_value()
    for name in settings.algorithms:
        try:
            prepared = jwt.get_algorithm_by_name(name).prepare_key(key)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise SettingsError([f"ALERTWRAP_JWT__KEY: no key for {name}: {error}"]) from None
    return prepared
