"""Who calls a service: a bearer token, the session's cookie, or a JWT of the customer's issuer. One place for all."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.types import Scope

from service_kit.auth import Principal, TokenTable, bearer, jwt_refused
from service_kit.egress import Egress
from service_kit.origins import Origins, header
from service_kit.problems import Forbidden, Unauthorized
from service_kit.settings import Common

if TYPE_CHECKING:
    from service_kit.issuer import Issuer

#: Somebody waits at the door while the issuer's keys are fetched.
_KEYS_SECONDS = 5.0
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Guard:
    """`tokens` are those that are valid now; `origins` say which pages may call; `issuer` is the customer's, if any.

    `public_url` is where browsers see us; None when that is wherever they ask.
    """

    def __init__(
        self, tokens: TokenTable, origins: Origins, public_url: str | None = None, issuer: Issuer | None = None
    ) -> None:
        self.tokens = tokens
        self.origins = origins
        self._public_url = public_url
        self._issuer = issuer

    async def require(self, request: Scope, scope: str) -> Principal:
        """Who makes this request, if they hold `scope`; raises Unauthorized, Forbidden or Unavailable."""
        principal = await self.caller(request)
        if not principal.may(scope):
            raise Forbidden("the token lacks the scope {scope}", code="lacks-scope", scope=scope)
        return principal

    async def caller(self, request: Scope) -> Principal:
        """Who makes this request, whatever they may; raises Unauthorized, Forbidden or Unavailable."""
        token = bearer(header(request, b"authorization"))
        if token is None:
            token = self.session(request)
            if token is not None and request["method"] not in _SAFE_METHODS:
                self.require_own_page(request)
        if token is None:
            said = "expected to be signed in, or a token in the header Authorization: Bearer …"
            raise Unauthorized(said, code="not-signed-in")
        return await self.who(token)

    async def who(self, token: str) -> Principal:
        """The principal of a token that is valid now; raises Unauthorized or Unavailable."""
        if self._issuer is None or not is_jwt(token):
            return self.tokens.known(token)
        principal = await self._issuer.who(token)
        self.tokens.require_synced()
        if not self.tokens.jwt_counts(principal):
            raise jwt_refused()
        return principal

    def holds(self, token: str, principal: Principal, now: datetime) -> bool:
        """Whether a token is still what it was: valid, and for the same principal."""
        if self._issuer is not None and is_jwt(token):
            return not principal.expired(now) and self.tokens.jwt_counts(principal)
        return self.tokens.find(token) == principal

    def session(self, request: Scope) -> str | None:
        """The session's token, as the browser sends it in the cookie."""
        wanted = self.cookie(request)
        for pair in (header(request, b"cookie") or "").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == wanted:
                return value or None
        return None

    def cookie(self, request: Scope) -> str:
        """The name of the session's cookie where this browser sees us."""
        return cookie_name(self._public_url or f"http://{header(request, b'host') or ''}")

    def require_own_page(self, request: Scope) -> None:
        """A cookie travels with every request that a browser makes for any page: only ours may change something."""
        if not self.origins.is_own(request):
            said = "this request comes from another page; the session's cookie is only for our own"
            raise Forbidden(said, code="cookie-of-another-page")

    def refuse_other_pages(self, request: Scope) -> None:
        """For what needs no cookie: another page must not sign its visitor in, or out. Programs say no page at all."""
        said = header(request, b"sec-fetch-site") or header(request, b"origin")
        if said is not None and not self.origins.is_own(request):
            raise Forbidden("this request comes from another page; only our own may make it", code="another-page")

    def socket_session(self, request: Scope) -> str | None:
        """The session's token of a websocket handshake, when a page of ours opens it."""
        return self.session(request) if self.origins.is_own_socket(request) else None


def is_jwt(token: str) -> bool:
    """Ours have no dots."""
    return token.count(".") == 2


def cookie_name(url: str) -> str:
    """Cookies know no ports: two of us on one host would sign each other's people out, if the name did not.

    Under https the browser itself keeps others from setting it: prefix `__Host-`, which wants Secure.
    """
    port = re.match(r"https?://[^/]*:(\d+)(?:/|$)", url)
    name = f"alertwrap_session_{port[1]}" if port else "alertwrap_session"
    return f"__Host-{name}" if is_https(url) else name


def is_https(public_url: str | None) -> bool:
    return public_url is not None and public_url.lower().startswith("https://")


@contextlib.asynccontextmanager
async def open_guard(common: Common) -> AsyncIterator[Guard]:
    """The guard of one service; its tokens are fed by whoever opened it."""
    origins = Origins.of(common.public_url, common.server, common.http.origins)
    tokens = TokenTable(common.bootstrap())
    if common.jwt.issuer is None:
        yield Guard(tokens, origins, common.public_url)
        return
    from service_kit.issuer import Issuer  # noqa: PLC0415 - cryptography is large, and most need none of it

    trusted = [common.jwt.jwks_url] if common.jwt.jwks_url else []
    egress = Egress(common.egress.allow, trusted, deadline=_KEYS_SECONDS)
    try:
        yield Guard(tokens, origins, common.public_url, Issuer(common.jwt, egress))
    finally:
        await egress.close()
