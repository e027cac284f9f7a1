"""Mail, by one SMTP server."""

from __future__ import annotations

import asyncio
import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from msg_sender import markup
from msg_sender.channels.contract import OpenEgress, Outgoing, Receipt, SendError
from msg_sender.enclosed import Enclosed, can_open, enclosed
from msg_sender.reason import because
from msg_sender.smtp import Server, SmtpPool
from service_kit.secrets import Secret
from wire.times import utc_now

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?=.{1,255}$)[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]+")
_LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1", re.IGNORECASE)
_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SUBJECT = 200
#: What every server takes unencoded; half of a mail's cost is the encoding.
_ASCII_LINES = re.compile(r"(?:[\t\x20-\x7e]{0,900}\n)*")
_PORTS = {"smtp": 25, "smtps": 465}
_PICTURE = "max-width:100%"
_STYLE = "font-family:sans-serif;line-height:1.5;max-width:40em"


class EmailSettings(BaseModel):
    """`url` is `smtp://[user:password@]host[:port]`, or `smtps://` for TLS from the first byte.

    `starttls` is by default required, but towards this very machine without a password opportunistic.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    url: Secret = Field(description="smtp://[user:password@]host[:port], or smtps://")
    sender: Annotated[str, StringConstraints(max_length=320)] = Field(
        "alertwrap@localhost", alias="from", description="address, or Name <address>"
    )
    starttls: Literal["required", "opportunistic", "never"] | None = Field(
        None, description="required, opportunistic or never; required by default, but for loopback without a password"
    )
    connections: int = Field(4, ge=1, le=50, description="open at once")

    @field_validator("url")
    @classmethod
    def _names_a_server(cls, url: Secret) -> Secret:
        server_of(url)
        return url

    @field_validator("sender")
    @classmethod
    def _is_an_address(cls, sender: str) -> str:
        sender_of(sender)
        return sender


def open_email(settings: EmailSettings, _: OpenEgress) -> Email:
    """The channel; connects to nothing yet. The server is the operator's choice and needs no guard."""
    return Email(settings)


class Email:
    """Sends to mailboxes."""

    def __init__(self, settings: EmailSettings) -> None:
        self._from = sender_of(settings.sender)
        self._pool = SmtpPool(server_of(settings.url, settings.starttls), settings.connections)

    async def send(self, message: Outgoing) -> Receipt:
        recipient = mailbox(message.to)
        if message.attachments:  # megabytes take their time, in which others go on
            raw = await asyncio.to_thread(self._written, message, recipient)
        else:
            raw = self._written(message, recipient)
        return await self._pool.send(self._from.addr_spec, recipient, raw)

    def delay(self, message: Outgoing, now: float) -> float:
        return 0.0

    async def close(self) -> None:
        await self._pool.close()

    def _written(self, message: Outgoing, recipient: str) -> bytes:
        return compose(message, self._from, recipient).as_bytes()


def compose(message: Outgoing, sender: Address, recipient: str) -> EmailMessage:
    """The mail. Nothing here is glued from strings that could hold a line break: the policy refuses them."""
    mail = EmailMessage(SMTP)
    mail["From"] = sender
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = subject(message)
    mail["Date"] = utc_now()
    mail["Message-ID"] = message_id(message.id, sender.domain)
    if thread := [message_id(one, sender.domain) for one in _answered(message)]:
        mail["In-Reply-To"], mail["References"] = thread[-1], " ".join(thread)
    mail["Auto-Submitted"] = "auto-generated"  # keeps holiday notices from answering
    mail["X-Auto-Response-Suppress"] = "All"
    beside = enclosed(message)
    _write(mail, text(message, beside), "plain")
    _write(mail, html(message, beside, sender.domain), "html")
    _enclose(mail, message, beside, sender.domain)
    return mail


def _answered(message: Outgoing) -> list[str]:
    """The messages that this one follows, the nearest last. A mail that was sent cannot be changed, only answered."""
    replaced = message.earlier.id if message.earlier else None
    return [one for one in (message.in_reply_to, replaced) if one]


def _write(mail: EmailMessage, content: str, kind: str) -> None:
    add = mail.set_content if kind == "plain" else mail.add_alternative
    add(content, subtype=kind, cte="7bit" if _ASCII_LINES.fullmatch(content) else "quoted-printable")


