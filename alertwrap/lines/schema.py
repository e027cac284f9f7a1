"""The protocol as JSON Schema (2020-12): `python -m alertwrap.lines.schema docs/protocol` writes it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from alertwrap.lines.said import SAID
from alertwrap.lines.told import TOLD
from wire.notice import Notice


def schemas() -> dict[str, str]:
    """File name → JSON text, for each direction."""
    return {
        "from-alert.json": _text("What an alert prints, one object a line", _from_alert()),
        "to-alert.json": _text("What an alert reads, one object a line", _any_of(TOLD.values())),
    }


def _from_alert() -> dict[str, Any]:
    """A line without a `type`, or with `notice`, is a notice; what is unknown in it moves into its `data`."""
    found = _any_of([Notice, *SAID.values()])
    notice = found["$defs"]["Notice"]
    notice["properties"] |= {"type": {"enum": ["notice", None]}, "seq": {"type": "integer", "minimum": 0}}
    notice["required"] = []
    notice["anyOf"] = [{"required": [name]} for name in ("title", "message", "key")]
    notice["additionalProperties"] = True
    return found


def _any_of(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    places, document = models_json_schema([(model, "validation") for model in models])
    return {"anyOf": list(places.values()), "$defs": document["$defs"]}


def _text(title: str, schema: Mapping[str, Any]) -> str:
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (directory / name).write_text(text, "utf-8")
