"""Who calls, and what they may do. Tokens are opaque and known here only by their hash.

The table of tokens is fed from the topic `token`; a service asks nobody else while it answers a request.
Every route declares a permission: `allow("notices:write")`, `public` or `authenticates_itself`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from fastapi import Depends
from starlette.requests import HTTPConnection

from service_kit.problems import Unauthorized, Unavailable
from service_kit.secrets import Secret, hash_token
from wire.times import utc_now

log = structlog.get_logger()

_JWTS = "jwts/"
#: What a token may be created with. `inbox` acts for one recipient; `admin` may do whatever an operator may.
SCOPES = (
    "admin", "events:write", "events:read", "notices:write", "notices:read", "messages:write", "messages:read",
    "configs:write", "configs:read", "alerts:write", "inbox", "metrics:read",
)  # fmt: skip
#: The scope of the services among themselves: the bootstrap token. It cannot be created, only configured.
SERVICE = "service"
#: A use of a token is told at most this often by each service.
_USE_GRAIN = timedelta(minutes=5)
#: Scopes that `admin` does not imply: an admin has no inbox, unless the token names a recipient.
_PERSONAL = frozenset({"inbox", SERVICE})


@dataclass(frozen=True)
class Principal:
    """Who calls. `recipient` is set for a person's token; `expires_at` is None for one that does not expire.

    `account` is set for a session: whose it is. `topics` may be followed besides what the scopes allow. `issued_at`
    is what a JWT says of itself; None when it does not.
    """

    id: str
    name: str
    scopes: frozenset[str]
    recipient: str | None = None
    expires_at: datetime | None = None
    account: str | None = None
    topics: frozenset[str] = frozenset()
    issued_at: datetime | None = None

    def may(self, scope: str) -> bool:
        """Whether this principal holds `scope`, itself or by a scope that implies it."""
        if scope in self.scopes or SERVICE in self.scopes:
            return True
        return "admin" in self.scopes and scope not in _PERSONAL

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@dataclass
class TokenTable:
    """The tokens that are valid now, by hash, and since when a recipient's JWT count.

    `synced` turns true when the first snapshot is in.
    """

    bootstrap: Secret
    synced: bool = False
    _by_hash: dict[str, Principal] = field(default_factory=dict)
    _jwts_since: dict[str, datetime] = field(default_factory=dict)
    _watchers: set[Callable[[], None]] = field(default_factory=set)
    _used: dict[str, datetime] = field(default_factory=dict)
    _told: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bootstrap_hash = hash_token(self.bootstrap.get_secret_value())
        self._service = Principal("bootstrap", "service", frozenset({SERVICE}))

    def put(self, key: str, data: dict[str, Any] | None) -> None:
        """Take one entity of the topic `token`: `key` is the hash; no data means revoked."""
        self._take(key, data)
        for watcher in tuple(self._watchers):
            watcher()

    def replace(self, items: Iterator[tuple[str, dict[str, Any]]]) -> None:
        """Take a whole snapshot of the topic `token`."""
        self._by_hash, self._jwts_since = {}, {}
        for key, data in items:
            self._take(key, data)
        self.synced = True
        for watcher in tuple(self._watchers):
            watcher()

    def find(self, token: str) -> Principal | None:
        """The principal of a token that is valid now. Looking up a hash leaks no timing about the token."""
        hashed = hash_token(token)
        if hashed == self._bootstrap_hash:
            return self._service
        found, now = self._by_hash.get(hashed), utc_now()
        if found is None or found.expired(now):
            return None
        if found.account is None:
            self._used[found.id] = now
        return found

    def take_uses(self, now: datetime) -> dict[str, datetime]:
        """Token id → when it was last used here, of those that were used since, and not taken for some minutes.

        An open websocket is a use. Sessions are left out: of those it is known when somebody signed in.
        """
        self._told = {id: at for id, at in self._told.items() if now - at < _USE_GRAIN}
        taken = {id: at for id, at in self._used.items() if id not in self._told}
        self._told |= taken
        self._used = {id: at for id, at in self._used.items() if id not in taken}
        return taken

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher` after every change; returns the function that ends it."""
        self._watchers.add(watcher)
        return lambda: self._watchers.discard(watcher)

    def known(self, token: str) -> Principal:
        """The principal of a token that is valid now; raises Unauthorized or Unavailable."""
        principal = self.find(token)
        if principal is None:
            self.require_synced()
            raise Unauthorized("the token is unknown, revoked or expired", code="token-refused")
        return principal

    def jwt_counts(self, principal: Principal) -> bool:
        """Whether a JWT was issued after all JWT of its recipient were revoked, if they ever were."""
        since = self._jwts_since.get(principal.recipient or "")
        return since is None or (principal.issued_at is not None and principal.issued_at >= since)

    def require_synced(self) -> None:
        """Raises Unavailable while it is not known what was revoked."""
        if not self.synced:
            raise Unavailable("the tokens are still being loaded; try again", code="tokens-loading")

    def _take(self, key: str, data: dict[str, Any] | None) -> None:
        """What makes no sense is no token."""
        self._by_hash.pop(key, None)
        if not data:
            return
        try:
            if key.startswith(_JWTS):
                self._jwts_since[data["recipient"]] = datetime.fromisoformat(data["jwts_since"])
            else:
                self._by_hash[key] = principal_of(data)
        except (KeyError, TypeError, ValueError) as error:
            log.error("not a token", key=key[:8], error=repr(error))


