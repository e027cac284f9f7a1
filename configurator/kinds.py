"""What differs between configs, recipients and alerts; everything else about documents is the same for all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, Table

from configurator import account_store, jwts, metric_schema, store, tables, tokens
from configurator.author import Author
from configurator.drafts import AlertDraft, ConfigDraft, RecipientDraft
from service_kit.problems import FieldError, refused

Draft = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """`name` is also the topic of its events, unless it is not `told`.

    `columns` are the columns of their own that its table has. `check` refuses a draft (raises Invalid), `removed`
    does what else must go when a document is deleted; both in the transaction of the change.
    """

    name: str
    table: Table
    draft: type[BaseModel]
    told: bool
    columns: Callable[[Draft], dict[str, Any]]
    check: Callable[[Connection, Draft], None]
    removed: Callable[[Connection, str, Author], None]


def _fits_the_alert(connection: Connection, draft: Draft) -> None:
    """Raise Invalid where the metric breaks the schema that the config's alert registered, if it did."""
    alert = store.find(connection, tables.alert, draft["name"])
    schema = json.loads(alert.body)["metric_schema"] if alert else None
    _refuse(metric_schema.metric_errors(schema, draft["metric"]) if schema is not None else [])


def _is_a_safe_schema(_: Connection, draft: Draft) -> None:
    schema = draft["metric_schema"]
    found = metric_schema.schema_errors(schema) if schema is not None else []
    _refuse([error.under("/metric_schema") for error in found])


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise refused(errors)


def _shut_out(connection: Connection, recipient: str, author: Author) -> None:
    """Else whoever gets this id next would find their inbox open to the one before.

    Their account stays, without an inbox.
    """
    account_store.unlink(connection, recipient)
    tokens.tell_revoked(connection, store.remove_tokens_of(connection, recipient), author)
    jwts.revoke(connection, recipient, author)


CONFIG = Kind(
    name="config",
    table=tables.config,
    draft=ConfigDraft,
    told=True,
    columns=lambda draft: {"name": draft["name"], "enabled": draft["enabled"]},
    check=_fits_the_alert,
    removed=lambda *_: None,
)
RECIPIENT = Kind(
    name="recipient",
    table=tables.recipient,
    draft=RecipientDraft,
    told=True,
    columns=lambda _: {},
    check=lambda *_: None,
    removed=_shut_out,
)
ALERT = Kind(
    name="alert",
    table=tables.alert,
    draft=AlertDraft,
    told=False,
    columns=lambda _: {},
    check=_is_a_safe_schema,
    removed=lambda *_: None,
)
KINDS = (CONFIG, RECIPIENT, ALERT)
