"""Which pages may call us from a browser: our own with the session's cookie, listed ones with a bearer token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import Scope

Headers = Sequence[tuple[bytes, bytes]]

_ALLOWED = {
    "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
    "access-control-allow-headers": "authorization, content-type, if-match, if-none-match, x-request-id",
    "access-control-max-age": "600",
}
_EXPOSED = (b"access-control-expose-headers", b"etag, location, retry-after, x-request-id")
_VARY = (b"vary", b"origin")
#: Who came by https shall not be led back to http (RFC 6797). Subdomains are not ours to speak for.
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


@dataclass(frozen=True)
class Origins:
    """`ours` are the origins of our own pages; where `by_host`, also whatever the request's Host names: then nobody
    said where browsers see us. `listed` are those of other people's pages: scheme, host and port, exactly. `https`:
    browsers reach us by nothing else."""

    ours: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    by_host: bool = True
    https: bool = False

    @classmethod
    def of(cls, public_url: str | None, server: str, listed: tuple[str, ...]) -> Origins:
        ours = origin_of(public_url or server)
        https = public_url is not None and ours.startswith("https:")
        return cls(frozenset({ours}), frozenset(listed), by_host=public_url is None, https=https)

    def is_own(self, request: Scope) -> bool:
        """Whether the browser proves that a page of ours made this request. No page can set these headers itself."""
        site = header(request, b"sec-fetch-site")
        return site == "same-origin" if site is not None else self._is_ours(request)

    def may_connect(self, request: Scope) -> bool:
        """Whether a websocket may be opened: by a page of ours, by a listed one, or by a program, which says none."""
        origin = header(request, b"origin")
        return origin is None or origin in self.listed or self._is_ours(request)

    def is_own_socket(self, request: Scope) -> bool:
        """The same proof for a handshake, where not every browser sends more than Origin."""
        return self._is_ours(request)

    def answer_headers(self, request: Scope) -> Headers:
        """What lets a listed page read the answer (every answer says that it depends on the origin); and HSTS."""
        always = [_HTTPS_ONLY] if self.https else []
        if not self.listed:
            return always
        origin = header(request, b"origin")
        if origin is None or origin not in self.listed:
            return [*always, _VARY]
        return [*always, _VARY, (b"access-control-allow-origin", origin.encode("latin-1")), _EXPOSED]

    def preflight(self, request: Scope) -> Mapping[str, str] | None:
        """What a listed page may send, when a browser asks beforehand; None when it may nothing."""
        return _ALLOWED if header(request, b"origin") in self.listed else None

    def _is_ours(self, request: Scope) -> bool:
        origin = header(request, b"origin")
        if origin is None:
            return False
        scheme = "https" if request["scheme"] in ("https", "wss") else "http"
        return origin in self.ours or (self.by_host and origin == f"{scheme}://{header(request, b'host')}")


def is_preflight(request: Scope) -> bool:
    return request["method"] == "OPTIONS" and header(request, b"access-control-request-method") is not None


def origin_of(url: str) -> str:
    """The scheme, host and port of a URL, as browsers write them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def header(request: Scope, name: bytes) -> str | None:
    """The first header of this name, as text."""
    for key, value in request["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None