def jwts_key(recipient: str) -> str:
    """The key, on the topic `token`, of since when the JWT of this recipient count: no hash looks like it."""
    return _JWTS + recipient


def principal_of(data: dict[str, Any]) -> Principal:
    """An entity of the topic `token` → Principal."""
    expires = data.get("expires_at")
    return Principal(
        id=data["id"],
        name=data.get("name", ""),
        scopes=frozenset(data["scopes"]),
        recipient=data.get("recipient"),
        expires_at=datetime.fromisoformat(expires) if expires else None,
        account=data.get("account"),
    )


def jwt_refused() -> Unauthorized:
    """One answer to all that is wrong with a JWT: what exactly it is stands in the log."""
    return Unauthorized("the token is not one of ours, or is no longer valid", code="jwt-refused")


def bearer(header: str | None) -> str | None:
    """The token of an Authorization header, or None."""
    kind, _, token = (header or "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


@dataclass(frozen=True)
class Permission:
    """A route's declared permission: a FastAPI dependency that answers with the caller's Principal."""

    scope: str

    async def __call__(self, connection: HTTPConnection) -> Principal:
        principal: Principal = await connection.app.state.guard.require(connection.scope, self.scope)
        return principal


class SignedIn:
    """A dependency that answers with the caller's Principal, whatever they may."""

    async def __call__(self, connection: HTTPConnection) -> Principal:
        principal: Principal = await connection.app.state.guard.caller(connection.scope)
        return principal


def allow(scope: str) -> Any:
    """Declare a route's permission: `principal: Annotated[Principal, allow("notices:write")]`."""
    if scope not in SCOPES and scope != SERVICE:
        raise ValueError(f"unknown scope {scope!r}")
    return Depends(Permission(scope))


def anyone_known() -> Any:
    """Declare that a route is for whoever has a token, whatever it may: for what is about themselves."""
    return Depends(SignedIn())


async def public() -> None:
    """Declares a route that anyone may call: `dependencies=[Depends(public)]`."""


async def authenticates_itself() -> None:
    """Declares a route that checks its caller by other means than a header: a first frame, a signature."""


_DECLARATIONS = (public, authenticates_itself)


def declares_permission(dependant: Any) -> bool:
    """Whether a route's dependency tree holds a declaration."""
    return any(isinstance(call, Permission | SignedIn) or call in _DECLARATIONS for call in _calls(dependant))


def permission_of(dependant: Any) -> str | None:
    """The scope that a route declares: "" when it depends on the request, None when anyone may call."""
    calls = list(_calls(dependant))
    scopes = [call.scope for call in calls if isinstance(call, Permission)]
    return scopes[0] if scopes else None if public in calls else ""


def _calls(dependant: Any) -> Iterator[Any]:
    for child in dependant.dependencies:
        yield child.call
        yield from _calls(child)
