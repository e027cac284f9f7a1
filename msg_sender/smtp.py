"""A bounded pool of SMTP connections. One mail to one recipient at a time on each; what is idle is used again."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiosmtplib

from msg_sender.channels.contract import Receipt, SendError
from msg_sender.reason import Reason, because
from service_kit.faults import faultpoint

_CONNECT_SECONDS = 10.0
_COMMAND_SECONDS = 25.0
#: Servers close idle connections after minutes; well before, we do not trust them.
_IDLE_SECONDS = 20.0
#: Some servers ask for a new connection now and then.
_MAILS_PER_CONNECTION = 100
_CLOSING = 421


@dataclass(frozen=True)
class Server:
    """`starttls` is "required", "opportunistic" or "never"; `implicit_tls` speaks TLS from the first byte."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    implicit_tls: bool = False
    starttls: str = "opportunistic"


@dataclass
class _Connection:
    client: aiosmtplib.SMTP
    used_at: float
    mails: int = 0


class SmtpPool:
    """`send` mails; `close` at the end."""

    def __init__(self, server: Server, size: int) -> None:
        self._server = server
        self._places = asyncio.Semaphore(size)
        self._idle: list[_Connection] = []

    async def send(self, sender: str, recipient: str, mail: bytes) -> Receipt:
        """One mail to one recipient. Raises SendError: 5xx is permanent, all else worth a retry."""
        async with self._places:
            connection, reused = await self._take()
            try:
                await self._envelope(connection, sender, recipient, reused)
                answer = await connection.client.data(mail)
            except aiosmtplib.SMTPResponseException as error:
                await _quietly(connection.client.rset)  # else the next MAIL would be one too many
                await self._give_back(connection, broken=error.code == _CLOSING)
                raise _refusal(error) from None
            except (aiosmtplib.SMTPException, OSError) as error:
                connection.client.close()
                raise SendError(_reduce(error).by("SMTP")) from None
            except BaseException:
                connection.client.close()
                raise
            await self._give_back(connection)
        return Receipt(f"{answer.code} {answer.message}")

    async def close(self) -> None:
        """Say goodbye to the idle connections."""
        for connection in self._idle:
            await _quietly(connection.client.quit)
            connection.client.close()
        self._idle.clear()

    async def _envelope(self, connection: _Connection, sender: str, recipient: str, reused: bool) -> None:
        try:
            await connection.client.mail(sender)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPSenderRefused) as error:
            gone = isinstance(error, aiosmtplib.SMTPServerDisconnected) or error.code == _CLOSING
            if not (reused and gone):
                raise
            connection.client.close()  # it had been closed while it was idle: nothing of this mail has been said
            connection.client, connection.mails = await self._connect(), 0
            await connection.client.mail(sender)
        await connection.client.rcpt(recipient)

    async def _take(self) -> tuple[_Connection, bool]:
        while self._idle:
            connection = self._idle.pop()
            if connection.client.is_connected and time.monotonic() - connection.used_at < _IDLE_SECONDS:
                return connection, True
            connection.client.close()
        return _Connection(await self._connect(), time.monotonic()), False

    async def _give_back(self, connection: _Connection, broken: bool = False) -> None:
        connection.mails += 1
        connection.used_at = time.monotonic()
        if broken or connection.mails >= _MAILS_PER_CONNECTION or not connection.client.is_connected:
            connection.client.close()
        else:
            self._idle.append(connection)

    async def _connect(self) -> aiosmtplib.SMTP:
        """A session that is ready for MAIL. Whatever fails here is about the server and us, never about the mail, and
        an operator can mend it: worth a retry, even if the server says 5xx."""
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host, port=server.port, username=server.user, password=server.password,
            use_tls=server.implicit_tls, start_tls={"required": True, "never": False}.get(server.starttls),
            validate_certs=server.starttls != "opportunistic", timeout=_COMMAND_SECONDS,
            local_hostname=_own_name(),
        )  # fmt: skip
        try:
            await client.connect(timeout=_CONNECT_SECONDS)
        except aiosmtplib.SMTPResponseException as error:
            client.close()
            refused = because("SMTP session refused: {status}", code="smtp-session-refused", status=error.code)
            raise SendError(refused, answer=f"{error.code} {error.message}") from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise SendError(_reduce(error).by("SMTP")) from None
        except BaseException:
            client.close()
            raise
        faultpoint("smtp.connected")
        return client


def _refusal(error: aiosmtplib.SMTPResponseException) -> SendError:
    said = f"{error.code} {error.message}"
    reason = because("SMTP answered {said}", code="smtp-answered", said=said)
    return SendError(reason, permanent=500 <= error.code < 600, answer=said)


def _own_name() -> str:
    """For the greeting; without a look-up, which may take seconds where no name server answers."""
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,250}", name) else "localhost"


def _reduce(error: Exception) -> Reason:
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return because("TLS failed, or the certificate is not trusted", code="tls-or-certificate-failed")
    if isinstance(error, TimeoutError):
        return because("no answer in time", code="no-answer-in-time")
    if isinstance(error, aiosmtplib.SMTPConnectError):
        return because("no connection", code="no-connection")
    if isinstance(error, aiosmtplib.SMTPException) and not isinstance(error, aiosmtplib.SMTPServerDisconnected):
        return because("{why}", code="smtp-failed", why=str(error))
    return because("the connection broke", code="connection-broke")


async def _quietly(goodbye: Callable[[], Awaitable[object]]) -> None:
    try:
        await asyncio.wait_for(goodbye(), 1.0)
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        return