def _enclose(mail: EmailMessage, message: Outgoing, beside: Enclosed, domain: str) -> None:
    """Pictures into the formatted part, which shows them; all else beside the text."""
    shown = mail.get_body(("html",))
    assert shown is not None
    for place, file in enumerate(beside.files):
        maintype, _, subtype = file.kind.partition("/")
        if file.is_picture:
            cid = f"<{_content_id(message, place, domain)}>"
            shown.add_related(file.body, maintype, subtype, filename=file.name, cid=cid, disposition="inline")
        else:
            mail.add_attachment(file.body, maintype, subtype, filename=file.name)


def _content_id(message: Outgoing, place: int, domain: str) -> str:
    return f"{place}.{message_id(message.id, domain)[1:-1]}"


def subject(message: Outgoing) -> str:
    """`[warning] Disk full`: one line, whatever the title holds; without a title the start of the text."""
    title = message.title if message.title.strip() else message.message.strip().partition("\n")[0]
    line = " ".join("".join(char if char.isprintable() else " " for char in title).split())
    line = line.replace("=?", "= ?")  # else it could pass for an encoded word, and that for a line break
    return f"[{message.severity}] {line[:_SUBJECT]}".strip()


def text(message: Outgoing, beside: Enclosed) -> str:
    """The plain part: the Markdown as it is, and the links."""
    listed = [f"{link.name}: {link.url}" if link.url else link.name for link in beside.links]
    parts = (message.title, message.message, *links(message).values(), *listed)
    return "\n\n".join(part for part in parts if part) + "\n"


def html(message: Outgoing, beside: Enclosed, domain: str) -> str:
    """The formatted part. Its pictures come with it, and are named by `domain`."""
    body = message.message
    content = markup.as_html(body) if len(body) <= markup.MAX_MARKDOWN else f"<pre>{escape(body)}</pre>"
    title = f"<h2>{escape(message.title)}</h2>" if message.title else ""
    buttons = " · ".join(_anchor(label, url) for label, url in links(message).items())
    pictures = "".join(
        f'<p><img src="cid:{_content_id(message, place, domain)}" alt="{escape(file.name)}" style="{_PICTURE}"></p>'
        for place, file in enumerate(beside.files)
        if file.is_picture
    )
    items = "".join(f"<li>{_anchor(link.name, link.url)}</li>" for link in beside.links)
    listed = f"<ul>{items}</ul>" if items else ""
    inner = f"{title}{content}<p>{buttons}</p>{pictures}{listed}"
    return f'<!doctype html><html><body style="{_STYLE}">{inner}</body></html>\n'


def _anchor(label: str, url: str | None) -> str:
    return f'<a href="{escape(url)}">{escape(label)}</a>' if url else escape(label)


def links(message: Outgoing) -> dict[str, str]:
    """Label → URL of what the reader can open."""
    given = {"Open": message.url, **{button.label: button.url for button in message.buttons}}
    return {label: url for label, url in given.items() if url and can_open(url)}


def message_id(identity: str, domain: str) -> str:
    """The same for the same message, so that a repetition is recognised as one."""
    left = identity if _PLAIN_ID.fullmatch(identity) else hashlib.sha256(identity.encode()).hexdigest()[:40]
    return f"<{left}@{domain}>"


def mailbox(address: str) -> str:
    """One bare address with its domain in ASCII; raises a permanent SendError for anything else."""
    try:
        local, _, domain = address.strip().rpartition("@")
        plain = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        plain = ""
    if not _ADDRESS.fullmatch(plain) or ".." in plain or local.startswith(".") or local.endswith("."):
        raise SendError(because('expected a mailbox such as "ann@example.org"', code="not-a-mailbox"), permanent=True)
    return plain


def sender_of(given: str) -> Address:
    """`alerts@example.org` or `Alerts <alerts@example.org>` → Address. Raises ValueError."""
    found = re.fullmatch(r"\s*(?:\"?([^<>\"\r\n\x00]*?)\"?\s*<([^<>]+)>|([^<>]+?))\s*", given)
    try:
        if not found:
            raise ValueError
        return Address(display_name=found[1] or "", addr_spec=mailbox(found[2] or found[3]))
    except (ValueError, SendError):
        raise ValueError('expected an address such as "Alerts <alerts@example.org>"') from None


def server_of(url: Secret, starttls: str | None = None) -> Server:
    """The server that a URL names. Raises ValueError, never with the URL in it."""
    try:
        parts = urlsplit(url.get_secret_value())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in _PORTS or not host or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("expected smtp://[user:password@]host[:port] or smtps://…")
    implicit = parts.scheme == "smtps"
    trusting = _LOOPBACK.fullmatch(host) and parts.username is None
    mode = "never" if implicit else starttls or ("opportunistic" if trusting else "required")
    user, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
    return Server(host, port or _PORTS[parts.scheme], user, password, implicit, mode)
