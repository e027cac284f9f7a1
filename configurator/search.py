"""What a list of configs is narrowed to beyond its columns. Looks into the documents."""

from __future__ import annotations

import json
from dataclasses import dataclass

from configurator.hints import named
from configurator.store import Document


@dataclass(frozen=True)
class Search:
    """Takes a document or not; what is empty takes all. `text` is looked for in every script, in either case."""

    text: str = ""
    channel: str | None = None
    recipient: str | None = None

    def __call__(self, document: Document) -> bool:
        if self.text and self.text.casefold() not in f"{document.id} {document.body}".casefold():
            return False
        if self.channel is None and self.recipient is None:
            return True
        config = json.loads(document.body)
        of_channel = self.channel is None or self.channel in config["channel"]
        return of_channel and (self.recipient is None or self.recipient in named(config))
