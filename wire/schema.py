"""The JSON Schemas (2020-12) of everything that travels: `python -m wire.schema docs/schema` writes them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from wire.config import Config
from wire.event import Event
from wire.message import Message
from wire.notice import Notice
from wire.recipient import Recipient

MODELS: tuple[type[BaseModel], ...] = (Event, Config, Notice, Recipient, Message)


def schemas() -> dict[str, str]:
    """File name → JSON text, for each model that travels; what a receiver accepts, aliases left out."""
    found = {}
    for model in MODELS:
        schema = model.model_json_schema(mode="validation", by_alias=False)
        document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        found[f"{model.__name__.lower()}.json"] = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return found


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (directory / name).write_text(text, "utf-8")
