"""The one client for outgoing requests whose target somebody outside of this installation may have chosen.

It resolves the name itself, checks each address, and connects to the very address that it checked, so that a name
which changes its mind between check and connect gains nothing. It follows no redirect, uses no proxy, keeps no
cookie, decompresses nothing, and reads no environment: the layer beneath it knows none of these.

EgressError     the request brought no answer; the text names no address, since it is shown to whoever chose the target
├── Denied      this target may not be reached
└── NoAnswer    no name, no connection, no TLS, no answer in time
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import httpcore2
import httpx2

from service_kit.addresses import Address, Allowed, parse_address, parse_allowed
from service_kit.faults import faultpoint

#: From the first look at the name to the last header of the answer.
DEADLINE_SECONDS = 30.0
#: When the headers are in, the outcome is known; the body only explains it.
_BODY_SECONDS = 5.0
MAX_BODY = 64 * 1024
_CONNECT_SECONDS = 10.0
_CONNECTIONS, _IDLE_CONNECTIONS, _IDLE_SECONDS = 64, 16, 15.0
#: Lookups that hang keep their thread; they must not be those of anyone else.
_RESOLVER_THREADS = 4
_PORTS = {"http": 80, "https": 443}

Resolve = Callable[[str, int], Sequence[str]]


class EgressError(Exception):
    """The request brought no answer. `code` says to a program what the text says to people."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class Denied(EgressError):
    """This target may not be reached; asking again does not help."""


class NoAnswer(EgressError):
    """No answer this time. The target may still have taken the request."""


@dataclass(frozen=True)
class Answer:
    """`headers` have lower-case names. `body` holds as many bytes as were asked for, at most, as they came; not
    `complete` when more came, or when the rest did not come in time."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    complete: bool = True


class Egress:
    """`close` it at the end. `allow` are the operator's openings; `trusted` the URLs that the operator's own settings
    name, whose host and port may be anywhere. Raises ValueError when one of them is malformed."""

    def __init__(
        self,
        allow: Iterable[str] = (),
        trusted: Iterable[str] = (),
        *,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self._deadline = deadline
        self._threads = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="egress-dns")
        allowed = parse_allowed(allow, [_host_and_port(_parse(url)) for url in trusted])
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls or httpx2.create_ssl_context(trust_env=False),
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_IDLE_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=_Guard(allowed, resolve or resolve_name, self._threads),
        )

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", limit: int = MAX_BODY
    ) -> Answer:
        """One request, no redirect followed, at most `limit` bytes of the answer. Raises Denied or NoAnswer."""
        parsed = _parse(url)
        try:
            async with asyncio.timeout(self._deadline):
                response = await self._pool.handle_async_request(_request(method, parsed, headers, body))
        except (TimeoutError, httpcore2.TimeoutException):
            raise NoAnswer("no answer in time", code="no-answer-in-time") from None
        except httpcore2.ConnectError as error:
            raise _no_connection(error) from None
        except httpcore2.ProtocolError:
            raise NoAnswer("the answer was not HTTP", code="answer-not-http") from None
        except httpcore2.NetworkError:
            raise NoAnswer("the connection broke", code="connection-broke") from None
        return await _read(response, limit)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)


def resolve_name(host: str, port: int) -> Sequence[str]:
    """The system's resolver, which also reads decimal, octal, hexadecimal and short spellings of addresses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class _Guard(httpcore2.AsyncNetworkBackend):
    """Connects only to addresses that it looked up and checked itself. TLS still asks for the name."""

    def __init__(self, allowed: Allowed, resolve: Resolve, threads: ThreadPoolExecutor) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._threads = threads
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is that of the layer beneath
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._look_up(host, port)
        permitted = [address for address in addresses if self._allowed.permits(host, port, address)]
        if not permitted:
            said = "this address may not be reached; [egress] allow opens private ones"
            raise Denied(said, code="address-closed")
        for last, address in enumerate(permitted, 1 - len(permitted)):
            try:
                stream = await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
                faultpoint("egress.connected")
                return stream
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if last == 0:
                    raise
        raise AssertionError("unreachable: permitted is not empty")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise Denied("sockets of this machine may not be reached", code="socket-closed")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _look_up(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, partial(self._resolve, host, port))
            return [parse_address(text) for text in found]
        except (OSError, UnicodeError, ValueError):
            raise NoAnswer("the name does not resolve", code="name-not-found") from None


def _parse(url: str) -> httpx2.URL:
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        raise Denied("expected a valid URL", code="not-a-url") from None
    if parsed.scheme not in _PORTS:
        raise Denied("expected a URL that begins with http:// or https://", code="not-an-http-url")
    if not parsed.host or parsed.userinfo:
        raise Denied("expected a URL with a host, and without user or password", code="not-a-plain-url")
    if _host_and_port(parsed)[1] == 0:
        raise Denied("expected a port from 1 to 65535", code="not-a-port")
    return parsed


def _host_and_port(url: httpx2.URL) -> tuple[str, int]:
    """As the layer beneath hands them to `connect_tcp`: the host in ASCII, without brackets."""
    port = url.port
    return url.raw_host.decode("ascii"), _PORTS[url.scheme] if port is None else port


def _request(method: str, url: httpx2.URL, headers: Mapping[str, str], body: bytes) -> httpcore2.Request:
    own = {"host": url.netloc.decode("ascii"), "accept-encoding": "identity", "user-agent": "alertwrap"}
    sized = {"content-length": str(len(body))} if body or method not in ("GET", "HEAD") else {}
    timeouts = {"connect": _CONNECT_SECONDS, "read": None, "write": None, "pool": None}
    return httpcore2.Request(
        method,
        httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=[(name.encode(), value.encode()) for name, value in {**own, **headers, **sized}.items()],
        content=body,
        extensions={"timeout": timeouts},
    )


async def _read(response: httpcore2.Response, limit: int) -> Answer:
    """The answer with the start of its body. From here on nothing fails: the status has come."""
    chunks, size, complete = [], 0, False
    assert isinstance(response.stream, AsyncIterable)
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in response.stream:
                chunks.append(chunk)
                size += len(chunk)
                if size > limit:
                    break
            else:
                complete = True
    except (TimeoutError, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException):
        complete = False
    finally:
        await response.aclose()
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    return Answer(response.status, headers, b"".join(chunks)[:limit], complete)


def _no_connection(error: httpcore2.ConnectError) -> NoAnswer:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NoAnswer("the certificate is not trusted", code="certificate-not-trusted")
    if isinstance(cause, ssl.SSLError):
        return NoAnswer("TLS failed", code="tls-failed")
    return NoAnswer("no connection", code="no-connection")
