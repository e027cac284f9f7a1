"""What the others hear of a change. Pure: from a row to the event that tells of it.

An event's id follows from its content, so telling again (after a crash, at each start) is known for what it is.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any, Literal

from configurator.store import Document, Token
from service_kit.auth import jwts_key
from wire.event import Event
from wire.times import rfc3339

_NAMESPACE = uuid.UUID("5a4c9d0e-6c2b-5e0f-9a53-3f1d7f1d6c11")
_REVOKED = 2

Action = Literal["created", "updated", "deleted"]


def entity(kind: str, document: Document) -> dict[str, Any]:
    """A document as the wire has it; an alert's id is its name, and a config carries its revision."""
    identity = "name" if kind == "alert" else "id"
    own = {"revision": document.revision} if kind == "config" else {}
    return {identity: document.id, **json.loads(document.body), **own}


def token_entity(token: Token) -> dict[str, Any]:
    """A token as the services learn it."""
    return {
        "id": token.id,
        "name": token.name,
        "scopes": token.scopes.split(),
        "recipient": token.recipient,
        "expires_at": rfc3339(token.expires_at) if token.expires_at else None,
        **({"account": token.account} if token.account else {}),
    }


def changed(kind: str, document: Document) -> Event:
    """The document is as it says."""
    action: Action = "created" if document.created_at == document.updated_at else "updated"
    return _event(kind, document.id, document.revision, action, entity(kind, document), document.updated_at)


def deleted(kind: str, id: str, revision: int, at: datetime) -> Event:
    """The document is gone; the deletion has a revision of its own."""
    return _event(kind, id, revision, "deleted", None, at)


def token_created(token: Token) -> Event:
    return _event("token", token.hash, 1, "created", token_entity(token), token.created_at)


def token_revoked(token: Token, at: datetime) -> Event:
    return _event("token", token.hash, _REVOKED, "deleted", None, at)


def jwts_revoked(recipient: str, since: datetime) -> Event:
    """Those of a recipient's JWT that were issued before `since` open nothing any more."""
    key, data = jwts_key(recipient), {"recipient": recipient, "jwts_since": rfc3339(since)}
    return _event("token", key, 1, "updated", data, since)


def never_was(topic: str, key: str, at: datetime) -> Event:
    """There is nothing under this key."""
    return _event(topic, key, _REVOKED, "deleted", None, at)


def use_forgotten(token: Token, at: datetime) -> Event:
    """Nobody needs to know any more when it was last used."""
    return _event("token_use", token.id, _REVOKED, "deleted", None, at)


def _event(topic: str, key: str, revision: int, action: Action, data: dict[str, Any] | None, at: datetime) -> Event:
    event = Event(topic=topic, key=key, action=action, data=data, at=at)
    name = f"{topic}/{key}/{revision}/{event.model_dump_json()}"
    return event.model_copy(update={"id": str(uuid.uuid5(_NAMESPACE, name))})
