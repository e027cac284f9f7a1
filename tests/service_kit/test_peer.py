"""A peer over the network and in this process: callers cannot tell the difference."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Request, WebSocket
from starlette.websockets import WebSocketDisconnect

from service_kit.peer import Peer, Peers, SocketClosed
from service_kit.secrets import Secret
from service_kit.serve import listen, serving
from service_kit.settings import HttpSettings
from tests.conftest import eventually

left: list[int] = []


def echo_app() -> FastAPI:
    app = FastAPI()

    @app.get("/who")
    async def who(request: Request) -> str:
        return request.headers["authorization"]

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                text = await websocket.receive_text()
                if text == "bye":
                    await websocket.close(4008, "too slow")
                    return
                if text == "crash":
                    raise RuntimeError("inside")
                if text == "flood":
                    for number in range(1_000):
                        await websocket.send_text(str(number))
                await websocket.send_text(f"{websocket.headers['authorization']} {text}")
        except WebSocketDisconnect as gone:
            left.append(gone.code)

    @app.websocket("/refused")
    async def refused(websocket: WebSocket) -> None:
        await websocket.close(4003, "no")

    return app


@pytest.fixture(params=["in process", "over the network"])
async def peer(request: pytest.FixtureRequest) -> AsyncIterator[Peer]:
    left.clear()
    if request.param == "in process":
        yield Peer("http://peer", Secret("secret"), echo_app())
        return
    listener = listen(HttpSettings(port=0))
    async with serving(echo_app(), listener):
        yield Peer(f"http://127.0.0.1:{listener.getsockname()[1]}", Secret("secret"))


async def test_the_token_goes_with_every_request(peer: Peer) -> None:
    async with peer.http() as http:
        assert (await http.get("/who")).json() == "Bearer secret"
    assert "secret" not in repr(peer)


async def test_frames_go_both_ways(peer: Peer) -> None:
    async with peer.websocket("/echo") as socket:
        for text in ("a", "é" * 10_000):
            await socket.send(text)
            assert await socket.receive() == f"Bearer secret {text}"


async def test_a_close_is_told_with_its_code_every_time(peer: Peer) -> None:
    async with peer.websocket("/echo") as socket:
        await socket.send("bye")
        for _ in range(2):
            with pytest.raises(SocketClosed) as closed:
                await socket.receive()
            assert (closed.value.code, closed.value.reason) == (4008, "too slow")
        with pytest.raises(SocketClosed):
            await socket.send("more")


async def test_a_refusal_is_told(peer: Peer) -> None:
    with pytest.raises(SocketClosed):
        async with peer.websocket("/refused"):
            pass
    with pytest.raises(SocketClosed):
        async with peer.websocket("/nowhere"):
            pass


async def test_leaving_is_told_to_the_other_end(peer: Peer) -> None:
    async with peer.websocket("/echo") as socket:
        await socket.send("a")
        await socket.receive()
    await eventually(lambda: left)


async def test_leaving_amid_a_flood_does_not_hang(peer: Peer) -> None:
    async with asyncio.timeout(40), peer.websocket("/echo") as socket:
        await socket.send("flood")
        await socket.receive()


async def test_a_crash_of_the_app_ends_the_socket() -> None:
    async def crash() -> None:
        async with Peer("http://peer", Secret("s"), echo_app()).websocket("/echo") as socket:
            await socket.send("crash")
            await socket.receive()

    async with asyncio.timeout(40):
        with pytest.raises((SocketClosed, RuntimeError)):
            await crash()


async def test_nobody_listening_is_an_error_that_callers_expect(free_port: int) -> None:
    with pytest.raises((SocketClosed, OSError)):
        async with Peer(f"http://127.0.0.1:{free_port}", Secret("s")).websocket("/echo"):
            pass


def test_peers_share_a_server_unless_told_otherwise() -> None:
    peers = Peers("http://all", Secret("s"), {"notifier": "http://one"})
    assert peers.to("notifier").base_url == "http://one"
    assert peers.to("msg_sender").base_url == "http://all"


async def test_who_is_cancelled_while_a_socket_is_left_hears_of_it(peer: Peer) -> None:
    leaving = asyncio.Event()

    async def stay() -> None:
        async with peer.websocket("/echo") as socket:
            await socket.send("flood")
            leaving.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(stay())
    async with asyncio.timeout(40):
        await leaving.wait()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
    assert task.cancelled()
