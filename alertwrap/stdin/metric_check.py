"""Whether a config's metric is what the alert's own schema wants. The schema is trusted as much as the alert is."""

from __future__ import annotations

from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry

from wire.json_text import pointer

_MAX_ERRORS = 5


def complaints(schema: dict[str, Any], metric: Any) -> list[str]:
    """Each mistake with its place; nothing is ever fetched. A schema that cannot be applied complains of nothing."""
    try:
        errors = Draft202012Validator(schema, registry=Registry()).iter_errors(metric)
        return [f"/metric{pointer(tuple(one.absolute_path))}: {one.message}" for one in islice(errors, _MAX_ERRORS)]
    except Exception:  # a schema with a mistake must not keep its alert from its configs
        return []
