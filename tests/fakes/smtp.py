"""An SMTP server that records: `with SmtpRecorder() as server: … server.url … server.mails`.

As a program: `python -m tests.fakes.smtp --port 8025 [--log FILE]` prints a line of JSON for each mail, before it
says 250.

`server.script` holds answers for the coming steps: {"RCPT": ["550 no such user"], "DATA": ["451 later", None]}.
None is the honest answer, "close" hangs up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass(frozen=True)
class Mail:
    """One mail as it came in."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    tls: bool

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.raw, policy=default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    def part(self, kind: str) -> str:
        """The text of the first part of this kind: "plain" or "html"."""
        body = self.message.get_body((kind,))
        assert body is not None, f"no {kind} part"
        return str(body.get_content())


@dataclass
class SmtpRecorder:
    """Serves in a thread of its own, so that a blocked event loop of the test does not block it."""

    port: int = 0
    users: dict[str, str] = field(default_factory=dict)  # not empty: a login is required
    tls: Any = None  # an ssl.SSLContext: offers STARTTLS
    script: dict[str, list[str | None]] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    connections: int = 0
    gate: threading.Event | None = None  # closed: mails wait before the 250
    on_mail: Callable[[Mail], None] | None = None
    _controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._controller = _Controller(self)
        self._controller.start()
        assert self._controller.server is not None
        self.port = self._controller.server.sockets[0].getsockname()[1]
        self.connections = 0  # not counting aiosmtpd's probe of itself
        return self

    def __exit__(self, *_: object) -> None:
        assert self._controller is not None
        self._controller.stop()

    def told(self, step: str) -> str | None:
        answers = self.script.get(step)
        return answers.pop(0) if answers else None

    # aiosmtpd calls the hooks below by name.

    async def handle_MAIL(self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if answer := self.told("MAIL"):
            return _say(server, answer)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]) -> str:
        if answer := self.told("RCPT"):
            return _say(server, answer)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.told("DATA")
        if answer and answer != "close after":
            return _say(server, answer)
        if self.gate is not None:
            await asyncio.to_thread(self.gate.wait)
        content = envelope.content
        assert isinstance(content, bytes)
        mail = Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, session.ssl is not None)
        self.mails.append(mail)
        if self.on_mail:
            self.on_mail(mail)
        return _say(server, "close") if answer else f"250 taken as {len(self.mails)}"

    def authenticate(self, _: SMTP, __: Session, ___: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=good, handled=False)


class _Controller(Controller):
    """Port 0 takes a free one: the probe that aiosmtpd makes of itself must then ask the socket."""

    def __init__(self, recorder: SmtpRecorder) -> None:
        super().__init__(recorder, hostname="127.0.0.1", port=recorder.port or 1)
        self._recorder = recorder
        self.port = recorder.port

    def factory(self) -> SMTP:
        self._recorder.connections += 1
        guarded = bool(self._recorder.users)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of logins without TLS; the tests are about them
            return self._session(guarded)

    def _session(self, guarded: bool) -> SMTP:
        return SMTP(
            self.handler, hostname="fake.example", data_size_limit=8 * 1024 * 1024, enable_SMTPUTF8=False,
            authenticator=self._recorder.authenticate if guarded else None, auth_required=guarded,
            auth_require_tls=guarded and self._recorder.tls is not None, tls_context=self._recorder.tls,
            decode_data=False,
        )  # fmt: skip

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def _say(server: SMTP, answer: str) -> str:
    if answer in ("close", "close after"):
        assert server.transport is not None
        server.transport.abort()
        return "421 closing"
    return answer


def main(port: int, log: Path | None) -> None:
    """Serve until killed."""
    ledger = log.open("ab", buffering=0) if log else None

    def record(mail: Mail) -> None:
        headers = {name: str(value) for name, value in mail.message.items()}
        line = json.dumps({"from": mail.sender, "to": mail.recipients, "headers": headers}) + "\n"
        print(line, end="", flush=True)
        if ledger:
            ledger.write(line.encode())
            os.fsync(ledger.fileno())

    with SmtpRecorder(port, on_mail=record) as server:
        print(f"SMTP at {server.url}", file=sys.stderr, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An SMTP server that records.")
    parser.add_argument("--port", type=int, default=8025)
    parser.add_argument("--log", type=Path)
    given = parser.parse_args()
    main(given.port, given.log)
