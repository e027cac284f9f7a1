"""What a provider said, made fit to be stored and shown: no secret of ours, nothing a database cannot hold, short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel

from service_kit.secrets import Secret, mask

#: Of a provider's answer, in characters.
MAX_ANSWER = 2048
#: Before it is searched for secrets: a secret across the later cut must still be found whole.
_MAX_SEARCHED = 16 * MAX_ANSWER
#: Shorter ones would star out ordinary words.
_MIN_SECRET = 4


def cleaner(*settings: BaseModel | Secret | None) -> Callable[[str], str]:
    """A function that cleans texts of every secret in `settings`."""
    secrets = {text for one in settings for text in _secrets(one) if len(text) >= _MIN_SECRET}
    ordered = sorted(secrets, key=len, reverse=True)

    def clean(text: str) -> str:
        text = text[:_MAX_SEARCHED].replace("\x00", "�").encode("utf-8", "replace").decode()
        for secret in ordered:
            text = text.replace(secret, "***")
        return mask(text)[:MAX_ANSWER]

    return clean


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, Secret):
        text = value.get_secret_value()
        yield text
        if "://" in text and (password := urlsplit(text).password):
            yield from (password, unquote(password))
    elif isinstance(value, BaseModel):
        for field in type(value).model_fields:
            yield from _secrets(getattr(value, field))
    elif isinstance(value, tuple):
        for item in value:
            yield from _secrets(item)
