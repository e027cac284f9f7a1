"""One-time links: `/sign-in#link=…` lets somebody in, `/sign-in#invite=…` lets them choose a password first.

What follows the # never leaves the browser: it stands in no log and no Referer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import Connection

from configurator import account_store, accounts, audit
from configurator.account_store import Account, LinkKind
from configurator.author import Author
from service_kit.problems import Conflict, NotFound
from service_kit.secrets import Secret, hash_token, new_token

#: It is printed on a terminal and used at once.
SIGN_IN_LASTS = timedelta(minutes=15)
_WORDS: dict[LinkKind, str] = {"sign-in": "link", "invite": "invite"}


@dataclass(frozen=True)
class Link:
    """`text` is known this once."""

    kind: LinkKind
    account: Account
    text: Secret
    expires_at: datetime

    def url(self, base: str) -> str:
        """For the browser of whoever it is meant for; the login lets a password manager know for whom."""
        login = f"&login={quote(self.account.login)}" if self.kind == "invite" else ""
        return f"{base.rstrip('/')}/sign-in#{_WORDS[self.kind]}={self.text.get_secret_value()}{login}"


def invite(connection: Connection, id: str, lasting: timedelta, author: Author) -> Link:
    """An invite, which is also how somebody who forgot their password gets another. Raises NotFound or Conflict."""
    account = accounts.existing(connection, id)
    if account.disabled:
        raise Conflict("this account is disabled: enable it before", code="account-disabled")
    audit.note(connection, "account-invited", author.now, author.who, accounts.about(account))
    return _new(connection, "invite", account, author.now + lasting)


def sign_in(connection: Connection, login: str | None, author: Author) -> Link:
    """A link that signs this account in; the first admin when no login is said. Raises NotFound."""
    account = account_store.find_login(connection, login) if login else accounts.first_admin(connection, author)
    if account is None or account.disabled:
        raise NotFound("nobody signs in as {login}", code="no-login", login=login)
    audit.note(connection, "sign-in-link-made", author.now, author.who, accounts.about(account))
    return _new(connection, "sign-in", account, author.now + SIGN_IN_LASTS)


def _new(connection: Connection, kind: LinkKind, account: Account, expires_at: datetime) -> Link:
    text = new_token()
    account_store.put_link(connection, hash_token(text), kind, account.id, expires_at)
    return Link(kind, account, Secret(text), expires_at)
