"""Changes: the document, its revision and its event, all in the one transaction that the caller has open.

Every function is sync over a Connection, and raises the problem that the client sees.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from configurator import announce, jwts, store, tables
from configurator.author import Author
from configurator.kinds import KINDS, Draft, Kind
from configurator.preconditions import Precondition
from configurator.store import Document, Revision
from service_kit import outbox
from service_kit.faults import faultpoint
from service_kit.problems import Conflict, NotFound, PreconditionFailed, TooLarge, invalid_model, refused, wrong

#: Bytes of one document. All configs of an alert travel in one line of 1 MiB at most.
MAX_DOCUMENT = 256 * 1024


def create(
    connection: Connection, kind: Kind, id: str, draft: Draft, author: Author, action: str = "created"
) -> tuple[Document, bool]:
    """(the document, whether it is new). Creating the same again changes nothing; raises Conflict on another body."""
    draft = checked(kind, id, draft)
    body = _text(draft)
    found = store.find(connection, kind.table, id)
    if found is None:
        kind.check(connection, draft)
        number = store.last_revision(connection, kind.name, id) + 1
        document = Document(id, number, body, author.now, author.now)
        if store.add(connection, kind.table, document, kind.columns(draft)):
            _record(connection, kind, document, action, author)
            return document, True
        found = store.find(connection, kind.table, id)
    if found is None or found.body != body:
        said = "there is already a {kind} with the id {id}, and it differs"
        raise Conflict(said, code="differs", kind=kind.name, id=id)
    return found, False


def change(
    connection: Connection,
    kind: Kind,
    id: str,
    precondition: Precondition,
    edit: Callable[[Draft], Draft],
    author: Author,
    action: str = "updated",
) -> Document:
    """Replace a document by what `edit` makes of it; making the same of it changes nothing.

    Raises NotFound, PreconditionFailed or Invalid.
    """
    old = _existing(connection, kind, id)
    precondition.require(old.revision)
    draft = checked(kind, id, edit(json.loads(old.body)))
    body = _text(draft)
    if body == old.body:
        return old
    kind.check(connection, draft)
    # A clock that was set back must not make a change look like a creation.
    at = max(author.now, old.updated_at + timedelta(microseconds=1))
    document = Document(id, old.revision + 1, body, old.created_at, at)
    if not store.replace(connection, kind.table, document, kind.columns(draft), old.revision):
        raise _overtaken()
    _record(connection, kind, document, action, author)
    return document


def remove(connection: Connection, kind: Kind, id: str, precondition: Precondition, author: Author) -> None:
    """Delete a document; its revisions stay. Raises NotFound or PreconditionFailed."""
    old = _existing(connection, kind, id)
    precondition.require(old.revision)
    if not store.remove(connection, kind.table, id, old.revision):
        raise _overtaken()
    number = old.revision + 1
    store.add_revision(connection, kind.name, _revision(id, number, "deleted", None, author))
    kind.removed(connection, id, author)
    if kind.told:
        outbox.put(connection, tables.outbox, [announce.deleted(kind.name, id, number, author.now)])
    faultpoint("configurator.changed")


def restore(
    connection: Connection, kind: Kind, id: str, number: int, precondition: Precondition, author: Author
) -> Document:
    """Make revision `number` the newest again, even of a deleted document. Raises NotFound, Conflict or Invalid."""
    old = store.find_revision(connection, kind.name, id, number)
    if old is None:
        said = "no revision {number} of a {kind} {id}"
        raise NotFound(said, code="no-revision", number=number, kind=kind.name, id=id)
    if old.body is None:
        raise Conflict("revision {number} is the deletion: restore one before it", code="is-deletion", number=number)
    draft = json.loads(old.body)
    if store.find(connection, kind.table, id) is None:
        return create(connection, kind, id, draft, author, "restored")[0]
    return change(connection, kind, id, precondition, lambda _: draft, author, "restored")


def put(
    connection: Connection, kind: Kind, id: str, draft: Draft, precondition: Precondition, author: Author
) -> tuple[Document, bool]:
    """Create or replace; (the document, whether it is new). Who names a revision has read it: then it must be there."""
    if store.find(connection, kind.table, id) is None:
        precondition.require_none()
        return create(connection, kind, id, draft, author)
    return change(connection, kind, id, precondition, lambda _: draft, author), False


def tell_all(connection: Connection) -> int:
    """Put the whole current state into the outbox again, so that a notifier that lost its journal learns it.

    Returns how many events were added: not those that wait there already.
    """
    events = [announce.token_created(token) for token in store.lock_tokens(connection)]
    events += [announce.jwts_revoked(recipient, since) for recipient, since in jwts.revoked(connection)]
    for kind in KINDS:
        if kind.told:
            events += [announce.changed(kind.name, document) for document in store.lock_all(connection, kind.table)]
    waiting = store.waiting_events(connection)
    missing = [event for event in events if event.model_dump_json(exclude_none=True) not in waiting]
    outbox.put(connection, tables.outbox, missing)
    return len(missing)


def _record(connection: Connection, kind: Kind, document: Document, action: str, author: Author) -> None:
    revision = _revision(document.id, document.revision, action, document.body, author)
    store.add_revision(connection, kind.name, revision)
    if kind.told:
        outbox.put(connection, tables.outbox, [announce.changed(kind.name, document)])
    faultpoint("configurator.changed")


def _revision(id: str, number: int, action: str, body: str | None, author: Author) -> Revision:
    return Revision(id, number, action, body, author.now, author.who.id, author.who.name)


def _existing(connection: Connection, kind: Kind, id: str) -> Document:
    found = store.find(connection, kind.table, id)
    if found is None:
        raise absent(kind, id)
    return found


def absent(kind: Kind, id: str) -> NotFound:
    return NotFound("no {kind} with the id {id}", code="absent", kind=kind.name, id=id)


def _overtaken() -> PreconditionFailed:
    return PreconditionFailed("it was changed meanwhile: read it again", code="changed-meanwhile")


def checked(kind: Kind, id: str, draft: Draft) -> Draft:
    """The draft with every default filled in, without its id; raises Invalid or TooLarge."""
    try:
        checked = kind.draft.model_validate_json(_text(draft))
    except ValidationError as error:
        raise invalid_model(error) from None
    if getattr(checked, "id", None) not in (None, id):
        raise refused([wrong("/id", "expected {id} or none", code="other-id", id=id)])
    return checked.model_dump(mode="json", exclude={"id"})


def _text(value: Any) -> str:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except ValueError:
        raise refused([wrong("", "expected a finite number", code="infinite-number")]) from None
    if len(text.encode("utf-8", "surrogatepass")) > MAX_DOCUMENT:
        raise TooLarge("expected a document of at most {most} bytes", code="large-document", most=MAX_DOCUMENT)
    return text
