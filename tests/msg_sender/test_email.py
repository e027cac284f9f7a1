"""The e-mail channel against a real SMTP server: headers, addresses, sessions, and what each answer means."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from msg_sender.channels.contract import Outgoing, SendError
from msg_sender.channels.email import Email, EmailSettings, compose, mailbox, sender_of, server_of
from service_kit.secrets import Secret
from tests.fakes.smtp import SmtpRecorder

CANARY = "canary-of-the-smtp-password"


def outgoing(**fields: Any) -> Outgoing:
    base = {
        "id": "m1",
        "channel": "email",
        "to": "ann@example.org",
        "title": "T",
        "accepted_at": "2026-11-20T12:00:00Z",
    }
    return Outgoing.model_validate({**base, **fields})


@asynccontextmanager
async def email(url: str, **fields: Any) -> AsyncIterator[Email]:
    channel = Email(EmailSettings.model_validate({"url": url, "from": "Alerts <alerts@example.org>", **fields}))
    try:
        yield channel
    finally:
        await channel.close()


async def test_a_mail_has_the_headers_and_parts_that_it_should(smtp: SmtpRecorder) -> None:
    async with email(smtp.url) as channel:
        receipt = await channel.send(
            outgoing(title="Диск полон 💾", message="**bold** <script>", severity="critical", in_reply_to="m0",
                     url="https://panel.example/?a=1&b=2", buttons=[{"label": "<Logs>", "url": "https://logs.example"}])
        )  # fmt: skip
    assert receipt.answer.startswith("250 ")
    [mail] = smtp.mails
    headers = mail.message
    assert headers["From"] == "Alerts <alerts@example.org>"
    assert headers["To"] == "ann@example.org"
    assert headers["Subject"] == "[critical] Диск полон 💾"
    assert headers["Message-ID"] == "<m1@example.org>"
    assert headers["In-Reply-To"] == headers["References"] == "<m0@example.org>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Date"].datetime.tzinfo is not None
    html = mail.part("html")
    assert "<strong>bold</strong> &lt;script&gt;" in html
    assert '<a href="https://panel.example/?a=1&amp;b=2">Open</a>' in html
    assert "&lt;Logs&gt;" in html
    assert "**bold** <script>" in mail.part("plain")
    assert b"\n" not in mail.raw.replace(b"\r\n", b""), "lines end as SMTP wants it"
    assert max(map(len, mail.raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "title",
    [
        "a\r\nBcc: evil@example.org", "a\nBcc: evil@example.org", "a\rBcc: evil@example.org", "a\r\n\r\nbody",
        "a\x0bb\x0c", "a\tb", " ",
        "a\u2028Bcc: x", "a\x85Bcc: x", "=?utf-8?q?=0d=0aBcc:_evil=40example.org?=", "x" * 1000, "é" * 1000,
        "\u202egnp.exe", "😀" * 300,
    ],
)  # fmt: skip
async def test_no_title_adds_a_header_or_a_recipient(smtp: SmtpRecorder, title: str) -> None:
    async with email(smtp.url) as channel:
        await channel.send(outgoing(title=title, message="x\r\n.\r\nMAIL FROM:<a@b>\r\n\n.\nRCPT\n"))
    [mail] = smtp.mails
    assert mail.recipients == ("ann@example.org",)
    assert sorted(mail.message.keys()) == [
        "Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To",
        "X-Auto-Response-Suppress",
    ]  # fmt: skip
    assert "\n" not in mail.subject
    assert "MAIL FROM:<a@b>" in mail.part("plain"), "and the dot alone ended nothing"


ODD = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=80)


@given(ODD, ODD, st.from_regex(r"\A[!-~]{1,80}\Z"))
def test_any_text_and_id_make_a_well_formed_mail(title: str, body: str, name: str) -> None:
    if not (title or body):
        return
    mail = compose(outgoing(id=name, title=title, message=body), sender_of("a@example.org"), "b@example.org")
    raw = mail.as_bytes()
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    assert sorted(names) == sorted(mail.keys())
    assert len(names) == 9
    raw.decode("ascii")


@pytest.mark.parametrize(
    "to",
    [
        "ann", "@example.org", "ann@", "a@b@c", "a b@example.org", "ann@exa mple.org",
        "ann@example.org, eve@example.org",
        "ann@example.org;eve@example.org", "<ann@example.org>", "Ann <ann@example.org>",
        "ann@example.org\r\nRCPT TO:<e@x>",
        "ann@example.org> NOTIFY=SUCCESS", "ann\x00@example.org", "ann@[127.0.0.1]", '"a b"@example.org',
        "a..b@example.org",
        ".a@example.org", "a.@example.org", "ann@" + "x" * 300, "ünn@example.org",
        "a(b)@example.org", "a,b@example.org",
    ],
)  # fmt: skip
async def test_what_is_no_single_mailbox_is_dead_at_once(smtp: SmtpRecorder, to: str) -> None:
    async with email(smtp.url) as channel:
        with pytest.raises(SendError) as caught:
            await channel.send(outgoing().model_copy(update={"to": to}))
    assert caught.value.permanent
    assert not smtp.mails
    assert smtp.connections == 0


def test_a_domain_may_be_international() -> None:
    assert mailbox("ann@bücher.example") == "ann@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("step", "answer", "permanent"),
    [
        ("MAIL", "451 later", False),
        ("MAIL", "452 full", False),
        ("MAIL", "550 sender refused", True),
        ("RCPT", "421 closing", False),
        ("RCPT", "450 busy", False),
        ("RCPT", "451 greylisted", False),
        ("RCPT", "452 full", False),
        ("RCPT", "550 no such user", True),
        ("RCPT", "551 not here", True),
        ("RCPT", "553 bad name", True),
        ("RCPT", "close", False),
        ("DATA", "421 closing", False),
        ("DATA", "451 later", False),
        ("DATA", "452 full", False),
        ("DATA", "552 too large", True),
        ("DATA", "554 spam", True),
        ("DATA", "close", False),
        ("DATA", "close after", False),
    ],
)
async def test_every_refusal_says_whether_a_retry_makes_sense_and_the_next_mail_goes(
    smtp: SmtpRecorder, step: str, answer: str, permanent: bool
) -> None:
    smtp.script[step] = [answer]
    async with email(smtp.url) as channel:
        with pytest.raises(SendError) as caught:
            await channel.send(outgoing())
        assert caught.value.permanent is permanent
        taken = len(smtp.mails)
        await channel.send(outgoing(id="m2"))
    assert len(smtp.mails) == taken + 1


async def test_connections_are_used_again_and_never_more_than_allowed(smtp: SmtpRecorder) -> None:
    smtp.gate = threading.Event()
    async with email(smtp.url, connections=3) as channel:
        sends = [asyncio.create_task(channel.send(outgoing(id=f"m{number}"))) for number in range(12)]
        await asyncio.sleep(0.3)
        assert smtp.connections <= 3
        smtp.gate.set()
        await asyncio.gather(*sends)
    assert len(smtp.mails) == 12


async def test_a_connection_that_the_server_closed_while_idle_costs_nothing(smtp: SmtpRecorder) -> None:
    async with email(smtp.url) as channel:
        await channel.send(outgoing())
        smtp.script["MAIL"] = ["421 idle too long"]
        await channel.send(outgoing(id="m2"))
        smtp.script["MAIL"] = ["close"]
        await channel.send(outgoing(id="m3"))
    assert [mail.message["Message-ID"] for mail in smtp.mails] == [f"<m{n}@example.org>" for n in (1, 2, 3)]


async def test_a_server_that_is_away_is_worth_a_retry(free_port: int) -> None:
    async with email(f"smtp://127.0.0.1:{free_port}") as channel:
        with pytest.raises(SendError, match="no connection") as caught:
            await channel.send(outgoing())
    assert not caught.value.permanent


async def test_a_wrong_password_is_the_operators_to_mend_and_never_shown() -> None:
    with SmtpRecorder(users={"bob": "other"}) as server:
        url = f"smtp://bob:{CANARY}@127.0.0.1:{server.port}"
        async with email(url, starttls="never") as channel:
            with pytest.raises(SendError) as caught:
                await channel.send(outgoing())
    assert not caught.value.permanent
    assert CANARY not in str(caught.value) + caught.value.answer + repr(channel.__dict__)


async def test_a_password_in_the_url_logs_in() -> None:
    with SmtpRecorder(users={"bob@example.org": "p@ss/w:rd"}) as server:
        async with email(
            f"smtp://bob%40example.org:p%40ss%2Fw%3Ard@127.0.0.1:{server.port}", starttls="never"
        ) as channel:
            await channel.send(outgoing())
    assert len(server.mails) == 1


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command = [
        "openssl",
        "req",
        "-x509",
        *curve,
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=x",
        "-keyout",
        key,
        "-out",
        cert,
    ]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


async def test_on_loopback_tls_is_taken_when_it_is_offered(certificate: ssl.SSLContext) -> None:
    with SmtpRecorder(tls=certificate) as server:
        async with email(server.url) as channel:
            await channel.send(outgoing())
    assert server.mails[0].tls


async def test_required_tls_refuses_a_certificate_that_nobody_vouches_for(certificate: ssl.SSLContext) -> None:
    with SmtpRecorder(tls=certificate) as server:
        async with email(server.url, starttls="required") as channel:
            with pytest.raises(SendError, match="TLS"):
                await channel.send(outgoing())
    assert not server.mails


async def test_required_tls_refuses_a_server_without_it_before_the_password_is_said() -> None:
    with SmtpRecorder(users={"bob": CANARY}) as server:
        async with email(f"smtp://bob:{CANARY}@127.0.0.1:{server.port}") as channel:
            with pytest.raises(SendError) as caught:
                await channel.send(outgoing())
    assert not caught.value.permanent
    assert not server.mails


@pytest.mark.parametrize(
    ("url", "set_", "mode"),
    [
        ("smtp://127.0.0.1:25", None, "opportunistic"),
        ("smtp://localhost", None, "opportunistic"),
        ("smtp://[::1]:25", None, "opportunistic"),
        ("smtp://mail.example.org", None, "required"),
        ("smtp://u:p@127.0.0.1", None, "required"),
        ("smtp://127.0.0.1.evil.example", None, "required"),
        ("smtp://mail.example.org", "never", "never"),
        ("smtp://127.0.0.1", "required", "required"),
        ("smtps://mail.example.org", None, "never"),
    ],
)
def test_tls_is_required_unless_it_stays_on_this_machine(url: str, set_: str | None, mode: str) -> None:
    server = server_of(Secret(url), set_)
    assert server.starttls == mode
    assert server.implicit_tls == url.startswith("smtps")


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "http://x"}, {"url": "smtp://"}, {"url": "mail.example.org"}, {"url": f"smtp://u:{CANARY}@h:port"},
        {"url": f"smtp://u:{CANARY}@h/path"}, {"url": "smtp://h", "from": "not an address"},
        {"url": "smtp://h", "from": "a\r\nBcc: z@z <a@b.c>"}, {"url": "smtp://h", "from": "x\x00 <a@b.c>"},
        {"url": "smtp://h", "starttls": "maybe"}, {"url": "smtp://h", "connections": 0},
        {"url": "smtp://h", "extra": 1},
    ],
)  # fmt: skip
def test_wrong_settings_are_refused_without_repeating_them(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        EmailSettings.model_validate(fields)
    assert CANARY not in str(caught.value.errors(include_input=False, include_context=False))
