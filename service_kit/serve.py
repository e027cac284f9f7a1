"""Running one ASGI app as a process: uvicorn, with a port that can be 0, signals that drain, and sockets that
a fan-out may write to directly."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from service_kit.settings import HttpSettings

T = TypeVar("T")

#: Open streams get this long to end after SIGTERM; then they are cut, and clients resume elsewhere.
GRACE_SECONDS = 3
#: A connection on which nothing is asked for so long is closed.
IDLE_SECONDS: float = 75
_WEBSOCKET_FRAME = 1024 * 1024
#: Bytes of a request line with its headers, about: the parser itself would take any number.
_MAX_HEAD = 64 * 1024
_HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_BACKLOG = 2048
#: New containers between two looks for garbage. Python's 700 is a tenth of the time of a server that holds thousands of
#: sockets; nearly all of our garbage is freed without a look.
_GARBAGE = 20_000


class ConnectionInScope(WebSocketsSansIOProtocol):
    """Puts itself into the scope, under extensions: `alertwrap.connection`.

    A fan-out then writes one prepared frame to thousands of sockets without a coroutine for each. Its `watchers` are
    called when the transport begins to keep what is written, when it has none left, and before it is closed.
    """

    watchers: list[Callable[[], None]]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.watchers = []
        super().connection_made(transport)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions: Any = self.scope["extensions"]
            extensions["alertwrap.connection"] = self

    def pause_writing(self) -> None:
        super().pause_writing()
        self._changed()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._changed()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._changed()

    def _changed(self) -> None:
        for changed in self.watchers:
            changed()


class OneWrite(HttpToolsProtocol):
    """Puts into the scope, under extensions, `alertwrap.one_write`: an answer that is ready leaves in one piece.

    The ordinary way builds an answer header by header in two calls; on the hot paths that is a fifth of the work.
    The timer of an idle connection is not set anew with each answer: it looks, when it goes off, whether it is idle.
    A request whose headers never end is idle too, and one whose headers grow beyond measure is refused.
    """

    _answered_at = 0.0
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._answered_at = self.loop.time()
        self._look_in(self.timeout_keep_alive)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        begun: Any = self.scope
        if begun is None or (self.cycle is not None and self.cycle.scope is begun):
            self._head = 0
            return
        self._head += len(data)
        if self._head > _MAX_HEAD and not self.transport.is_closing():
            self.transport.write(_HEAD_TOO_LARGE)
            self.transport.close()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._answered_at = self.loop.time()

    def timeout_keep_alive_handler(self) -> None:
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if self.cycle is not None and not self.cycle.response_complete:
            self._look_in(self.timeout_keep_alive)
        elif left > 0:
            self._look_in(left)
        else:
            super().timeout_keep_alive_handler()

    def handle_websocket_upgrade(self) -> None:
        self._look_no_more()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self._look_no_more()
        super().connection_lost(exc)

    def _unset_keepalive_if_required(self) -> None:
        pass

    def _look_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _look_no_more(self) -> None:
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        scope: Any = cycle.scope
        if cycle.keep_alive:
            scope["extensions"] = {"alertwrap.one_write": partial(_write_whole, cycle)}
        super()._start_asgi_task(cycle, app)


async def _write_whole(cycle: RequestResponseCycle, answer: bytes) -> None:
    """`answer` is everything from the status line to the end of the body; it must say its own length."""
    if cycle.disconnected:
        return
    if cycle.flow.write_paused:
        await cycle.flow.drain()
    cycle.response_started = cycle.response_complete = True
    cycle.transport.write(answer)
    cycle.message_event.set()
    if not cycle.keep_alive:  # the server has begun to stop
        cycle.transport.close()
    cycle.on_response()


def run(program: Coroutine[Any, Any, T]) -> T:
    """Run `program` on uvloop where it is installed (the extra `speed`), else on asyncio's own loop."""
    with asyncio.Runner(loop_factory=_fastest_loop()) as runner:
        return runner.run(program)


def _fastest_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - an extra, and not on every platform
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def listen(http: HttpSettings) -> socket.socket:
    """The listening socket; raises OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    # the protocol must be named: asyncio sets TCP_NODELAY only then, and without it each answer waits 40 ms
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((http.host, http.port))
    except OSError:
        listener.close()
        raise
    listener.listen(_BACKLOG)
    listener.setblocking(False)
    return listener


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Answer on `listener` inside the block; leaving it stops accepting, drains, and returns."""
    config = uvicorn.Config(
        app, http=OneWrite, ws=ConnectionInScope, lifespan="off", log_config=None, access_log=False,
        server_header=False, date_header=False, proxy_headers=False, timeout_graceful_shutdown=GRACE_SECONDS,
        ws_max_size=_WEBSOCKET_FRAME, ws_per_message_deflate=False, ws_ping_interval=20, ws_ping_timeout=25,
        timeout_keep_alive=IDLE_SECONDS,  # type: ignore[arg-type]  # it takes fractions
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment, method-assign]
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not running.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.002)
        yield
    finally:
        server.should_exit = True
        await running


def look_less_for_garbage() -> None:
    """For a whole process, once it is built: what there is stays anyway, and need not be walked again and again."""
    gc.freeze()
    gc.set_threshold(_GARBAGE, *gc.get_threshold()[1:])


def on_signals(stop: Callable[[], None]) -> None:
    """Call `stop` on SIGTERM or SIGINT; a second signal ends the process at once."""
    loop = asyncio.get_running_loop()

    def first() -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)
            signal.signal(name, signal.SIG_DFL)
        stop()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, first)
