"""Messages a second through the e-mail channel, beside plain smtplib with a connection for each and with one reused.

All three send the same messages to the same sink on loopback in one run, so the ratio means something on any machine.
The sink is a process of its own that answers and forgets: it is not what is measured. Under half a minute.

    python -m benchmarks.smtp [--messages 800]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import smtplib
import time
from collections.abc import Callable
from email.message import EmailMessage
from multiprocessing.connection import Connection

from msg_sender.channels.contract import Outgoing
from msg_sender.channels.email import Email, EmailSettings, compose, sender_of
from service_kit.secrets import Secret

_BODY = "The file system **/var** of `db-7` is 91 % full.\n\n- used: 182 GiB\n- free: 18 GiB\n\n4 GiB in an hour.\n"
#: A minute's limit for the slowest of the three on the slowest machine.
_BOUND_SECONDS = 10.0


class Sink(asyncio.Protocol):
    """Says yes to everything."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._data = False
        self._rest = b""
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while True:
            end = b"\r\n.\r\n" if self._data else b"\r\n"
            line, found, rest = self._rest.partition(end)
            if not found:
                return
            self._rest = rest
            self._answer(line)

    def _answer(self, line: bytes) -> None:
        if self._data:
            self._data = False
            self._transport.write(b"250 taken\r\n")
        elif line[:4].upper() == b"DATA":
            self._data = True
            self._transport.write(b"354 go on\r\n")
        elif line[:4].upper() == b"QUIT":
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
        else:
            self._transport.write(b"250 ok\r\n")


def serve(ready: Connection) -> None:
    """The sink's process: tells its port, and serves until it is ended."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(run())


def message(number: int) -> Outgoing:
    return Outgoing.model_validate(
        {"id": f"bench-{number}", "channel": "email", "to": "ann@example.org", "title": f"Disk full on db-{number}",
         "message": _BODY, "severity": "warning", "accepted_at": "2026-11-20T12:00:00Z"}
    )  # fmt: skip


def rate(send: Callable[[int], None], messages: int) -> float:
    """Messages a second; stops early when it takes too long."""
    started, number = time.perf_counter(), 0
    while number < messages and time.perf_counter() - started < _BOUND_SECONDS:
        send(number)
        number += 1
    return number / (time.perf_counter() - started)


def mail(number: int) -> EmailMessage:
    return compose(message(number), sender_of("alerts@example.org"), "ann@example.org")


def each(port: int, messages: int) -> float:
    """smtplib, a connection for each mail."""

    def send(number: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="bench") as session:
            session.send_message(mail(number))

    return rate(send, messages)


def reused(port: int, messages: int) -> float:
    """smtplib, one connection for all."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bench") as session:
        return rate(lambda number: session.send_message(mail(number)) and None, messages)


async def ours(port: int, messages: int, connections: int) -> float:
    """The channel as the workers use it: a few at once."""
    channel = Email(EmailSettings(url=Secret(f"smtp://127.0.0.1:{port}"), connections=connections))
    numbers = iter(range(messages))
    started, sent = time.perf_counter(), 0

    async def worker() -> None:
        nonlocal sent
        for number in numbers:
            if time.perf_counter() - started > _BOUND_SECONDS:
                return
            await channel.send(message(number))
            sent += 1

    await asyncio.gather(*(worker() for _ in range(connections)))
    seconds = time.perf_counter() - started
    await channel.close()
    return sent / seconds


def main(messages: int) -> None:
    ready, told = multiprocessing.Pipe()
    sink = multiprocessing.Process(target=serve, args=(told,), daemon=True)
    sink.start()
    port = int(ready.recv())
    try:
        asyncio.run(ours(port, 20, 2))  # imports and caches are not the subject
        a, b, c = each(port, messages), reused(port, messages), asyncio.run(ours(port, messages, 4))
    finally:
        sink.terminate()
        sink.join()
    print(f"smtplib, a connection each    {a:8.0f} messages/s")
    print(f"smtplib, one connection       {b:8.0f} messages/s")
    print(f"e-mail channel, 4 connections {c:8.0f} messages/s")
    print(f"ratio to a connection each {c / a:.2f}, to one connection {c / b:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=800)
    main(parser.parse_args().messages)
