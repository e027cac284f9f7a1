"""Export and import: configs and recipients as one document, for those who keep them in files.

Import is a plan first: what each item would do. It is applied whole or not at all, and only while it still is the plan.
Sync functions over a Connection.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection

from configurator import changes, kinds, store
from configurator.announce import entity
from configurator.author import Author
from configurator.difference import Difference, differences
from configurator.hints import Hint
from configurator.judge import judge
from configurator.kinds import Draft, Kind
from configurator.preconditions import ANY, Precondition
from service_kit.problems import FieldError, Invalid, PreconditionFailed, Problem, errors_of, wrong
from wire.json_text import pointer

#: Recipients first: who is named should be there.
KINDS = (kinds.RECIPIENT, kinds.CONFIG)

Outcome = Literal["created", "changed", "unchanged", "deleted", "refused"]


@dataclass(frozen=True)
class Item:
    """What becomes of one item. `place` is its JSON Pointer in the document, `draft` what it would be."""

    kind: Kind
    id: str
    name: str
    outcome: Outcome
    place: str
    revision: int | None = None
    draft: Draft = field(default_factory=dict)
    changes: tuple[Difference, ...] = ()
    errors: tuple[FieldError, ...] = ()
    hints: tuple[Hint, ...] = ()


def export(connection: Connection, name: str | None = None) -> dict[str, Any]:
    """Every recipient and config, or the configs of one alert alone; as import takes them."""
    recipients = _all(connection, kinds.RECIPIENT, {}) if name is None else []
    configs = _all(connection, kinds.CONFIG, {} if name is None else {"name": name})
    return {"version": 1, "recipients": recipients, "configs": configs}


def plan(connection: Connection, document: Draft, prune: bool) -> list[Item]:
    """What importing `document` would do. With `prune` the configs that it does not name are deleted."""
    items = [item for kind in KINDS for item in _planned(connection, kind, document.get(kind.name + "s") or [])]
    return items + (list(_pruned(connection, items)) if prune else [])


def tag(items: list[Item]) -> str:
    """Names a plan: another tag when anything that it rests on has changed."""
    rests_on = [[item.kind.name, item.id, item.outcome, item.revision, item.draft] for item in items]
    return hashlib.sha256(json.dumps(rests_on).encode()).hexdigest()[:32]


def apply(
    connection: Connection, document: Draft, prune: bool, seen: Collection[str] | None, author: Author
) -> list[Item]:
    """Do what the plan says, all of it. Raises Invalid when an item is refused, PreconditionFailed when `seen` has
    only the tags of other plans."""
    items = plan(connection, document, prune)
    if seen is not None and tag(items) not in seen:
        said = "something was changed since the plan was made: look at the new plan"
        raise PreconditionFailed(said, code="other-plan")
    errors = [error.under(item.place) for item in items for error in item.errors]
    if errors:
        said = "nothing was imported: {count} things are wrong"
        raise Invalid(said, code="nothing-imported", errors=errors, count=len(errors))
    for item in items:
        _do(connection, item, author)
    return items


def _all(connection: Connection, kind: Kind, filters: dict[str, Any]) -> list[dict[str, Any]]:
    """Every document as it is, without its revision, which counts only here."""
    found = store.page(connection, kind.table, None, None, filters)
    entities = [entity(kind.name, document) for document in found]
    return [{name: value for name, value in one.items() if name != "revision"} for one in entities]


def _planned(connection: Connection, kind: Kind, drafts: list[Draft]) -> Iterator[Item]:
    seen: set[str] = set()
    for index, draft in enumerate(drafts):
        place = pointer((kind.name + "s", index))
        yield _plan_one(connection, kind, draft, place, seen)


def _plan_one(connection: Connection, kind: Kind, draft: Draft, place: str, seen: set[str]) -> Item:
    id, name = str(draft.get("id") or ""), str(draft.get("name") or "")
    if not id or id in seen:
        return Item(kind, id, name, "refused", place, errors=(_wrong_id(id),))
    seen.add(id)
    draft = {name: value for name, value in draft.items() if name != "revision"}
    try:
        checked = changes.checked(kind, id, draft)
        kind.check(connection, checked)
    except Problem as problem:
        return Item(kind, id, name, "refused", place, errors=errors_of(problem))
    return _compared(connection, kind, id, checked, place)


def _wrong_id(id: str) -> FieldError:
    if id:
        return wrong("/id", "expected each id once", code="id-twice")
    return wrong("/id", "expected an id: without it the next import makes another one", code="no-id")


def _compared(connection: Connection, kind: Kind, id: str, draft: Draft, place: str) -> Item:
    hints = judge(connection, draft).hints if kind is kinds.CONFIG else ()
    found = store.find(connection, kind.table, id)
    if found is None:
        return Item(kind, id, draft["name"], "created", place, None, draft, hints=hints)
    changed = tuple(differences(json.loads(found.body), draft))
    outcome: Outcome = "changed" if changed else "unchanged"
    return Item(kind, id, draft["name"], outcome, place, found.revision, draft, changed, hints=hints)


def _pruned(connection: Connection, items: list[Item]) -> Iterator[Item]:
    kept = {item.id for item in items if item.kind is kinds.CONFIG}
    for document in store.page(connection, kinds.CONFIG.table, None, None, {}):
        if document.id not in kept:
            name = json.loads(document.body)["name"]
            yield Item(kinds.CONFIG, document.id, name, "deleted", "", document.revision)


def _do(connection: Connection, item: Item, author: Author) -> None:
    if item.outcome == "created":
        changes.create(connection, item.kind, item.id, item.draft, author)
    elif item.outcome == "changed":
        still = Precondition(frozenset({str(item.revision)}))
        changes.change(connection, item.kind, item.id, still, lambda _: item.draft, author)
    elif item.outcome == "deleted":
        changes.remove(connection, item.kind, item.id, ANY, author)
