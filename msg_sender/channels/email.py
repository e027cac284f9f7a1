"""Mail, by one SMTP server."""

from __future__ import annotations

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
        mail = compose(message, self._from, recipient)
        return await self._pool.send(self._from.addr_spec, recipient, mail.as_bytes())

    def delay(self, message: Outgoing, now: float) -> float:
        return 0.0

    async def close(self) -> None:
        await self._pool.close()


def compose(message: Outgoing, sender: Address, recipient: str) -> EmailMessage:
    """The mail. Nothing here is glued from strings that could hold a line break: the policy refuses them."""
    mail = EmailMessage(SMTP)
    mail["From"] = sender
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = subject(message)
    mail["Date"] = utc_now()
    mail["Message-ID"] = message_id(message.id, sender.domain)
    if message.in_reply_to:
        mail["In-Reply-To"] = mail["References"] = message_id(message.in_reply_to, sender.domain)
    mail["Auto-Submitted"] = "auto-generated"  # keeps holiday notices from answering
    mail["X-Auto-Response-Suppress"] = "All"
    for content, kind in ((text(message), "plain"), (html(message), "html")):
        add = mail.set_content if kind == "plain" else mail.add_alternative
        add(content, subtype=kind, cte="7bit" if _ASCII_LINES.fullmatch(content) else "quoted-printable")
    return mail


def subject(message: Outgoing) -> str:
    """`[warning] Disk full`: one line, whatever the title holds; without a title the start of the text."""
    title = message.title if message.title.strip() else message.message.strip().partition("\n")[0]
    line = " ".join("".join(char if char.isprintable() else " " for char in title).split())
    line = line.replace("=?", "= ?")  # else it could pass for an encoded word, and that for a line break
    return f"[{message.severity}] {line[:_SUBJECT]}".strip()


def text(message: Outgoing) -> str:
    """The plain part: the Markdown as it is, and the links."""
    return "\n\n".join(part for part in (message.title, message.message, *links(message).values()) if part) + "\n"


def html(message: Outgoing) -> str:
    """The formatted part."""
    body = message.message
    content = markup.as_html(body) if len(body) <= markup.MAX_MARKDOWN else f"<pre>{escape(body)}</pre>"
    title = f"<h2>{escape(message.title)}</h2>" if message.title else ""
    buttons = " · ".join(f'<a href="{escape(url)}">{escape(label)}</a>' for label, url in links(message).items())
    return f'<!doctype html><html><body style="{_STYLE}">{title}{content}<p>{buttons}</p></body></html>\n'


def links(message: Outgoing) -> dict[str, str]:
    """Label → URL of what the reader can open."""
    given = {"Open": message.url, **{button.label: button.url for button in message.buttons}}
    return {label: url for label, url in given.items() if url and re.match(r"https?://[^\s/]", url)}


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
        raise SendError('expected a mailbox such as "ann@example.org"', permanent=True)
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
