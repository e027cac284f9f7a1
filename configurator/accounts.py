"""Accounts of people: what each role may, and the rule that somebody stays who may everything.

Every function is sync over a Connection, in the one transaction that the caller has open.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from configurator import account_store, announce, audit, kinds, store, tables
from configurator import changes as documents
from configurator.account_drafts import AccountPatch, AccountRequest
from configurator.account_store import Account
from configurator.audit import About, Action
from configurator.author import Author
from configurator.store import Token
from service_kit import outbox
from service_kit.faults import faultpoint
from service_kit.problems import Conflict, NotFound, refused, wrong
from wire.ids import new_id

#: A viewer is somebody who is told things; each role may what the one before may.
ROLES: Mapping[str, tuple[str, ...]] = {
    "viewer": ("inbox",),
    "operator": (
        "alerts:write", "configs:read", "configs:write", "events:read", "inbox", "messages:read", "messages:write",
        "metrics:read", "notices:read",
    ),
    "admin": ("admin", "inbox"),
}  # fmt: skip


def create(connection: Connection, request: AccountRequest, author: Author) -> Account:
    """A new account, with nobody's password yet. Raises Conflict or Invalid."""
    if account_store.find_login(connection, request.login):
        raise login_taken(request.login)
    account = Account(
        id=new_id(),
        login=request.login,
        name=request.name or request.login,
        role=request.role,
        recipient=_recipient(connection, request, author),
        password=None,
        disabled=False,
        created_at=author.now,
        created_by=author.who.name,
    )
    if not account_store.add(connection, account):  # another process was faster
        raise Conflict("the login or the inbox was taken meanwhile: look again", code="taken-meanwhile")
    _note(connection, "account-created", author, account, role=account.role, recipient=account.recipient)
    return account


def change(connection: Connection, id: str, patch: AccountPatch, author: Author) -> Account:
    """Another role, or none any more, ends the account's sessions. Raises NotFound or Conflict."""
    admins = account_store.lock_admins(connection)
    old = existing(connection, id)
    values: dict[str, Any] = patch.model_dump(exclude_unset=True)
    new = Account(**{**vars(old), **values})
    if new.role != "admin" or new.disabled:
        _keep_an_admin(admins, id)
    if new == old:
        return new
    account_store.change(connection, id, **values)
    changes = {name: [getattr(old, name), value] for name, value in values.items() if getattr(old, name) != value}
    _note(connection, "account-changed", author, new, **changes)
    if (new.role, new.disabled) != (old.role, old.disabled):
        end_sessions(connection, id, author.now)
    return new


def remove(connection: Connection, id: str, author: Author) -> Account:
    """The recipient stays: they can still be told. Raises NotFound or Conflict."""
    admins = account_store.lock_admins(connection)
    account = existing(connection, id)
    _keep_an_admin(admins, id)
    end_sessions(connection, id, author.now)
    account_store.forget_links(connection, id)
    account_store.remove(connection, id)
    _note(connection, "account-deleted", author, account)
    return account


def sign_out(connection: Connection, id: str, author: Author) -> int:
    """End all sessions of the account; how many there were. Raises NotFound."""
    account = existing(connection, id)
    ended = end_sessions(connection, id, author.now)
    _note(connection, "sessions-ended", author, account, sessions=ended)
    return ended


def first_admin(connection: Connection, author: Author) -> Account:
    """The oldest admin who can sign in; made when there is none, so that whoever owns the data gets in."""
    admins = account_store.lock_admins(connection)
    return (
        admins[0] if admins else create(connection, AccountRequest(login="admin", name="Admin", role="admin"), author)
    )


def existing(connection: Connection, id: str) -> Account:
    """The account, which nobody changes until this transaction ends; raises NotFound."""
    found = account_store.lock(connection, id)
    if found is None:
        raise absent(id)
    return found


def end_sessions(connection: Connection, id: str, now: datetime, keep: str | None = None) -> int:
    """Sign the account out everywhere, but where its session has the hash `keep`; how many sessions that ended."""
    return tell_ended(connection, account_store.remove_sessions(connection, id, keep), now)


def tell_ended(connection: Connection, sessions: list[Token], now: datetime) -> int:
    if not sessions:
        return 0
    outbox.put(connection, tables.outbox, [announce.token_revoked(session, now) for session in sessions])
    faultpoint("configurator.changed")
    return len(sessions)


def about(account: Account) -> About:
    """As the audit trail has it."""
    return About("account", account.id, account.login)


def _note(connection: Connection, action: Action, author: Author, account: Account, **details: Any) -> None:
    audit.note(connection, action, author.now, author.who, about(account), **details)


def _keep_an_admin(admins: list[Account], without: str) -> None:
    if [admin.id for admin in admins] == [without]:
        raise Conflict("this is the last admin: make somebody else one before", code="last-admin")


def _recipient(connection: Connection, request: AccountRequest, author: Author) -> str:
    id = request.recipient or request.login
    if store.find(connection, tables.recipient, id) is None:
        if request.recipient:
            raise refused([wrong("/recipient", "there is no recipient with the id {id}", code="no-recipient", id=id)])
        addresses = {"email": id} if "@" in id else {}
        draft = {"name": request.name or request.login, "addresses": addresses}
        documents.create(connection, kinds.RECIPIENT, id, draft, author)
    elif owner := account_store.find_recipient(connection, id):
        said = "the inbox of {id} belongs to the account {login}"
        raise refused([wrong("/recipient", said, code="inbox-taken", id=id, login=owner.login)])
    return id


def absent(id: str) -> NotFound:
    return NotFound("no account with the id {id}", code="no-account", id=id)


def login_taken(login: str) -> Conflict:
    said = "there is already an account with the login {login}"
    error = wrong("/login", said, code="login-taken", login=login)
    return Conflict(said, code="login-taken", errors=[error], login=login)
