"""The judge without the act: what a create or an update would refuse, and what it would take but should not.

Sync functions over a Connection; nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from configurator import changes, kinds, store, tables
from configurator.hints import Hint, hints, named
from configurator.kinds import Draft
from configurator.store import Document
from service_kit.problems import FieldError, Problem, errors_of


@dataclass(frozen=True)
class Verdict:
    """`errors` refuse the config, `hints` do not."""

    errors: tuple[FieldError, ...]
    hints: tuple[Hint, ...]


def judge(connection: Connection, draft: Draft) -> Verdict:
    """What is to be said of a config before it is sent. A `revision` in it is the server's, and not looked at."""
    draft = {name: value for name, value in draft.items() if name != "revision"}
    try:
        checked = changes.checked(kinds.CONFIG, str(draft.get("id")), draft)
        kinds.CONFIG.check(connection, checked)
    except Problem as problem:
        return Verdict((*errors_of(problem), *_of_the_metric(connection, draft, problem)), ())
    return Verdict((), tuple(hints(checked, _recipients(connection, [checked]))))


def troubled(connection: Connection, documents: Iterable[Document]) -> list[tuple[Document, Verdict]]:
    """Those of the configs that would be refused today, or of which there is something to be said."""
    drafts = [(document, json.loads(document.body)) for document in documents]
    recipients = _recipients(connection, [draft for _, draft in drafts])
    verdicts = [(document, _now(connection, draft, recipients)) for document, draft in drafts]
    return [(document, verdict) for document, verdict in verdicts if verdict.errors or verdict.hints]


def _now(connection: Connection, draft: Draft, recipients: dict[str, Draft]) -> Verdict:
    """A stored config against the schema that its alert has now."""
    try:
        kinds.CONFIG.check(connection, draft)
    except Problem as problem:
        return Verdict(errors_of(problem), tuple(hints(draft, recipients)))
    return Verdict((), tuple(hints(draft, recipients)))


def _of_the_metric(connection: Connection, draft: Draft, refusal: Problem) -> tuple[FieldError, ...]:
    """A mistake elsewhere must not hide those of the metric: they are corrected in one go."""
    name, metric = draft.get("name"), draft.get("metric")
    told = any(error.path.startswith("/metric") for error in refusal.errors)
    if told or not isinstance(name, str) or not isinstance(metric, dict):
        return ()
    try:
        kinds.CONFIG.check(connection, {"name": name, "metric": metric})
    except Problem as problem:
        return errors_of(problem)
    return ()


def _recipients(connection: Connection, drafts: Iterable[Draft]) -> dict[str, Draft]:
    ids = {name for draft in drafts for name in named(draft)}
    return {one.id: json.loads(one.body) for one in store.find_all(connection, tables.recipient, ids)}
